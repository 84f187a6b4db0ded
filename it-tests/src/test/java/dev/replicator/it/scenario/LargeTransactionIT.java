package dev.replicator.it.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.replicator.it.harness.Fixture;
import dev.replicator.it.harness.ReplicatorProcess;
import dev.replicator.it.harness.Server;
import dev.replicator.it.harness.Servers;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * One transaction that is many times larger than the memory of the program; the system property {@code replicator.it.rows}
 * says how many rows it has.
 */
@Tag("full")
class LargeTransactionIT {
    private static final Duration LIMIT = Duration.ofMinutes(30);
    private static final List<String> MASTERS = List.of("m1", "m2", "m3");
    private static final int ROWS = Integer.getInteger("replicator.it.rows", 10_000_000);
    private static final int CONTESTED = ROWS / 2;
    private static final String SUM =
            "SELECT count(*) || ' ' || sum(id::numeric * n) || ' ' || sum(hashtext(t)::bigint) FROM large";

    @Test
    void aLargeTransactionReachesThreeMastersThroughASmallProgramAndWinsOverWhatCommittedBeforeIt()
            throws SQLException {
        try (Fixture fixture = new Fixture()) {
            List<Server> servers = new ArrayList<>();
            for (int i = 0; i < MASTERS.size(); i++) {
                servers.add(fixture.own(Servers.builder(i == 0 ? Servers.OLDEST : Servers.NEWEST)
                        .setting("max_wal_size", "8GB")
                        .start()));
            }
            fixture.databases(
                            MASTERS,
                            servers,
                            "CREATE TABLE large (id bigint PRIMARY KEY, n int, t text)",
                            "INSERT INTO large VALUES (0, 0, 'first')")
                    .sync("large", MASTERS, List.of())
                    .grant();
            ReplicatorProcess process = fixture.startProcess("256m");
            arrives(fixture, process, "SELECT count(*) FROM pg_replication_slots WHERE active", "1");

            long begun = System.nanoTime();
            writeWhileOthersWrite(fixture);
            System.out.println(ROWS + " rows written after " + seconds(begun) + " s");
            arrives(fixture, process, "SELECT count(*) FROM large", Integer.toString(ROWS + 1));
            System.out.println("on all masters after " + seconds(begun) + " s");
            arrives(fixture, process, "SELECT t FROM large WHERE id = 0", "large");
            arrives(fixture, process, "SELECT t FROM large WHERE id = " + CONTESTED, "row " + CONTESTED);
            String expected = fixture.value("m1", SUM);
            assertThat(fixture.value("m2", SUM)).isEqualTo(expected);
            assertThat(fixture.value("m3", SUM)).isEqualTo(expected);
            assertThat(process.terminate()).as(process.log()).isZero();
        }
    }

    /** While the transaction is open, another master writes two of its rows, and commits first. */
    private static void writeWhileOthersWrite(Fixture fixture) throws SQLException {
        try (Connection connection = fixture.connect("m1");
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("UPDATE large SET t = 'large' WHERE id = 0");
            statement.execute("INSERT INTO large SELECT g, 1, 'row ' || g FROM generate_series(1, " + ROWS + ") g");
            fixture.run(
                    "m3",
                    "UPDATE large SET n = 2, t = 'small' WHERE id = 0",
                    "INSERT INTO large VALUES (" + CONTESTED + ", 2, 'small')");
            connection.commit();
        }
    }

    private static void arrives(Fixture fixture, ReplicatorProcess process, String sql, String expected) {
        for (String master : MASTERS) {
            await().atMost(LIMIT)
                    .pollInterval(Duration.ofSeconds(1))
                    .failFast(process::assertRunning)
                    .until(() -> fixture.query(master, sql).equals(List.of(expected)));
        }
    }

    private static long seconds(long begun) {
        return Duration.ofNanos(System.nanoTime() - begun).toSeconds();
    }
}
