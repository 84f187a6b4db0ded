package dev.replicator.it.contract;

import static dev.replicator.it.contract.ContractDatabase.batch;
import static dev.replicator.it.contract.ContractTable.ABSENT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.error.ReplicatorException.Kind;
import dev.replicator.model.Operation;
import dev.replicator.model.Positions;
import dev.replicator.spi.PauseMark;
import dev.replicator.spi.PauseTarget;
import dev.replicator.spi.Target;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.awaitility.Awaitility;
import org.bson.BsonDocument;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** MongoDB 8.2, a replica set of one; a database and a user of its own for each test. */
@ExtendWith(MongoServer.AtHand.class)
final class MongoTargetIT extends TargetContract {
    private static final String UNIQUE_NOTES =
            "{createIndexes: 'stock', indexes: [{key: {note: 1}, name: 'note_1', unique: true}]}";
    private static final Operation TRUNCATE_NOTHING =
            Operation.truncate(new ContractTable(1, "nothing", 1, "id int4").table());

    private static @Nullable MongoServer server;

    private final ContractTable stock = new ContractTable(0, "stock", 1, "id int4", "price numeric", "note text");

    @BeforeAll
    static void start() {
        server = new MongoServer();
    }

    @AfterAll
    static void close() {
        if (server != null) {
            server.close();
        }
    }

    private static MongoServer mongo() {
        return Objects.requireNonNull(server);
    }

    @Override
    protected ContractServer server() {
        return new MongoRows(mongo(), List.of("nulls: explicit"));
    }

    /** As a batch that is too large for a transaction goes. */
    @Nested
    final class InParts extends TargetContract {
        @Override
        protected ContractServer server() {
            return new MongoRows(mongo(), List.of("transaction_time: 0s", "nulls: absent", "times: text"));
        }

        @Test
        void aBatchThatIsWrittenDownIsFinishedByWhoeverComesNext() {
            ContractDatabase database = database();
            mongo().command(database.place(), UNIQUE_NOTES);
            try (Target target = database.open(stock)) {
                target.start();
                target.write(batch(1, stock.upsert("1", "1", "a"), stock.upsert("2", "1", "b")));
                ReplicatorException refused = failure(() -> target.write(batch(
                        2,
                        stock.upsert("3", "1", "c"),
                        stock.update("2", "(add)5", ABSENT),
                        TRUNCATE_NOTHING,
                        clash())));
                assertThat(refused.kind()).as(refused.formatted()).isEqualTo(Kind.POISON);
                assertThat(refused.detail()).contains("(id)=(4)");
            }
            assertThat(rows(database, stock)).containsOnlyKeys("1", "2", "3");
            try (Target target = database.open()) {
                assertThat(target.held()).isEqualTo(Positions.of(100));
            }
            mongo().command(database.place(), "{dropIndexes: 'stock', index: 'note_1'}");
            try (Target target = database.open(stock)) {
                assertThat(target.start().held()).isEqualTo(Positions.of(200));
            }
            assertThat(rows(database, stock))
                    .isEqualTo(Map.of(
                            "1", List.of("1", "a"),
                            "2", List.of("6", "b"),
                            "3", List.of("1", "c"),
                            "4", List.of("1", "a")));
            assertThat(collection(database, "replicator_progress_redo")).isEmpty();
        }

        private Operation clash() {
            return stock.upsert("4", "1", "a");
        }
    }

    private static List<BsonDocument> collection(ContractDatabase database, String name) {
        return mongo().database(database.place())
                .getCollection(name, BsonDocument.class)
                .find()
                .into(new ArrayList<>());
    }

    private static ReplicatorException failure(ThrowingCallable action) {
        return Objects.requireNonNull(catchThrowableOfType(ReplicatorException.class, action));
    }

    private void write(ContractDatabase database, ContractTable table, Operation... operations) {
        try (Target target = database.open(table)) {
            target.start();
            target.write(batch(1, operations));
        }
    }

    @Test
    void documentsAreAsTheDocumentationSays() {
        ContractTable parts =
                new ContractTable(0, "parts", 2, "code bpchar(3)", "size numeric", "at timestamptz", "v int8");
        ContractDatabase database = database();
        write(
                database,
                parts,
                parts.upsert("x ", "1.50", "2026-11-25 01:02:03.456789+00", null),
                parts.upsert("y", "2", "2026-11-25 01:02:03.456+00", "1"));
        write(database, stock, stock.upsert("1", "1.50", "one"));
        assertThat(collection(database, "parts"))
                .containsExactlyInAnyOrder(
                        BsonDocument.parse("{_id: {code: 'x', size: {$numberDecimal: '1.5'}}, code: 'x ',"
                                + " size: {$numberDecimal: '1.50'}, at: {$date: '2026-11-25T01:02:03.456Z'},"
                                + " at_micros: 789, v: null}"),
                        BsonDocument.parse("{_id: {code: 'y', size: {$numberDecimal: '2'}}, code: 'y',"
                                + " size: {$numberDecimal: '2'}, at: {$date: '2026-11-25T01:02:03.456Z'},"
                                + " v: {$numberLong: '1'}}"));
        assertThat(collection(database, "stock"))
                .containsExactly(BsonDocument.parse("{_id: 1, id: 1, price: {$numberDecimal: '1.50'}, note: 'one'}"));
        ContractDatabase absent = new ContractDatabase(folder(), database.place(), "nulls: absent");
        write(
                absent,
                parts,
                parts.update("x", "1.5000", "2026-11-25 01:02:04+00", ABSENT),
                parts.update("y", "2", null, null));
        assertThat(collection(database, "parts"))
                .containsExactlyInAnyOrder(
                        BsonDocument.parse("{_id: {code: 'x', size: {$numberDecimal: '1.5'}}, code: 'x',"
                                + " size: {$numberDecimal: '1.5000'}, at: {$date: '2026-11-25T01:02:04Z'}, v: null}"),
                        BsonDocument.parse("{_id: {code: 'y', size: {$numberDecimal: '2'}}, code: 'y',"
                                + " size: {$numberDecimal: '2'}}"));
    }

    @Test
    void aKeyIsFoundWhateverTypeItsNumberHas() {
        ContractDatabase database = database();
        write(database, stock, stock.upsert("1", "1", "a"), stock.upsert("2", "1", "b"));
        ContractTable wider = new ContractTable(0, "stock", 1, "id int8", "price numeric", "note text");
        write(database, wider, wider.update("1", "2", ABSENT), wider.delete("2"));
        assertThat(rows(database, stock)).isEqualTo(Map.of("1", List.of("2", "a")));
    }

    @Test
    void uniqueValuesChangePlaces() {
        ContractDatabase database = database();
        mongo().command(database.place(), UNIQUE_NOTES);
        try (Target target = database.open(stock)) {
            target.start();
            target.write(batch(1, stock.upsert("1", "1", "a"), stock.upsert("2", "1", "b")));
            target.write(batch(
                    2, stock.update("1", ABSENT, "c"), stock.update("2", ABSENT, "a"), stock.update("1", ABSENT, "b")));
        }
        assertThat(rows(database, stock)).isEqualTo(Map.of("1", List.of("1", "b"), "2", List.of("1", "a")));
    }

    @Test
    void aTakeoverEndsTheTransactionThatSomebodyHasOpen() {
        ContractDatabase database = database();
        try (Target old = database.open(stock);
                Target other = database.open(stock)) {
            old.start();
            ReplicatorException lost = failure(() -> old.write(batch(1, () -> {
                other.start();
                other.write(batch(1, stock.upsert("2", "2", "b")));
                return List.of(ContractDatabase.chunk(stock.upsert("1", "1", "a")))
                        .iterator();
            })));
            assertThat(lost.kind()).as(lost.formatted()).isEqualTo(Kind.FENCED);
            assertThat(rows(database, stock)).containsOnlyKeys("2");
        }
    }

    /** As with one of another user's. Its number has been written before, so the progress stays what it is. */
    @Test
    void aTakeoverWaitsForATransactionThatItMayNotEnd() {
        ContractDatabase database = database();
        try (Target old = database.open(stock);
                Target other = database.open(stock)) {
            old.start();
            old.write(batch(1, stock.upsert("1", "1", "a")));
            mongo().command(
                            database.place(),
                            "{update: 'replicator_progress', updates: [{q: {}, u: {$unset: {session: ''}}}]}");
            List<CompletableFuture<Void>> takeover = new ArrayList<>();
            old.write(batch(1, () -> {
                takeover.add(CompletableFuture.runAsync(() -> {
                    other.start();
                    other.write(batch(1, stock.delete("1"), stock.delete("2")));
                }));
                Awaitility.await().until(() -> takeover.get(0).isDone() || mongo().isSomebodyWaiting());
                return List.of(ContractDatabase.chunk(stock.upsert("1", "1", "a"), stock.upsert("2", "2", "b")))
                        .iterator();
            }));
            takeover.get(0).join();
            assertThat(rows(database, stock)).isEmpty();
        }
    }

    @Test
    void theFirstStartAndTheFirstPauseMayComeAtOnce() {
        ExecutorService threads = Executors.newFixedThreadPool(2);
        ContractDatabase database = database();
        PauseMark mark = new PauseMark(1, true, Instant.EPOCH, "somebody");
        try (Target one = database.open(stock);
                Target other = database.open()) {
            for (int i = 0; i < 30; i++) {
                other.forget();
                CompletableFuture<Void> pause =
                        CompletableFuture.runAsync(() -> ((PauseTarget) other).pause(mark), threads);
                CompletableFuture.runAsync(one::start, threads).join();
                pause.join();
                assertThat(((PauseTarget) other).pause()).contains(mark);
            }
        } finally {
            threads.shutdown();
        }
    }

    @Test
    void whatSomebodyElseChangesUndoesTheBatchAndTheSessionGoesOn() {
        ContractDatabase database = database();
        try (Target target = database.open(stock)) {
            target.start();
            target.write(batch(1, stock.upsert("1", "1", "a")));
            ReplicatorException undone = failure(() -> target.write(batch(2, () -> {
                mongo().command(database.place(), "{update: 'stock', updates: [{q: {_id: 1}, u: {$set: {price: 7}}}]}");
                return List.of(ContractDatabase.chunk(stock.update("1", "2", ABSENT)))
                        .iterator();
            })));
            assertThat(undone.kind()).as(undone.formatted()).isEqualTo(Kind.ROLLED_BACK);
            target.write(batch(2, stock.update("1", "2", ABSENT)));
        }
        assertThat(rows(database, stock)).isEqualTo(Map.of("1", List.of("2", "a")));
    }

    @Test
    void aTransactionThatTheServerEndsIsDoneInParts() {
        ContractDatabase database = database();
        AtomicInteger attempts = new AtomicInteger();
        try (Target target = database.open(stock)) {
            target.start();
            BsonDocument session =
                    collection(database, "replicator_progress").get(0).getDocument("session");
            target.write(batch(1, () -> {
                if (attempts.incrementAndGet() == 1) {
                    mongo().endTransactions(database.place(), session);
                }
                return List.of(ContractDatabase.chunk(stock.upsert("1", "1", "a")))
                        .iterator();
            }));
            assertThat(attempts).hasValue(2);
            target.write(batch(2, stock.update("1", "2", ABSENT)));
            assertThat(target.held()).isEqualTo(Positions.of(200));
        }
        assertThat(rows(database, stock)).isEqualTo(Map.of("1", List.of("2", "a")));
        assertThat(collection(database, "replicator_progress_redo")).isEmpty();
    }

    @Test
    void aLargeCollectionIsTruncatedInParts() {
        ContractDatabase database = database();
        List<BsonDocument> many = new ArrayList<>();
        for (int id = 0; id < 10_001; id++) {
            many.add(BsonDocument.parse("{_id: " + id + "}"));
        }
        mongo().database(database.place())
                .getCollection("stock", BsonDocument.class)
                .insertMany(many);
        write(database, stock, Operation.truncate(stock.table()), stock.upsert("1", "1", "a"));
        assertThat(rows(database, stock)).containsOnlyKeys("1");
    }

    @Test
    void whatCannotHoldRowsIsRefusedBeforeAnythingIsWritten() {
        ContractDatabase database = database();
        ContractTable micros = new ContractTable(1, "times", 1, "id int4", "at timestamp", "at_micros int4");
        ContractTable twin = new ContractTable(2, "replicator_progress", 1, "id int4");
        mongo().command(database.place(), "{create: 'stock', capped: true, size: 4096}");
        for (ContractTable table : Arrays.asList(stock, micros, twin)) {
            ReplicatorException refused = failure(() -> database.open(table).close());
            assertThat(refused.code()).as(refused.formatted()).isEqualTo(ErrorCode.SCHEMA_DIFFERS);
        }
    }

    @Test
    void aWrongPasswordAndAServerAloneAreNamed() {
        ContractServer.Place place = server().fresh();
        if (place.user() != null) {
            ContractServer.Place wrong = new ContractServer.Place(place.url(), place.user(), "secret1");
            ReplicatorException refused = failure(
                    () -> new ContractDatabase(folder(), wrong).open(stock).close());
            assertThat(refused.code()).as(refused.formatted()).isEqualTo(ErrorCode.AUTHENTICATION);
            assertThat(refused.formatted()).doesNotContain("secret1");
        }
        if (mongo().isOwn()) {
            try (MongoProcess alone = new MongoProcess(false)) {
                ReplicatorException refused = failure(() -> new ContractDatabase(
                                folder(), new ContractServer.Place("mongodb://" + alone.host() + "/shake", null, null))
                        .open(stock)
                        .close());
                assertThat(refused.code()).as(refused.formatted()).isEqualTo(ErrorCode.SERVER_SETTING);
                assertThat(refused.hint()).contains("--replSet").contains("rs.initiate()");
            }
        }
    }
}
