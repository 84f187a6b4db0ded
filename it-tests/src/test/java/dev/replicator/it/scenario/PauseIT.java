package dev.replicator.it.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.replicator.cli.daemon.Daemon;
import dev.replicator.it.harness.Fixture;
import dev.replicator.it.harness.MortalServer;
import dev.replicator.it.harness.RowComparison;
import dev.replicator.it.harness.Servers;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A pause is ended although a database that knows of it is away; what that one remembers does not bring it back. */
class PauseIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final String TABLE = "CREATE TABLE work (id int PRIMARY KEY, title text)";
    private static final List<String> MASTERS = List.of("a", "b", "c");
    private static final List<String> OTHERS = List.of("a", "b");

    @Test
    void aSyncIsResumedAlthoughAMasterIsAway() {
        try (MortalServer mortal = new MortalServer(Servers.of(Servers.NEWEST));
                Fixture fixture = new Fixture()) {
            fixture.database("a", Servers.of(Servers.OLDEST), TABLE)
                    .database("b", Servers.of(Servers.NEWEST), TABLE)
                    .database("c", mortal, TABLE)
                    .sync("paused", MASTERS, List.of())
                    .grant();
            String sync = fixture.syncName("paused");
            try (Daemon daemon = fixture.start()) {
                fixture.run("a", "INSERT INTO work VALUES (1, 'first')");
                new RowComparison(fixture, MASTERS, "work").awaitEqual(LIMIT, daemon::status);
                daemon.pause(sync);
                MASTERS.forEach(
                        master -> fixture.run(master, "UPDATE work SET title = 'by " + master + "' WHERE id = 1"));
                mortal.killHard();

                daemon.resume(sync);
                assertThat(daemon.status().get(0).paused()).isFalse();
                new RowComparison(fixture, OTHERS, "work").awaitEqual(LIMIT, daemon::status);
                assertThat(fixture.value("a", "SELECT title FROM work")).isNotEqualTo("by a");

                mortal.revive();
                new RowComparison(fixture, MASTERS, "work").awaitEqual(LIMIT, daemon::status);
                assertThat(fixture.value("a", "SELECT title FROM work")).isEqualTo("by c");
            }
            try (Daemon again = fixture.start()) {
                assertThat(again.status().get(0).paused())
                        .as("what \"c\" remembers of the pause is older")
                        .isFalse();
            }
        }
    }
}
