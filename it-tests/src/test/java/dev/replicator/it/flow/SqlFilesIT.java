package dev.replicator.it.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.replicator.it.harness.Fixture;
import dev.replicator.it.harness.ReplicatorProcess;
import dev.replicator.it.harness.Servers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A folder of SQL statements beside a master: run on an empty database, they make its tables. */
class SqlFilesIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final List<String> TABLES = List.of(
            "CREATE TABLE \"Odd \"\"T\"\" x\" (\"the Id\" int, b text, t text, n numeric, j jsonb, y bytea, a text[],"
                    + " PRIMARY KEY (\"the Id\", b))",
            "CREATE TABLE parent (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, u text UNIQUE)",
            "CREATE TABLE child (id int PRIMARY KEY, parent int REFERENCES parent DEFERRABLE INITIALLY DEFERRED)");

    @TempDir
    Path folder;

    @Test
    void theFilesMakeTheTablesAnew() throws IOException {
        try (Fixture fixture = new Fixture()) {
            fixture.databases(List.of("a", "copy"), List.of(Servers.of(Servers.NEWEST)), TABLES.toArray(String[]::new))
                    .other("files", "{ url: \"" + folder.toUri() + "\", options: { format: sql, rotate_bytes: 2KiB } }")
                    .sync("s", List.of("a"), List.of("files"))
                    .grant();
            ReplicatorProcess process = fixture.startProcess();
            await().atMost(LIMIT)
                    .failFast(process::assertRunning)
                    .until(() -> fixture.value("a", "SELECT count(*) FROM pg_replication_slots WHERE active")
                            .equals("1"));
            change(fixture);
            assertThat(fixture.command("kick", fixture.syncName("s")).code()).isZero();
            assertThat(process.terminate()).isZero();

            replay(fixture);
            for (String table : List.of("\"Odd \"\"T\"\" x\"", "parent", "child")) {
                String rows = "SELECT t::text FROM " + table + " t ORDER BY 1";
                assertThat(fixture.query("copy", rows)).isNotEmpty().isEqualTo(fixture.query("a", rows));
            }
        }
    }

    private static void change(Fixture fixture) {
        fixture.run("a", """
                INSERT INTO "Odd ""T"" x" SELECT g, E'k\\n''' || g, E'COMMIT;\\n\\\\ tab\\t"x" \\r' || repeat('é', 2000),
                        g / 7.0, '{"a": [1, "x\\n"]}', '\\x00ff5c27', ARRAY['a b', NULL, E'c"\\\\d'] FROM generate_series(1, 20) g;
                UPDATE "Odd ""T"" x" SET n = NULL WHERE "the Id" % 3 = 0;
                UPDATE "Odd ""T"" x" SET "the Id" = "the Id" + 100 WHERE "the Id" % 5 = 0;
                DELETE FROM "Odd ""T"" x" WHERE "the Id" = 7""");
        fixture.run("a", "INSERT INTO parent (u) VALUES ('x'), ('y')");
        fixture.run("a", "INSERT INTO child VALUES (1, 1)");
        fixture.run("a", "TRUNCATE parent, child");
        fixture.run("a", """
                BEGIN;
                INSERT INTO child VALUES (1, 3), (2, 4);
                INSERT INTO parent (u) VALUES ('x'), ('y');
                COMMIT""");
        // Values that change places.
        fixture.run("a", "UPDATE parent SET u = 'z' WHERE u = 'x'");
        fixture.run("a", "UPDATE parent SET u = 'x' WHERE u = 'y'");
        fixture.run("a", "UPDATE parent SET u = 'y' WHERE u = 'z'");
    }

    private void replay(Fixture fixture) throws IOException {
        Path files = folder.resolve(fixture.syncName("s"));
        List<Path> inOrder;
        try (Stream<Path> all = Files.list(files)) {
            inOrder = all.filter(file -> file.toString().contains(".sql"))
                    .sorted()
                    .toList();
        }
        assertThat(inOrder).hasSizeGreaterThan(1);
        for (Path file : inOrder) {
            fixture.run("copy", Files.readString(file));
        }
    }
}
