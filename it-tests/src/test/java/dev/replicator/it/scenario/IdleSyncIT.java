package dev.replicator.it.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.replicator.cli.daemon.Daemon;
import dev.replicator.it.harness.Fixture;
import dev.replicator.it.harness.RandomWriter;
import dev.replicator.it.harness.Server;
import dev.replicator.it.harness.Servers;
import dev.replicator.model.ServerNames;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A sync without work: it keeps its streams, and lets go of a log that others write. */
class IdleSyncIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final Duration SENDER_TIMEOUT = Duration.ofSeconds(1);
    private static final List<String> MASTERS = List.of("m1", "m2");

    @Test
    void anIdleDatabaseInABusyClusterHoldsNoLogBack() {
        try (Fixture fixture = new Fixture()) {
            idle(fixture, impatient(fixture, Servers.OLDEST), impatient(fixture, Servers.NEWEST));
            List<String> busy = List.of("busy1", "busy2");
            fixture.databases(
                    busy,
                    MASTERS.stream().map(fixture::server).toList(),
                    "CREATE TABLE filler (id int, filling text)",
                    "INSERT INTO filler SELECT g, repeat('x', 500) FROM generate_series(1, 20000) g");
            for (int i = 0; i < MASTERS.size(); i++) {
                String master = MASTERS.get(i);
                String written = fixture.value(busy.get(i), "SELECT pg_current_wal_lsn()");
                String other = busy.get(i);
                // What is stored before the log is let go is looked at once a minute where nothing happens.
                await().atMost(LIMIT.multipliedBy(2))
                        .pollInterval(Duration.ofMillis(500))
                        .untilAsserted(() -> {
                            // Only where the server logs which transactions run, as at a checkpoint, can restart_lsn
                            // follow.
                            fixture.runAsSuperuser(other, "CHECKPOINT");
                            assertThat(behind(fixture, master, written)).isEmpty();
                        });
            }
        }
    }

    @Test
    void anIdleStreamOutlivesThreeTimeoutsOfTheServer() {
        try (Fixture fixture = new Fixture()) {
            idle(fixture, impatient(fixture, Servers.OLDEST), impatient(fixture, Servers.NEWEST));
            List<String> readers = readers(fixture);
            assertThat(readers).hasSize(2).doesNotContain("null");
            Duration idle = SENDER_TIMEOUT.multipliedBy(3).plusMillis(500);
            await().during(idle)
                    .atMost(idle.multipliedBy(2))
                    .failFast("a stream was ended", () -> !readers(fixture).equals(readers))
                    .until(() -> readers(fixture).equals(readers));
            fixture.run("m1", "INSERT INTO hot VALUES (2, 1, 'after')");
            await().atMost(LIMIT)
                    .until(() -> fixture.value("m2", "SELECT count(*) FROM hot").equals("2"));
            assertThat(readers(fixture)).isEqualTo(readers);
        }
    }

    private static List<String> behind(Fixture fixture, String master, String position) {
        return fixture.query(master, """
                SELECT '%1$s is not reached: ' || slots::text FROM pg_replication_slots slots
                WHERE slot_name = '%2$s' AND (confirmed_flush_lsn < '%1$s' OR restart_lsn < '%1$s')""".formatted(position, slot(fixture, master)));
    }

    /** A server that asks an idle reader soon. */
    private static Server impatient(Fixture fixture, int version) {
        return fixture.own(Servers.builder(version)
                .setting("wal_sender_timeout", SENDER_TIMEOUT.toMillis() + "ms")
                .start());
    }

    /** Masters that have replicated one row, and have nothing to do. */
    private static void idle(Fixture fixture, Server first, Server second) {
        fixture.databases(MASTERS, List.of(first, second), RandomWriter.TABLE)
                .sync("idle", MASTERS, List.of())
                .grant();
        Daemon daemon = fixture.start();
        fixture.run("m1", "INSERT INTO hot VALUES (1, 1, 'only')");
        daemon.kick(fixture.syncName("idle"), LIMIT);
        assertThat(fixture.value("m2", "SELECT count(*) FROM hot")).isEqualTo("1");
    }

    private static List<String> readers(Fixture fixture) {
        return MASTERS.stream()
                .map(master -> fixture.value(
                        master,
                        "SELECT active_pid FROM pg_replication_slots WHERE slot_name = '" + slot(fixture, master)
                                + "'"))
                .toList();
    }

    private static String slot(Fixture fixture, String master) {
        return ServerNames.slot(fixture.syncName("idle"), master);
    }
}
