package dev.replicator.it.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.replicator.cli.daemon.Daemon;
import dev.replicator.error.ErrorCode;
import dev.replicator.it.harness.Fixture;
import dev.replicator.it.harness.MortalServer;
import dev.replicator.it.harness.Servers;
import dev.replicator.model.SyncSpec;
import dev.replicator.observe.DatabaseStatus;
import dev.replicator.observe.Listener.State;
import dev.replicator.observe.LogListener;
import dev.replicator.slot.Preflight;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A database that dies while the start is at work is away, as one that was dead before: the others replicate, and it is
 * taken in when it comes back.
 */
class DyingDatabaseIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final String TABLE = "CREATE TABLE work (id int PRIMARY KEY)";
    private static final List<String> MASTERS = List.of("a", "b", "c");

    @Test
    void aDatabaseMayDieAtManyMomentsOfTheStart() {
        dieAtEvery(9);
    }

    @Test
    @Tag("full")
    void aDatabaseMayDieAtAnyMomentOfTheStart() {
        dieAtEvery(1);
    }

    /** Starts until the database has outlived a start; each time it takes so many messages more from its clients. */
    private static void dieAtEvery(int step) {
        try (MortalServer mortal = new MortalServer(Servers.of(Servers.NEWEST));
                Fixture fixture = new Fixture()) {
            fixture.database("a", Servers.of(Servers.NEWEST), TABLE)
                    .database("b", mortal, TABLE)
                    .database("c", Servers.of(Servers.NEWEST), TABLE)
                    .sync("dying", MASTERS, List.of())
                    .grant();
            int deaths = 0;
            do {
                mortal.dieAfter((long) deaths * step);
                try (Daemon daemon = Daemon.start(fixture.configuration(), new LogListener())) {
                    await().atMost(LIMIT)
                            .until(() -> mortal.isDead() ? isAway(status(daemon, "b")) : isWhole(status(daemon, "b")));
                    if (!mortal.isDead()) {
                        break;
                    }
                    deaths++;
                    if (deaths % 10 == 0) {
                        fixture.run("a", "INSERT INTO work VALUES (" + deaths + ")");
                        arrives(fixture, "c", deaths);
                    }
                }
            } while (true);
            assertThat(deaths * step).as("messages that a start sends").isGreaterThan(50);
        }
    }

    @Test
    void theChecksNameADatabaseThatDiesWhileTheyRun() {
        try (MortalServer mortal = new MortalServer(Servers.of(Servers.NEWEST));
                Fixture fixture = new Fixture()) {
            fixture.database("a", Servers.of(Servers.NEWEST), TABLE)
                    .database("b", mortal, TABLE)
                    .sync("dying", List.of("a", "b"), List.of())
                    .grant();
            SyncSpec sync = fixture.configuration().syncs().get(0);
            for (int messages = 0; ; messages++) {
                mortal.dieAfter(messages);
                Preflight.Report report = Preflight.run(sync);
                if (report.findings().isEmpty()) {
                    // Alive to the end, or dead when all that was left to say was goodbye.
                    assertThat(report.catalogs()).containsOnlyKeys("a", "b");
                    assertThat(messages).as("messages that the checks send").isGreaterThan(5);
                    break;
                }
                assertThat(report.findings()).as("after %d messages", messages).allSatisfy(finding -> {
                    assertThat(finding.database()).isEqualTo("b");
                    assertThat(finding.code()).isEqualTo(ErrorCode.CONNECTION);
                });
                assertThat(report.catalogs()).containsOnlyKeys("a");
            }
        }
    }

    @Test
    void aDatabaseThatDiedDuringTheStartIsTakenInWhenItIsBack() {
        try (MortalServer mortal = new MortalServer(Servers.of(Servers.NEWEST));
                Fixture fixture = new Fixture()) {
            fixture.database("a", Servers.of(Servers.NEWEST), TABLE)
                    .database("b", mortal, TABLE)
                    .sync("dying", List.of("a", "b"), List.of())
                    .grant();
            mortal.dieAfter(30);
            try (Daemon daemon = fixture.start()) {
                assertThat(mortal.isDead()).isTrue();
                fixture.run("a", "INSERT INTO work VALUES (1)");
                mortal.revive();
                arrives(fixture, "b", 1);
                fixture.run("b", "INSERT INTO work VALUES (2)");
                arrives(fixture, "a", 2);
                assertThat(isWhole(status(daemon, "b"))).isTrue();
            }
        }
    }

    private static void arrives(Fixture fixture, String database, int id) {
        await().atMost(LIMIT)
                .until(() -> fixture.query(database, "SELECT id FROM work WHERE id = " + id), rows -> rows.size() == 1);
    }

    private static DatabaseStatus status(Daemon daemon, String database) {
        return daemon.status().get(0).databases().stream()
                .filter(status -> status.database().equals(database))
                .findFirst()
                .orElseThrow();
    }

    private static boolean isAway(DatabaseStatus status) {
        return (status.source() != null && status.source().state() == State.AWAY)
                || (status.target() != null && status.target().state() == State.AWAY);
    }

    private static boolean isWhole(DatabaseStatus status) {
        return status.source() != null
                && status.source().state() == State.STREAMING
                && status.target() != null
                && status.target().state() == State.STREAMING;
    }
}
