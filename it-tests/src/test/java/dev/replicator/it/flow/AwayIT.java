package dev.replicator.it.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.replicator.it.harness.Servers;
import dev.replicator.observe.DatabaseStatus;
import dev.replicator.observe.TargetStatus;
import dev.replicator.pipeline.Replication;
import dev.replicator.pipeline.ReplicationSettings;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Three masters, one of which is away for long, with little memory for what waits. */
class AwayIT {
    private static final String TABLE = "CREATE TABLE play (id int PRIMARY KEY, title text, year int)";
    private static final String SUM =
            "SELECT count(*) || ':' || sum(year) || ':' || md5(string_agg(title, '' ORDER BY id))" + " FROM play";
    private static final int ROWS = 5_000;
    private static final Duration LONG = Duration.ofMinutes(5);

    private final Masters masters = new Masters("bard");

    @AfterEach
    void end() {
        masters.close();
    }

    private void start() {
        masters.start(Servers.NEWEST, 3, 0, TABLE);
        for (int node = 0; node < 3; node++) {
            masters.run(node, "INSERT INTO play SELECT i, 'title ' || i, 0 FROM generate_series(1, " + ROWS + ") i");
        }
    }

    /** Small transactions that change every row, {@code rounds} times. */
    private void change(int node, int rounds) {
        masters.run(
                node,
                "DO $$ BEGIN FOR r IN 1.." + rounds + " LOOP FOR part IN 0..99 LOOP"
                        + " UPDATE play SET year = year + 1, title = 'title ' || r || ' of ' || id WHERE id % 100 = part;"
                        + " COMMIT; END LOOP; END LOOP; END $$");
    }

    private void awaitEqual(int one, int other) {
        await().atMost(LONG).until(() -> masters.query(one, SUM).equals(masters.query(other, SUM)));
    }

    private static TargetStatus target(Replication replication, String database) {
        for (DatabaseStatus each : replication.status().databases()) {
            if (each.database().equals(database)) {
                return Objects.requireNonNull(each.target());
            }
        }
        throw new IllegalStateException(database);
    }

    private void goesOnAndCatchesUp(int rounds) throws Exception {
        start();
        Replication replication =
                masters.replicate(ReplicationSettings.defaults().withWaiting(128 << 10, 1L << 30));
        replication.kick().get(60, TimeUnit.SECONDS);
        masters.server(2).killHard();
        change(0, rounds);
        awaitEqual(0, 1);
        change(1, 1);
        awaitEqual(1, 0);
        assertThat(masters.query(0, "SELECT min(year) FROM play")).isEqualTo(List.of(String.valueOf(rounds + 1)));
        assertThat(target(replication, "m3").waitingBytes())
                .as("far more waits than memory may take")
                .isGreaterThan(1L << 20);
        masters.server(2).start();
        awaitEqual(2, 0);
        replication.kick().get(60, TimeUnit.SECONDS);
        assertThat(replication.failure()).isNull();
    }

    @Test
    void theOthersGoOnWhileOneIsAwayAndItCatchesUp() throws Exception {
        goesOnAndCatchesUp(4);
    }

    @Test
    @Tag("full")
    void theOthersGoOnWhileOneIsAwayForLongAndItCatchesUp() throws Exception {
        goesOnAndCatchesUp(200);
    }

    @Test
    void oneThatIsAwayTooLongIsGivenUpByNameAndJoinsAgainByItself() throws Exception {
        start();
        Replication replication =
                masters.replicate(ReplicationSettings.defaults().withWaiting(64 << 10, 3L << 20));
        replication.kick().get(60, TimeUnit.SECONDS);
        masters.server(2).killHard();
        change(0, 8);
        await().atMost(LONG)
                .untilAsserted(() -> assertThat(target(replication, "m3").reason())
                        .contains("is given up since")
                        .contains("joins again"));
        awaitEqual(1, 0);
        change(1, 1);
        awaitEqual(0, 1);
        assertThat(masters.query(0, "SELECT min(year) FROM play")).isEqualTo(List.of("9"));
        masters.server(2).start();
        awaitEqual(2, 0);
        awaitEqual(2, 1);
        change(2, 1);
        awaitEqual(0, 2);
        awaitEqual(1, 2);
        assertThat(masters.query(1, "SELECT min(year) FROM play")).isEqualTo(List.of("10"));
        assertThat(replication.failure()).isNull();
        assertThat(target(replication, "m3").reason()).doesNotContain("given up");
    }
}
