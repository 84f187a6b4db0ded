package dev.replicator.it.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.replicator.it.contract.ContractServer.Place;
import dev.replicator.it.harness.Fixture;
import dev.replicator.it.harness.ReplicatorProcess;
import dev.replicator.it.harness.Servers;
import dev.replicator.model.TableName;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The whole program with targets that are no PostgreSQL: outages, kills, and the commands. */
final class OtherTargetsIT {
    private static final TableName WORK = new TableName("public", "work");
    private static final Map<String, String> COLUMNS = new LinkedHashMap<>();

    static {
        COLUMNS.put("id", "int4");
        COLUMNS.put("title", "text");
        COLUMNS.put("price", "numeric(10;2)");
        COLUMNS.put("at", "timestamptz");
        COLUMNS.put("tags", "_text");
    }

    private static final String SOURCE_ROWS =
            "SELECT id::text, title, price::text," + " (at AT TIME ZONE 'UTC')::text || '+00', tags::text FROM work";

    private final Fixture fixture = new Fixture();

    @Test
    void rowsReachThemThroughOutagesAndKills() {
        try (MySqlServer maria = new MySqlServer(MySqlServer.Flavour.MARIADB);
                SqliteFiles files = new SqliteFiles();
                fixture) {
            Place reports = maria.fresh();
            Place phone = files.fresh();
            fixture.database(
                    "shake",
                    Servers.of(Servers.NEWEST),
                    "CREATE TABLE work (id int PRIMARY KEY, title text, price numeric(10,2), at timestamptz, tags text[])");
            fixture.other("reports", "{ url: \"" + reports.url() + "\", user: root, options: { create_tables: true } }")
                    .other("phone", "{ url: \"" + phone.url() + "\", options: { create_tables: true } }")
                    .sync("bard", List.of("shake"), List.of("reports", "phone"))
                    .grant();
            assertThat(fixture.command("check").out()).contains("It can run.");
            ReplicatorProcess first = fixture.startProcess();
            awaitStreaming();
            write(1, 200);
            awaitEqual(maria, reports);
            awaitEqual(files, phone);

            maria.kill();
            write(150, 400);
            fixture.run(
                    "shake", "DELETE FROM work WHERE id % 7 = 0", "UPDATE work SET id = id + 10000 WHERE id % 11 = 0");
            awaitEqual(files, phone);
            await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
                first.assertRunning();
                assertThat(status()).contains("could not");
            });
            maria.restart();
            awaitEqual(maria, reports);

            for (int round = 0; round < 5; round++) {
                write(1000 + round * 300, 1300 + round * 300);
                if (round == 2) {
                    first.kill();
                }
            }
            ReplicatorProcess second = fixture.startProcess();
            fixture.run("shake", "TRUNCATE work");
            write(1, 50);
            awaitEqual(maria, reports);
            awaitEqual(files, phone);

            pausesAndResumes(files, phone);
            second.terminate();
            ReplicatorProcess.Ended removed = fixture.command("remove", fixture.syncName("bard"), "--yes");
            assertThat(removed.code()).as(removed.err()).isZero();
            assertThat(removed.out()).contains("removed the progress of sync");
            assertThat(files.rows(phone, WORK, List.of("id"))).hasSize(50);
        }
    }

    @Test
    void rowsThatStandAreBroughtAndWhatIsInterruptedIsBegunAnew() throws SQLException {
        try (SqliteFiles files = new SqliteFiles();
                fixture) {
            Place phone = files.fresh();
            Place desk = files.fresh();
            fixture.database(
                    "shake",
                    Servers.of(Servers.NEWEST),
                    "CREATE TABLE work (id int PRIMARY KEY, title text, price numeric(10,2), at timestamptz, tags text[])");
            try (Connection own = DriverManager.getConnection("jdbc:" + desk.url());
                    Statement statement = own.createStatement()) {
                statement.execute("CREATE TABLE \"work\" (\"id\" integer PRIMARY KEY, \"title\" text, \"price\" text,"
                        + " \"at\" text, \"tags\" text)");
                statement.execute("INSERT INTO \"work\" (\"id\") VALUES (0)");
            }
            fixture.other("phone", "{ url: \"" + phone.url() + "\", options: { create_tables: true } }")
                    .other("desk", "{ url: \"" + desk.url() + "\" }")
                    .sync("bard", List.of("shake"), List.of("phone", "desk"), "initial_copy: if_empty")
                    .grant();
            write(1, 60_000);
            ReplicatorProcess first = fixture.startProcess();
            await().atMost(Duration.ofSeconds(60))
                    .pollInterval(Duration.ofMillis(20))
                    .failFast(first::assertRunning)
                    .until(() -> first.log().contains("gets the rows of 1 table from shake"));
            first.kill();
            fixture.run("shake", "DELETE FROM work WHERE id <= 1000", "UPDATE work SET price = 1 WHERE id % 10 = 0");

            ReplicatorProcess second = fixture.startProcess();
            write(70_000, 70_100);
            awaitEqual(files, phone);
            assertThat(second.log()).contains("phone has all rows of 1 table: ");
            write(70_050, 70_200);
            awaitEqual(files, phone);
            // What somebody has spoilt is brought anew, while the source is written.
            try (Connection own = DriverManager.getConnection("jdbc:" + phone.url());
                    Statement statement = own.createStatement()) {
                statement.execute("DELETE FROM \"work\" WHERE \"id\" % 3 = 0");
                statement.execute("INSERT INTO \"work\" (\"id\") VALUES (-1)");
            }
            ReplicatorProcess.Ended copied =
                    fixture.command("copy", fixture.syncName("bard"), "--database", "phone", "--yes");
            assertThat(copied.code()).as(copied.err()).isZero();
            assertThat(copied.out()).contains("phone: 1 table is copied");
            write(70_100, 70_300);
            awaitEqual(files, phone);

            // A table that had rows was left as it was, and gets what is changed.
            List<Map<String, @Nullable String>> kept = files.rows(desk, WORK, List.of("id"));
            assertThat(kept).hasSizeLessThan(20_000).anyMatch(row -> "0".equals(row.get("id")));
            assertThat(second.terminate()).as(second.log()).isZero();
        }
    }

    private void pausesAndResumes(SqliteFiles files, Place phone) {
        ReplicatorProcess.Ended paused = fixture.command("pause", fixture.syncName("bard"));
        assertThat(paused.code()).as(paused.err()).isZero();
        fixture.run("shake", "DELETE FROM work");
        assertThat(status()).contains("paused");
        assertThat(files.rows(phone, WORK, List.of("id"))).hasSize(50);
        write(1, 50);
        ReplicatorProcess.Ended resumed = fixture.command("resume", fixture.syncName("bard"));
        assertThat(resumed.code()).as(resumed.err()).isZero();
        awaitEqual(files, phone);
    }

    private String status() {
        ReplicatorProcess.Ended ended = fixture.command("status");
        return ended.out() + ended.err();
    }

    private void awaitStreaming() {
        await().atMost(Duration.ofSeconds(60)).until(() -> {
            ReplicatorProcess.Ended ended = fixture.command("kick", fixture.syncName("bard"));
            return ended.code() == 0;
        });
    }

    private void write(int from, int to) {
        fixture.run(
                "shake",
                "INSERT INTO work SELECT i, E'Hamlet\\\\ \\t' || i, i / 4.0, '2026-11-25 01:02:03.5+01', ARRAY['a b', NULL,"
                        + " i::text] FROM generate_series(" + from + ", " + to + ") i"
                        + " ON CONFLICT (id) DO UPDATE SET title = excluded.title || ' again', price = NULL");
    }

    private void awaitEqual(ContractServer server, Place place) {
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> assertThat(there(server, place)).isEqualTo(source(server)));
    }

    private static Map<String, List<@Nullable String>> there(ContractServer server, Place place) {
        Map<String, List<@Nullable String>> rows = new TreeMap<>();
        for (Map<String, @Nullable String> row : server.rows(place, WORK, List.copyOf(COLUMNS.keySet()))) {
            rows.put(String.valueOf(row.get("id")), new ArrayList<>(row.values()));
        }
        return rows;
    }

    private Map<String, List<@Nullable String>> source(ContractServer server) {
        List<String> types = List.copyOf(COLUMNS.values());
        Map<String, List<@Nullable String>> rows = new TreeMap<>();
        try (Connection connection = fixture.connect("shake");
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(SOURCE_ROWS)) {
            while (row.next()) {
                List<@Nullable String> values = new ArrayList<>();
                for (int c = 0; c < types.size(); c++) {
                    String value = row.getString(c + 1);
                    values.add(value == null ? null : server.expected(types.get(c), value));
                }
                rows.put(row.getString(1), values);
            }
            return rows;
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }
}
