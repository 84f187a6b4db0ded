package dev.replicator.it.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.awaitility.Awaitility.await;

import dev.replicator.it.harness.Servers;
import dev.replicator.pipeline.Replication;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TwoMastersIT {
    private static final String TABLE = "CREATE TABLE play (id int PRIMARY KEY, title text, year int)";
    private static final String ALL = "SELECT id || ':' || title || ':' || coalesce(year, 0) FROM play ORDER BY id";

    private Masters masters = new Masters("bard");

    @BeforeEach
    void nothingRuns() {
        masters = new Masters("bard");
    }

    @AfterEach
    void endAll() {
        masters.close();
    }

    @ParameterizedTest
    @MethodSource("dev.replicator.it.harness.Servers#versions")
    void aRowWrittenOnEitherIsSeenOnBoth(int version) throws Exception {
        masters.start(version, 2, 0, TABLE);
        Replication replication = masters.replicate();
        masters.run(0, "INSERT INTO play VALUES (1, 'Hamlet', 1600)");
        masters.run(1, "INSERT INTO play VALUES (2, 'Othello', NULL)");
        replication.kick().get(60, TimeUnit.SECONDS);
        assertThat(masters.query(0, ALL)).containsExactly("1:Hamlet:1600", "2:Othello:0");
        assertThat(masters.query(1, ALL)).containsExactly("1:Hamlet:1600", "2:Othello:0");

        masters.run(0, "UPDATE play SET year = 1603 WHERE id = 2");
        masters.run(1, "DELETE FROM play WHERE id = 1");
        replication.waitForNow().get(60, TimeUnit.SECONDS);
        assertThat(masters.query(0, ALL)).containsExactly("2:Othello:1603");
        assertThat(masters.query(1, ALL)).containsExactly("2:Othello:1603");
        assertThat(replication.stop(Duration.ofSeconds(5))).isTrue();
    }

    @Test
    void theLaterOfTwoConcurrentChangesStandsOnBothAndTheOtherIsInTheHistory() throws Exception {
        masters.start(Servers.NEWEST, 2, 0, TABLE, "INSERT INTO play VALUES (1, 'Hamlet', 1600)");
        Replication replication = masters.replicate();
        replication.kick().get(60, TimeUnit.SECONDS);
        replication.pause();
        await().until(() -> replication.status().paused());
        masters.run(0, "UPDATE play SET title = 'earlier' WHERE id = 1");
        masters.run(1, "UPDATE play SET title = 'later' WHERE id = 1");
        assertThatCode(() -> replication.kick().get(10, TimeUnit.SECONDS)).hasMessageContaining("paused");
        replication.resume();
        replication.waitForNow().get(60, TimeUnit.SECONDS);
        assertThat(masters.query(0, ALL)).containsExactly("1:later:1600");
        assertThat(masters.query(1, ALL)).containsExactly("1:later:1600");
        assertThat(masters.query(0, "SELECT count(*) FROM replicator.conflict_history"))
                .containsExactly("1");
    }

    @Test
    void aReceiveOnlyTargetFollowsBothMasters() throws Exception {
        masters.start(Servers.NEWEST, 2, 1, TABLE);
        Replication replication = masters.replicate();
        masters.run(0, "INSERT INTO play SELECT g, 'from m1', g FROM generate_series(1, 1000) g");
        masters.run(1, "INSERT INTO play SELECT g, 'from m2', g FROM generate_series(1001, 2000) g");
        replication.kick().get(60, TimeUnit.SECONDS);
        assertThat(masters.query(2, "SELECT count(*) FROM play")).containsExactly("2000");
        assertThat(masters.query(2, ALL)).isEqualTo(masters.query(0, ALL)).isEqualTo(masters.query(1, ALL));
    }

    @Test
    void aNewProcessGoesOnWhereTheLastOneWas() throws Exception {
        masters.start(Servers.NEWEST, 2, 0, TABLE);
        Replication first = masters.replicate();
        masters.run(0, "INSERT INTO play VALUES (1, 'Hamlet', 1600)");
        first.kick().get(60, TimeUnit.SECONDS);
        assertThat(first.stop(Duration.ofSeconds(5))).isTrue();
        masters.run(0, "UPDATE play SET year = 1601 WHERE id = 1", "INSERT INTO play VALUES (2, 'Lear', 1606)");
        masters.run(1, "INSERT INTO play VALUES (3, 'Othello', 1604)");
        Replication second = masters.replicate();
        second.kick().get(60, TimeUnit.SECONDS);
        assertThat(masters.query(1, ALL)).containsExactly("1:Hamlet:1601", "2:Lear:1606", "3:Othello:1604");
        assertThat(masters.query(0, ALL)).containsExactly("1:Hamlet:1601", "2:Lear:1606", "3:Othello:1604");
    }

    @Test
    void aSecondProcessStandsByAndTakesOver() throws Exception {
        masters.start(Servers.NEWEST, 2, 0, TABLE);
        Replication first = masters.replicate();
        first.kick().get(60, TimeUnit.SECONDS);
        Replication second = masters.replicate();
        await().atMost(Duration.ofSeconds(30)).until(() -> second.status().waitReason() != null);
        masters.run(0, "INSERT INTO play VALUES (1, 'Hamlet', 1600)");
        first.waitForNow().get(60, TimeUnit.SECONDS);
        assertThat(first.stop(Duration.ofSeconds(5))).isTrue();
        masters.run(0, "INSERT INTO play VALUES (2, 'Lear', 1606)");
        second.waitForNow().get(60, TimeUnit.SECONDS);
        assertThat(masters.query(1, ALL)).containsExactly("1:Hamlet:1600", "2:Lear:1606");
    }
}
