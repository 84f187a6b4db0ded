package dev.replicator.it.contract;

import static dev.replicator.it.contract.ContractDatabase.batch;
import static dev.replicator.it.contract.ContractTable.ABSENT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.error.ReplicatorException.Kind;
import dev.replicator.it.contract.ContractServer.Place;
import dev.replicator.model.Chunk;
import dev.replicator.model.Operation;
import dev.replicator.model.Positions;
import dev.replicator.spi.Target;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Kafka 4.3, one broker; without any topic for each test. */
final class KafkaTargetIT extends TargetContract {
    private static final String STOCK = "bard.public.stock";
    private static final String PROGRESS = "_replicator.bard.copy";
    private static final Duration FEW_TIMEOUTS = Duration.ofSeconds(30);
    private static @Nullable KafkaServer server;

    private final ContractTable stock = new ContractTable(0, "stock", 1, "id int4", "price numeric", "note text");

    @BeforeAll
    static void start() {
        server = new KafkaServer();
    }

    @AfterAll
    static void close() {
        if (server != null) {
            server.close();
        }
    }

    private static KafkaServer kafka() {
        return Objects.requireNonNull(server);
    }

    @Override
    protected ContractServer server() {
        return new KafkaRows(kafka());
    }

    private void write(ContractDatabase database, Operation... operations) {
        try (Target target = database.open(stock)) {
            target.start();
            target.write(batch(1, operations));
        }
    }

    private ReplicatorException refusal(ContractDatabase database, Operation... operations) {
        return Objects.requireNonNull(
                catchThrowableOfType(ReplicatorException.class, () -> write(database, operations)));
    }

    private static List<ConsumerRecord<String, @Nullable String>> messages() {
        return new KafkaRows(kafka()).messages(STOCK);
    }

    private static void create(String topic, int partitions, Map<String, String> settings) {
        try {
            kafka().admin()
                    .createTopics(
                            List.of(new NewTopic(topic, Optional.of(partitions), Optional.empty()).configs(settings)))
                    .all()
                    .get();
        } catch (InterruptedException | ExecutionException e) {
            throw new AssertionError(e);
        }
    }

    @Tag("full")
    @Test
    void theProgramWritesWholeRowsAndStopsAtOneThatIsNotWhole() {
        Place place = server().fresh();
        try (KafkaProgram program = new KafkaProgram(new KafkaRows(kafka()), place)) {
            program.writesWholeRows();
            program.stopsAtARowThatIsNotWhole();
            program.isRemoved();
        }
    }

    @Tag("full")
    @Test
    void theProgramGoesOnAfterOutagesAndKills() {
        Place place = server().fresh();
        try (KafkaProgram program = new KafkaProgram(new KafkaRows(kafka()), place)) {
            program.writesWholeRows();
            program.goesOnAfterAnOutage();
            program.goesOnAfterAKill();
        }
    }

    @Test
    void afterTheFirstMessageThatFailsNoneIsWaitedFor() {
        ContractDatabase database = database("timeout: 1s");
        try (Target target = database.open(stock)) {
            target.start();
            kafka().delete(STOCK);
            ReplicatorException lost = Objects.requireNonNull(catchThrowableOfType(
                    ReplicatorException.class,
                    () -> assertTimeout(FEW_TIMEOUTS, () -> target.write(batch(1, large(200))))));
            assertThat(lost.kind()).as(lost.formatted()).isEqualTo(Kind.RETRYABLE);
        }
        try (Target target = database.open(stock)) {
            target.start();
            target.write(batch(1, stock.upsert("1", "1", null)));
        }
        assertThat(rows(database, stock)).containsOnlyKeys("1");
    }

    @Test
    void messagesAreThoseOfDebezium() {
        write(
                database(),
                stock.upsert("1", "1.50", null),
                stock.delete("1"),
                Operation.truncate(stock.table()),
                stock.upsert("2", "NaN", "two"));
        List<ConsumerRecord<String, @Nullable String>> messages = messages();
        assertThat(messages)
                .extracting(ConsumerRecord::key)
                .containsExactly("{\"id\":1}", "{\"id\":1}", "{\"id\":1}", null, "{\"id\":2}");
        assertThat(messages.get(2).value()).isNull();
        List<String> changes = new ArrayList<>();
        for (ConsumerRecord<String, @Nullable String> message : messages) {
            if (message.value() != null) {
                ObjectNode change = (ObjectNode) KafkaRows.json(message.value());
                JsonNode source = change.remove("source");
                assertThat(source.path("ts_ms").asLong()).isPositive();
                assertThat(((ObjectNode) source)
                                .without(List.of("ts_ms", "version"))
                                .toString())
                        .isEqualTo(
                                "{\"connector\":\"replicator\",\"name\":\"bard\",\"snapshot\":\"false\",\"db\":\"shake1\","
                                        + "\"schema\":\"public\",\"table\":\"stock\"}");
                assertThat(change.remove("ts_ms").asLong()).isPositive();
                changes.add(change.toString());
            }
        }
        assertThat(changes)
                .containsExactly(
                        "{\"before\":null,\"after\":{\"id\":1,\"price\":\"1.50\",\"note\":null},"
                                + "\"transaction\":{\"id\":\"bard-1-1\",\"total_order\":1,\"data_collection_order\":1},"
                                + "\"op\":\"u\"}",
                        "{\"before\":{\"id\":1},\"after\":null,\"transaction\":{\"id\":\"bard-1-1\",\"total_order\":2,"
                                + "\"data_collection_order\":2},\"op\":\"d\"}",
                        "{\"before\":null,\"after\":null,\"transaction\":{\"id\":\"bard-1-1\",\"total_order\":3,"
                                + "\"data_collection_order\":3},\"op\":\"t\"}",
                        "{\"before\":null,\"after\":{\"id\":2,\"price\":\"NaN\",\"note\":\"two\"},"
                                + "\"transaction\":{\"id\":\"bard-1-1\",\"total_order\":4,\"data_collection_order\":4},"
                                + "\"op\":\"u\"}");
    }

    @Test
    void whatIsAskedForIsWrittenOtherwise() {
        write(
                database(
                        "tombstones: false",
                        "upsert_op: c",
                        "topic: \"{table}-{database}\"",
                        "client: \"compression.type=zstd\"",
                        "incomplete_rows: placeholder"),
                stock.upsert("1", "1", "one"),
                stock.update("1", "2", ABSENT),
                stock.delete("1"));
        List<String> changes = new ArrayList<>();
        for (ConsumerRecord<String, @Nullable String> message : new KafkaRows(kafka()).messages("stock-copy")) {
            JsonNode change = KafkaRows.json(message.value());
            changes.add(change.path("op").asText() + change.path("after"));
        }
        assertThat(changes)
                .containsExactly(
                        "c{\"id\":1,\"price\":\"1\",\"note\":\"one\"}",
                        "c{\"id\":1,\"price\":\"2\",\"note\":\"__debezium_unavailable_value\"}",
                        "dnull");
    }

    @Test
    void theMessagesOfARowAreInOnePartitionAndATruncateIsInAll() {
        ContractDatabase database = database("partitions: 3");
        List<Operation> operations = new ArrayList<>();
        for (int round = 0; round < 2; round++) {
            for (int i = 0; i < 60; i++) {
                operations.add(stock.upsert(String.valueOf(i), String.valueOf(round), null));
            }
        }
        operations.add(Operation.truncate(stock.table()));
        operations.add(stock.upsert("7", "7", null));
        write(database, operations.toArray(Operation[]::new));
        Map<String, Integer> partitions = new HashMap<>();
        int truncations = 0;
        for (ConsumerRecord<String, @Nullable String> message : messages()) {
            if (message.key() == null) {
                truncations++;
            } else {
                assertThat(partitions.merge(message.key(), message.partition(), (one, other) -> other))
                        .isEqualTo(partitions.get(message.key()));
            }
        }
        assertThat(truncations).isEqualTo(3);
        assertThat(partitions.values()).contains(0, 1, 2);
        assertThat(rows(database, stock)).containsOnlyKeys("7");
    }

    @Test
    void whereTopicsAreNotCreatedTheErrorSaysHowToMakeThem() {
        ContractDatabase database = database("create_topics: false", "partitions: 2");
        ReplicatorException missing = refusal(database, stock.upsert("1", "1", null));
        assertThat(missing.code()).isEqualTo(ErrorCode.TABLE);
        assertThat(missing.detail()).isEqualTo("Missing: " + STOCK + ", " + PROGRESS + ".");
        Matcher command = Pattern.compile("kafka-topics.sh [^;]* --topic (\\S+) --partitions (\\d+)([^;]*);")
                .matcher(Objects.requireNonNull(missing.hint()));
        while (command.find()) {
            Map<String, String> settings = new HashMap<>();
            Matcher setting = Pattern.compile("--config ([^=]+)=(\\S+)").matcher(command.group(3));
            while (setting.find()) {
                settings.put(setting.group(1), setting.group(2));
            }
            create(command.group(1), Integer.parseInt(command.group(2)), settings);
        }
        write(database, stock.upsert("1", "1", null));
        assertThat(rows(database, stock)).containsOnlyKeys("1");
    }

    @Test
    void aTopicThatForgetsIsNotTrustedWithTheProgress() {
        ContractDatabase database = database();
        create(PROGRESS, 1, Map.of());
        ReplicatorException refused = refusal(database, stock.upsert("1", "1", null));
        assertThat(refused.code()).isEqualTo(ErrorCode.SERVER_SETTING);
        assertThat(refused.hint()).contains("--add-config cleanup.policy=compact");
    }

    @Test
    void aCompactedTopicTakesEverythingButATruncate() {
        ContractDatabase database = database();
        create(STOCK, 1, Map.of("cleanup.policy", "compact"));
        write(database, stock.upsert("1", "1", null), stock.upsert("2", "2", null), stock.delete("1"));
        ReplicatorException refused = refusal(database, stock.delete("2"), Operation.truncate(stock.table()));
        assertThat(refused.kind()).isEqualTo(Kind.FATAL);
        assertThat(refused.hint()).as(refused.formatted()).contains("leave truncate out");
        assertThat(rows(database, stock)).containsOnlyKeys("2");
    }

    @Test
    void largeMessagesPassWhereTheyAreAllowed() {
        ContractDatabase database = database("max_message: 4MiB");
        write(database, stock.upsert("1", "1", "x".repeat(3 << 20)));
        assertThat(rows(database, stock)).containsOnlyKeys("1");
    }

    @Test
    void aUserHasToBeKnown() {
        String url = database().place().url().replace(kafka().brokers(), kafka().saslBrokers());
        ContractDatabase database =
                new ContractDatabase(folder(), new Place(url, "replicator", "sec\\\"ret"), "timeout: 5s");
        write(database, stock.upsert("1", "1", null));
        assertThat(rows(database, stock)).containsOnlyKeys("1");
        ReplicatorException refused =
                refusal(new ContractDatabase(folder(), new Place(url, "replicator", "secret"), "timeout: 5s"));
        assertThat(refused.code()).as(refused.formatted()).isEqualTo(ErrorCode.AUTHENTICATION);
        assertThat(refused.formatted()).doesNotContain("secret");
    }

    @Test
    void whatTheGuaranteesStandOnIsNotTheUsers() {
        ReplicatorException refused = refusal(database("client: \"acks=1\\nlinger.ms=3\""));
        assertThat(refused.code()).isEqualTo(ErrorCode.CONFIGURATION);
        assertThat(refused.detail()).contains("acks").doesNotContain("linger");
        assertThat(refusal(database("client: \"security.protocol=NONE\"")).code())
                .isEqualTo(ErrorCode.CONFIGURATION);
        ReplicatorException longer = refusal(database("transaction_timeout: 1h"));
        assertThat(longer.hint()).as(longer.formatted()).contains("transaction.max.timeout.ms");
    }

    @Test
    void aTransactionThatTakesTooLongIsNoTakeover() {
        ContractDatabase database = database("transaction_timeout: 500ms", "timeout: 5s");
        long fence;
        try (Target target = database.open(stock)) {
            fence = target.start().fence();
            target.write(batch(1, stock.upsert("1", "1", null)));
            ReplicatorException late = Objects.requireNonNull(catchThrowableOfType(
                    ReplicatorException.class,
                    () -> target.write(batch(
                            2,
                            () -> new Waiting(
                                    List.of(ContractDatabase.chunk(large(500))).iterator())))));
            assertThat(late.kind()).as(late.formatted()).isEqualTo(Kind.RETRYABLE);
            assertThat(late.hint()).contains("transaction_timeout");
        }
        try (Target target = database.open(stock)) {
            assertThat(target.start(fence).held()).isEqualTo(Positions.of(100));
        }
        assertThat(rows(database, stock)).containsOnlyKeys("1");
    }

    /** More than the client holds back. */
    private Operation[] large(int rows) {
        Operation[] operations = new Operation[rows];
        for (int i = 0; i < rows; i++) {
            operations[i] = stock.upsert(String.valueOf(i), "2", "x".repeat(1000));
        }
        return operations;
    }

    /** Ends only when the broker has given the transaction up. */
    private record Waiting(Iterator<Chunk> chunks) implements Iterator<Chunk> {
        @Override
        public boolean hasNext() {
            if (chunks.hasNext()) {
                return true;
            }
            Awaitility.await()
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> kafka().admin()
                                    .describeTransactions(List.of("replicator.bard.copy"))
                                    .description("replicator.bard.copy")
                                    .get()
                                    .state()
                            == TransactionState.COMPLETE_ABORT);
            return false;
        }

        @Override
        public Chunk next() {
            return chunks.next();
        }
    }
}
