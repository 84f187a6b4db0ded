package dev.replicator.it.contract;

import static dev.replicator.it.contract.ContractDatabase.batch;
import static dev.replicator.it.contract.ContractDatabase.chunk;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.replicator.cli.daemon.Daemon;
import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.error.ReplicatorException.Kind;
import dev.replicator.it.harness.Fixture;
import dev.replicator.it.harness.Servers;
import dev.replicator.model.Chunk;
import dev.replicator.model.Operation;
import dev.replicator.model.Positions;
import dev.replicator.model.TableName;
import dev.replicator.slot.Finding;
import dev.replicator.slot.Preflight;
import dev.replicator.spi.Target;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** OpenSearch 2.19: one node, emptied before each test. */
final class OpenSearchTargetIT extends TargetContract {
    private static @Nullable OpenSearchServer server;

    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final ContractTable stock = new ContractTable(0, "stock", 1, "id int4", "note text");

    @BeforeAll
    static void start() {
        server = new OpenSearchServer();
    }

    @AfterAll
    static void close() {
        if (server != null) {
            server.close();
        }
    }

    private static OpenSearchServer openSearch() {
        return Objects.requireNonNull(server);
    }

    @Override
    protected ContractServer server() {
        return new OpenSearchRows(openSearch());
    }

    private static ReplicatorException failure(Runnable action) {
        return Objects.requireNonNull(catchThrowableOfType(ReplicatorException.class, action::run));
    }

    private static JsonNode ask(String method, String path, String body) {
        return openSearch().ask(method, path, body);
    }

    /** By id, as they stand there, whether readers see them or not. */
    private static JsonNode document(String index, String id) {
        return ask("GET", "/" + index + "/_doc/" + id, "").path("_source");
    }

    /**
     * A session that stops in the middle of a batch, is taken over meanwhile by one that changes row 1 and deletes row 2, and
     * goes on with {@code late}.
     */
    private Map<String, List<@Nullable String>> afterTakeover(Operation late) {
        ContractDatabase database = database();
        try (Target old = database.open(stock);
                Target other = database.open(stock)) {
            old.start();
            old.write(batch(1, stock.upsert("1", "a"), stock.upsert("2", "b")));
            Iterator<Chunk> chunks = Stream.of(stock.upsert("1", "before"), late)
                    .map(operation -> {
                        if (operation == late) {
                            other.start();
                            other.write(batch(1, stock.upsert("1", "new"), stock.delete("2")));
                        }
                        return operation.kind() == Operation.Kind.TRUNCATE
                                ? new Chunk(List.of(stock.table()), List.of(), List.of(operation))
                                : chunk(operation);
                    })
                    .iterator();
            assertThat(failure(() -> old.write(batch(2, () -> chunks))).kind()).isEqualTo(Kind.FENCED);
            other.write(batch(2, stock.upsert("3", "c")));
            assertThat(other.held()).isEqualTo(Positions.of(200));
        }
        return rows(database, stock);
    }

    @Test
    void aSessionThatWakesAfterATakeoverChangesNothingThatIsNewer() {
        Map<String, List<@Nullable String>> expected = Map.of("1", List.of("new"), "3", List.of("c"));
        assertThat(afterTakeover(stock.upsert("1", "late"))).isEqualTo(expected);
        assertThat(afterTakeover(stock.upsert("2", "late"))).isEqualTo(expected);
        assertThat(afterTakeover(stock.delete("1"))).isEqualTo(expected);
        assertThat(afterTakeover(Operation.truncate(stock.table()))).isEqualTo(expected);
    }

    /** As the engine does: retryable failures lead to another session. */
    private void insist(ContractDatabase database, Operation operation) {
        for (int attempt = 1; ; attempt++) {
            try (Target target = database.open(stock)) {
                target.start();
                target.write(batch(1, operation));
                return;
            } catch (ReplicatorException e) {
                assertThat(e.kind()).as(e.formatted()).isEqualTo(Kind.RETRYABLE);
                assertThat(attempt).isLessThan(3);
            }
        }
    }

    @Test
    void whatOthersHaveChangedIsOverwrittenWhateverItsVersion() {
        ContractDatabase database = database();
        try (Target target = database.open(stock)) {
            target.start();
            target.write(batch(1, stock.upsert("1", "a"), stock.upsert("2", "b"), stock.upsert("3", "c")));
            for (int i = 0; i < 3; i++) {
                ask("PUT", "/stock/_doc/1", "{\"id\": 1, \"note\": \"theirs\"}");
                ask("PUT", "/stock/_doc/4", "{\"id\": 4, \"note\": \"theirs\"}");
            }
            ReplicatorException outrun = failure(() -> target.write(batch(2, stock.upsert("1", "ours"))));
            assertThat(outrun.kind()).as(outrun.formatted()).isEqualTo(Kind.RETRYABLE);
        }
        insist(database, stock.upsert("1", "ours"));
        ask("PUT", "/stock/_doc/2?version_type=external&version=1764000000000000000", "{\"id\": 2}");
        insist(database, stock.delete("2"));
        assertThat(rows(database, stock))
                .isEqualTo(Map.of("1", List.of("ours"), "3", List.of("c"), "4", List.of("theirs")));
        ask("PUT", "/stock/_doc/3?version_type=external&version=" + Long.MAX_VALUE, "{\"id\": 3}");
        try (Target target = database.open(stock)) {
            target.start();
            ReplicatorException never = failure(() -> target.write(batch(1, stock.upsert("3", "ours"))));
            assertThat(never.kind()).as(never.formatted()).isEqualTo(Kind.FATAL);
            assertThat(never.primary()).contains("\"3\"").contains("\"stock\"");
        }
    }

    @Test
    void aSyncThatBeginsAnewOverwritesWhatItWroteBefore() {
        ContractDatabase database = database();
        for (int i = 0; i < 3; i++) {
            insist(database, stock.upsert("1", "a" + i));
        }
        try (Target target = database.open()) {
            assertThat(target.forget()).hasSize(1);
        }
        try (Target target = database.open(stock)) {
            assertThat(target.start().held()).isEqualTo(Positions.zero(1));
            target.write(batch(1, stock.upsert("1", "again")));
        }
        ask("DELETE", "/replicator_progress", "");
        insist(database, stock.upsert("1", "at last"));
        assertThat(rows(database, stock)).isEqualTo(Map.of("1", List.of("at last")));
    }

    @Test
    void aLargeIndexIsTruncatedAndItsDocumentsOfOthersToo() {
        ContractDatabase database = database();
        Operation[] many = IntStream.range(0, 2500)
                .mapToObj(id -> stock.upsert(String.valueOf(id), "x"))
                .toArray(Operation[]::new);
        try (Target target = database.open(stock)) {
            target.start();
            target.write(batch(1, many));
            ask("PUT", "/stock/_doc/theirs?routing=elsewhere", "{\"id\": 9999}");
            assertThat(rows(database, stock)).hasSize(2501);
            target.write(batch(2, Operation.truncate(stock.table()), stock.upsert("1", "a")));
        }
        assertThat(rows(database, stock)).isEqualTo(Map.of("1", List.of("a")));
    }

    @Test
    void equalKeysAreOneDocumentAndLongOnesAreHashed() {
        ContractDatabase database = database("index: \"shake-{schema}.{table}\"");
        ContractTable parts = new ContractTable(0, "Parts.a", 2, "code text", "size numeric", "note text");
        String two = "é".repeat(300);
        try (Target target = database.open(parts)) {
            target.start();
            target.write(batch(1, parts.upsert("a:%", "1.50", "one"), parts.upsert(two, "1", "long")));
            target.write(batch(2, parts.upsert("a:%", "1.5", "two"), parts.upsert(two + "x", "1", "longer")));
            target.write(batch(3, parts.delete(two, "1.0")));
        }
        String index = "shake-public.~50arts~2ea";
        ask("POST", "/" + index + "/_refresh", "");
        List<String> ids = new ArrayList<>();
        ask("GET", "/" + index + "/_search", "")
                .path("hits")
                .path("hits")
                .forEach(hit -> ids.add(hit.path("_id").asText()));
        assertThat(ids).hasSize(2).contains("a%3A%25:1.5").anyMatch(id -> id.matches("%sha256:[0-9a-f]{64}"));
        assertThat(document(index, "a%253A%2525:1.5").path("note").asText()).isEqualTo("two");
    }

    @Test
    void indicesAreMadeWithTypesAndGetTheColumnsThatAreAdded() {
        ContractDatabase database = database("gc_deletes: 2min", "json: flat", "strings: keyword");
        ContractTable before = new ContractTable(
                0, "typed", 1, "id int8", "price numeric(10;2)", "count numeric(5;0)", "any numeric", "note text");
        ContractTable after = new ContractTable(
                0,
                "typed",
                1,
                "id int8",
                "price numeric(10;2)",
                "count numeric(5;0)",
                "any numeric",
                "note text",
                "doc jsonb",
                "at _timestamptz");
        try (Target target = database.open(before)) {
            target.start();
            target.write(batch(1, before.upsert("1", "1.50", "7", "1.50", "a b")));
            target.write(batch(2, after.upsert("2", "1.50", "7", "1.50", "a b", "{\"k\": {\"n\": 5}}", "{NULL}")));
        }
        JsonNode index = ask("GET", "/typed", "").path("typed");
        JsonNode fields = index.path("mappings").path("properties");
        List<String> types = new ArrayList<>();
        fields.fieldNames()
                .forEachRemaining(name ->
                        types.add(name + " " + fields.path(name).path("type").asText()));
        assertThat(types)
                .containsExactlyInAnyOrder(
                        "id long",
                        "price double",
                        "count long",
                        "any keyword",
                        "note keyword",
                        "doc flat_object",
                        "at date");
        assertThat(index.path("settings").path("index").path("gc_deletes").asText())
                .isEqualTo("120000ms");
        ask("POST", "/typed/_refresh", "");
        assertThat(ask("GET", "/typed/_count?q=doc.k.n:5", "").path("count").asInt())
                .isEqualTo(1);
        assertThat(document("typed", "2").toString())
                .isEqualTo(
                        "{\"id\":2,\"price\":1.50,\"count\":7,\"any\":\"1.50\",\"note\":\"a b\",\"doc\":{\"k\":{\"n\":5}},"
                                + "\"at\":[null]}");
    }

    @Test
    void valuesHaveTheFormsThatAreAskedFor() {
        ContractTable odd = new ContractTable(
                0, "odd", 1, "id int4", "d date", "f float8", "j json", "n numeric", "note text", "at timestamptz");
        ContractDatabase nearest = database(
                "unrepresentable: nearest", "json: object", "numerics: double", "nulls: absent", "refresh: batch");
        try (Target target = nearest.open(odd)) {
            target.start();
            target.write(batch(
                    1,
                    odd.upsert("1", "-infinity", "NaN", "{\"a\":1,\n\"a\":\"x\"}", "9".repeat(400), null, "infinity")));
            // Nobody has refreshed it.
            assertThat(ask("GET", "/odd/_count?q=j.a:x", "").path("count").asInt())
                    .isEqualTo(1);
            ReplicatorException poison = failure(
                    () -> target.write(batch(2, odd.upsert("2", null, null, "{\"a\": {\"b\": 1}}", null, null, null))));
            assertThat(poison.kind()).as(poison.formatted()).isEqualTo(Kind.POISON);
            assertThat(poison.detail()).contains("(id)=(2)").contains("mapper_parsing_exception");
        }
        assertThat(document("odd", "1").toString())
                .isEqualTo(
                        "{\"id\":1,\"d\":\"-4713-11-24\",\"f\":null,\"j\":{\"a\":\"x\"},\"n\":1.7976931348623157E+308"
                                + ",\"at\":\"+294276-12-31T23:59:59.999999Z\"}");
        ContractDatabase texts = database("times: text", "json: text", "unrepresentable: \"null\"");
        try (Target target = texts.open(odd)) {
            target.start();
            target.write(batch(1, odd.upsert("1", "infinity", "Infinity", "[1, 1.00]", "NaN", null, "-infinity")));
        }
        assertThat(document("odd", "1").toString())
                .isEqualTo("{\"id\":1,\"d\":\"infinity\",\"f\":null,\"j\":\"[1, 1.00]\",\"n\":\"NaN\",\"note\":null,"
                        + "\"at\":\"-infinity\"}");
    }

    @Test
    void whatCannotHoldRowsIsRefusedBeforeAnythingIsWritten() {
        ContractDatabase database = database("create_indices: false");
        assertThat(failure(() -> database.open(stock).close()).code()).isEqualTo(ErrorCode.TABLE);
        ask("PUT", "/stock", "{\"settings\": {\"index.translog.durability\": \"async\"}}");
        ReplicatorException async = failure(() -> database.open(stock).close());
        assertThat(async.code()).as(async.formatted()).isEqualTo(ErrorCode.SERVER_SETTING);
        ask("PUT", "/stock/_settings", "{\"index.translog.durability\": \"request\"}");
        database.open(stock).close();
        for (ContractTable unfit : List.of(
                new ContractTable(0, "dots", 1, "id int4", "a.b text"),
                new ContractTable(0, "reserved", 1, "id int4", "_source text"),
                new ContractTable(0, "replicator_progress", 1, "id int4"),
                new ContractTable(0, "Ü".repeat(60), 1, "id int4"))) {
            ReplicatorException refused = failure(() -> database().open(unfit).close());
            assertThat(refused.code()).as(refused.formatted()).isEqualTo(ErrorCode.SCHEMA_DIFFERS);
        }
        ReplicatorException named =
                failure(() -> database("index: \"{schema}\"").open(stock).close());
        assertThat(named.code()).as(named.formatted()).isEqualTo(ErrorCode.CONFIGURATION);
    }

    /** The server has to be asked and answer within the few seconds in which documents are sent again. */
    @Tag("full")
    @Test
    void documentsThatTheServerHoldsOffAreSentAgainAndTheOthersNot() {
        ContractDatabase database = database();
        ContractTable other = new ContractTable(1, "others", 1, "id int4", "note text");
        try (Target target = database.open(stock, other)) {
            target.start();
            // As the server does when its disk is nearly full: status 429 for each document.
            ask("PUT", "/stock/_settings", "{\"index.blocks.read_only_allow_delete\": true}");
            CompletableFuture<Void> making = CompletableFuture.runAsync(() -> {
                await().atMost(LIMIT)
                        .pollInterval(Duration.ofMillis(10))
                        .until(() -> !document("others", "1").isMissingNode());
                ask("PUT", "/stock/_settings", "{\"index.blocks.read_only_allow_delete\": null}");
            });
            target.write(batch(1, stock.upsert("1", "a"), other.upsert("1", "b"), stock.upsert("2", "c")));
            making.join();
            assertThat(rows(database, stock)).containsOnlyKeys("1", "2");
            assertThat(ask("GET", "/others/_doc/1", "").path("_seq_no").asInt()).isZero();
        }
        try (Target target = database.open(stock)) {
            target.start();
            ask("PUT", "/stock/_settings", "{\"index.blocks.write\": true}");
            ReplicatorException blocked = failure(() -> target.write(batch(2, stock.delete("1"))));
            assertThat(blocked.kind()).as(blocked.formatted()).isEqualTo(Kind.RETRYABLE);
            assertThat(blocked.detail()).contains("cluster_block_exception");
        }
    }

    @Test
    void anEncryptedConnectionWithAPasswordOrAnApiKeyAndABusyServer() {
        openSearch().empty();
        String basic = "Basic " + Base64.getEncoder().encodeToString("bard:secret1".getBytes(StandardCharsets.UTF_8));
        try (OpenSearchGate gate = new OpenSearchGate(openSearch(), basic, folder())) {
            String authority = "ca_file: \"" + gate.authority() + "\"";
            ContractDatabase database = gated(gate, "bard", "secret1", authority);
            gate.busy(3);
            try (Target target = database.open(stock)) {
                target.start();
                target.write(batch(1, stock.upsert("1", "a")));
                assertThat(gate.busyLeft()).isZero();
                gate.busy(1000);
                ReplicatorException busy = failure(() -> target.write(batch(2, stock.upsert("1", "b"))));
                assertThat(busy.kind()).as(busy.formatted()).isEqualTo(Kind.RETRYABLE);
                assertThat(busy.detail()).contains("429");
            }
            assertThat(rows(database, stock)).isEqualTo(Map.of("1", List.of("a")));

            ReplicatorException wrong =
                    failure(() -> gated(gate, "bard", "secret2", authority).open(stock));
            assertThat(wrong.code()).as(wrong.formatted()).isEqualTo(ErrorCode.AUTHENTICATION);
            assertThat(wrong.formatted()).doesNotContain("secret2");
            ReplicatorException unknown =
                    failure(() -> gated(gate, "bard", "secret1", "auth: basic").open(stock));
            assertThat(unknown.kind()).as(unknown.formatted()).isEqualTo(Kind.FATAL);
            assertThat(unknown.hint()).contains("ca_file");
        }
        try (OpenSearchGate gate = new OpenSearchGate(openSearch(), "ApiKey a2V5", folder())) {
            ContractDatabase database =
                    gated(gate, null, "a2V5", "auth: api_key", "ca_file: \"" + gate.authority() + "\"");
            try (Target target = database.open(stock)) {
                assertThat(target.start().held()).isEqualTo(Positions.of(100));
            }
        }
    }

    private ContractDatabase gated(OpenSearchGate gate, @Nullable String user, String password, String... options) {
        return new ContractDatabase(folder(), new ContractServer.Place(gate.url(), user, password), options);
    }

    /** The whole program; large values that do not change are made whole from the old row. */
    @Test
    void rowsArriveWholeThroughAnOutageOfTheNode() {
        openSearch().empty();
        try (Fixture fixture = new Fixture()) {
            fixture.database(
                            "shake",
                            Servers.of(Servers.NEWEST),
                            "CREATE TABLE work (id int PRIMARY KEY, n int NOT NULL, body text)",
                            "ALTER TABLE work ALTER body SET STORAGE EXTERNAL",
                            "ALTER TABLE work REPLICA IDENTITY FULL")
                    .other("search", "{ url: \"" + openSearch().url() + "\" }")
                    .sync("bard", List.of("shake"), List.of("search"))
                    .grant();
            Daemon daemon = fixture.start();
            daemon.kick(fixture.syncName("bard"), LIMIT);
            fixture.run(
                    "shake",
                    "INSERT INTO work SELECT i, i, repeat(md5(i::text), 300) FROM generate_series(1, 1500) i",
                    "UPDATE work SET n = -n WHERE id % 3 = 0",
                    "UPDATE work SET id = id + 10000 WHERE id % 7 = 0");
            openSearch().kill();
            fixture.run("shake", "DELETE FROM work WHERE id % 5 = 0", "UPDATE work SET n = n + 1 WHERE id % 2 = 0");
            openSearch().restart();
            assertArrives(fixture, daemon);
            fixture.run("shake", "TRUNCATE work", "INSERT INTO work VALUES (1, 1, repeat('again', 1000))");
            assertArrives(fixture, daemon);
            fixture.run(
                    "shake",
                    "ALTER TABLE work REPLICA IDENTITY DEFAULT",
                    "UPDATE work SET n = 2",
                    "ALTER TABLE work REPLICA IDENTITY FULL");
            await().atMost(LIMIT)
                    .until(() -> daemon.status().toString().contains("cannot write a row of table public.work"));
            fixture.run("shake", "UPDATE work SET n = 3");
            assertArrives(fixture, daemon);
        }
    }

    @Test
    void tablesWhoseRowsTheLogDoesNotTellWholeAreNamed() {
        String[] tables = {
            "CREATE TABLE work (id int PRIMARY KEY, n int NOT NULL, body text)",
            "CREATE TABLE tally (id int PRIMARY KEY, n int)"
        };
        try (Fixture fixture = new Fixture()) {
            fixture.databases(List.of("shake1", "shake2"), List.of(Servers.of(Servers.NEWEST)), tables)
                    .other("search", "{ url: \"" + openSearch().url() + "\" }");
            assertThat(found(fixture.sync("bard", List.of("shake1"), List.of("search"))))
                    .anyMatch(text -> text.contains("cannot write rows of table public.work to database \"search\"")
                            && text.contains("ALTER TABLE \"public\".\"work\" REPLICA IDENTITY FULL;"))
                    .noneMatch(text -> text.contains("table public.tally to"));
            List<String> both = List.of("shake1", "shake2");
            assertThat(found(fixture.sync("bard", both, List.of("search"))))
                    .anyMatch(text -> text.contains(
                                    "rows with large values of table public.work to database \"search\" may stop it")
                            && text.contains("With several sources"));
            assertThat(found(fixture.sync(
                            "bard",
                            both,
                            List.of("search"),
                            "tables: [{ table: work, conflict: { policy: latest, delta: [n] } }]")))
                    .anyMatch(text -> text.contains("cannot write updates of table public.work to database \"search\"")
                            && text.contains("Under the policies columns and delta"));
        }
    }

    private static List<String> found(Fixture fixture) {
        return Preflight.run(
                        fixture.configuration().syncs(), fixture.configuration().connectors())
                .stream()
                .flatMap(report -> report.findings().stream())
                .map(Finding::formatted)
                .toList();
    }

    private void assertArrives(Fixture fixture, Daemon daemon) {
        daemon.kick(fixture.syncName("bard"), LIMIT);
        List<String> there = server()
                .rows(
                        new ContractServer.Place(openSearch().url(), null, null),
                        new TableName("public", "work"),
                        List.of("id", "n", "body"))
                .stream()
                .map(row -> row.get("id") + " " + row.get("n") + " " + row.get("body"))
                .toList();
        assertThat(there)
                .containsExactlyInAnyOrderElementsOf(
                        fixture.query("shake", "SELECT id || ' ' || n || ' ' || body FROM work"));
    }
}
