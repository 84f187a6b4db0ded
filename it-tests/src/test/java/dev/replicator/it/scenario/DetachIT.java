package dev.replicator.it.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.replicator.it.harness.Fixture;
import dev.replicator.it.harness.RandomWriter;
import dev.replicator.it.harness.ReplicatorProcess;
import dev.replicator.it.harness.RowComparison;
import dev.replicator.it.harness.Server;
import dev.replicator.it.harness.Servers;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A database is given up for now, and taken back through compare and repair. */
class DetachIT {
    private static final Duration LIMIT = Duration.ofSeconds(180);
    private static final List<String> ALL = List.of("m1", "m2", "m3");
    private static final List<String> LEFT = List.of("m1", "m2");
    private static final String SLOTS = "SELECT count(*) FROM pg_replication_slots WHERE database = current_database()";

    private static String done(Fixture fixture, String... words) {
        ReplicatorProcess.Ended ended = fixture.command(words);
        assertThat(ended.code()).as(ended.err()).isZero();
        return ended.out();
    }

    private static void awaitReaders(Fixture fixture, ReplicatorProcess process, List<String> sources) {
        await().atMost(LIMIT)
                .failFast(process::assertRunning)
                .until(() -> sources.stream()
                        .allMatch(source ->
                                fixture.value(source, SLOTS + " AND active").equals("1")));
    }

    private static void write(Fixture fixture, List<String> masters, int transactions, long seed) {
        try (RandomWriter writer = new RandomWriter(fixture, masters, 1, seed)) {
            await().atMost(LIMIT).pollInterval(Duration.ofMillis(5)).until(() -> writer.committed() >= transactions);
        }
    }

    @Test
    void aMasterThatIsGoneIsGivenUpAndComesBack() {
        try (Fixture fixture = new Fixture()) {
            Server lost =
                    fixture.own(Servers.builder(Servers.NEWEST).durable(true).start());
            fixture.databases(
                            ALL,
                            List.of(Servers.of(Servers.OLDEST), Servers.of(Servers.NEWEST), lost),
                            RandomWriter.TABLE)
                    .sync("given", ALL, List.of())
                    .grant();
            String sync = fixture.syncName("given");
            ReplicatorProcess process = fixture.startProcess();
            RowComparison all = new RowComparison(fixture, ALL, "hot");
            RowComparison left = new RowComparison(fixture, LEFT, "hot");
            awaitReaders(fixture, process, ALL);
            write(fixture, ALL, 100, 3);
            all.awaitEqual(LIMIT, process::log);

            lost.killHard();
            write(fixture, LEFT, 100, 5);
            String told = done(fixture, "detach", "m3", "--yes");
            assertThat(told)
                    .contains("sync \"" + sync + "\": database m3 is detached")
                    .contains("m3: still there: replication slot");
            write(fixture, LEFT, 100, 7);
            done(fixture, "kick", sync);
            left.awaitEqual(LIMIT, process::log);
            assertThat(done(fixture, "status")).contains("detached by ").contains("\"replicator attach m3\"");

            // Whoever starts knows it, and who asks when nothing runs.
            assertThat(process.terminate()).as(process.log()).isZero();
            assertThat(fixture.command("status").out()).contains("detached by ");
            assertThat(done(fixture, "check"))
                    .contains("does without this database")
                    .contains("It can run.");
            ReplicatorProcess second = fixture.startProcess();
            write(fixture, LEFT, 50, 9);
            left.awaitEqual(LIMIT, second::log);
            await().atMost(LIMIT).until(() -> fixture.command("status").out().contains("detached by "));

            lost.start();
            fixture.run(
                    "m3", "INSERT INTO hot (id, a, b) VALUES (1000, 1, 'only here')", "DELETE FROM hot WHERE id < 5");
            assertThat(fixture.command("compare", sync, "--with", "m1", "--database", "m2")
                            .code())
                    .isZero();
            String taken = done(fixture, "attach", "m3");
            assertThat(taken)
                    .contains("database m3 is attached again")
                    .contains("replicator repair " + sync + " --from m1 --database m3");
            awaitReaders(fixture, second, ALL);
            write(fixture, LEFT, 100, 11);
            done(fixture, "kick", sync);
            assertThat(done(fixture, "repair", sync, "--from", "m1", "--database", "m3", "--yes"))
                    .isNotEmpty();
            write(fixture, ALL, 100, 13);
            all.awaitEqual(LIMIT, second::log);
            assertThat(fixture.value("m1", "SELECT count(*) FROM hot WHERE id = 1000"))
                    .isEqualTo("0");
            assertThat(fixture.command("attach", "m3").err()).contains("database \"m3\" is not detached");
            assertThat(second.terminate()).as(second.log()).isZero();
        }
    }

    @Tag("full")
    @Test
    void ofTwoMastersTheOneThatIsLeftKeepsNoLogForTheOther() {
        try (Fixture fixture = new Fixture()) {
            fixture.databases(LEFT, List.of(Servers.of(Servers.OLDEST), Servers.of(Servers.NEWEST)), RandomWriter.TABLE)
                    .sync("two", LEFT, List.of())
                    .grant();
            String sync = fixture.syncName("two");
            ReplicatorProcess process = fixture.startProcess();
            RowComparison both = new RowComparison(fixture, LEFT, "hot");
            awaitReaders(fixture, process, LEFT);
            write(fixture, LEFT, 50, 3);
            both.awaitEqual(LIMIT, process::log);

            done(fixture, "detach", "m2", "--yes");
            assertThat(fixture.value("m1", SLOTS)).isEqualTo("0");
            assertThat(fixture.value("m2", SLOTS)).isEqualTo("0");
            fixture.run("m1", "INSERT INTO hot (id, a, b) VALUES (1000, 1, 'alone')");
            process.kill();

            // Also when nothing runs.
            done(fixture, "attach", "m2");
            ReplicatorProcess second = fixture.startProcess();
            awaitReaders(fixture, second, LEFT);
            fixture.run("m2", "INSERT INTO hot (id, a, b) VALUES (2000, 1, 'again')");
            done(fixture, "kick", sync);
            assertThat(fixture.value("m1", "SELECT count(*) FROM hot WHERE id = 2000"))
                    .isEqualTo("1");
            assertThat(done(fixture, "repair", sync, "--from", "m1", "--database", "m2", "--yes"))
                    .isNotEmpty();
            both.awaitEqual(LIMIT, second::log);
            assertThat(fixture.value("m2", "SELECT count(*) FROM hot WHERE id = 1000"))
                    .isEqualTo("1");
            assertThat(second.terminate()).as(second.log()).isZero();
        }
    }

    @Tag("full")
    @Test
    void aProcessThatStoodByLearnsIt() {
        try (Fixture fixture = new Fixture()) {
            fixture.databases(ALL, List.of(Servers.of(Servers.NEWEST)), RandomWriter.TABLE)
                    .sync("standby", ALL, List.of())
                    .grant();
            String sync = fixture.syncName("standby");
            ReplicatorProcess leader = fixture.startProcess();
            awaitReaders(fixture, leader, ALL);
            ReplicatorProcess standby = fixture.startProcess();
            await().atMost(LIMIT)
                    .failFast(standby::assertRunning)
                    .until(() -> standby.log().contains("standby"));
            done(fixture, "detach", "m3", "--yes");
            leader.kill();
            await().atMost(LIMIT.multipliedBy(2))
                    .failFast(standby::assertRunning)
                    .until(() -> fixture.command("status").out().contains("detached by "));
            assertThat(standby.log()).contains("begins again, as other databases are detached now");
            awaitReaders(fixture, standby, LEFT);
            write(fixture, LEFT, 50, 3);
            done(fixture, "kick", sync);
            new RowComparison(fixture, LEFT, "hot").awaitEqual(LIMIT, standby::log);
            assertThat(fixture.value("m3", "SELECT count(*) FROM hot")).isEqualTo("0");
            assertThat(standby.terminate()).as(standby.log()).isZero();
        }
    }

    @Test
    void theOnlySourceIsNotGivenUpButOneOfItsTargets() {
        try (Fixture fixture = new Fixture()) {
            fixture.databases(
                            List.of("s", "t", "u"),
                            List.of(Servers.of(Servers.NEWEST)),
                            "CREATE TABLE work (id int PRIMARY KEY)")
                    .sync("one", List.of("s"), List.of("t", "u"))
                    .grant();
            ReplicatorProcess.Ended refused = fixture.command("detach", "s", "--yes");
            assertThat(refused.code()).isNotZero();
            assertThat(refused.err()).contains("cannot detach database \"s\"").contains("replicator pause");
            done(fixture, "detach", "u", "--yes");
            ReplicatorProcess process = fixture.startProcess();
            RowComparison first = new RowComparison(fixture, List.of("s", "t"), "work");
            awaitReaders(fixture, process, List.of("s"));
            fixture.run("s", "INSERT INTO work VALUES (1)");
            first.awaitEqual(LIMIT, process::log);
            assertThat(fixture.value("u", "SELECT count(*) FROM work")).isEqualTo("0");

            done(fixture, "attach", "u");
            fixture.run("s", "INSERT INTO work VALUES (2)");
            done(fixture, "kick", fixture.syncName("one"));
            assertThat(fixture.query("u", "SELECT id FROM work")).contains("2");
            done(fixture, "copy", fixture.syncName("one"), "--database", "u", "--yes");
            new RowComparison(fixture, List.of("s", "t", "u"), "work").awaitEqual(LIMIT, process::log);
            assertThat(process.terminate()).as(process.log()).isZero();
        }
    }
}
