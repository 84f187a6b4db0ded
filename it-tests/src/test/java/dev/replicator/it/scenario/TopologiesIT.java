package dev.replicator.it.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.replicator.error.ErrorCode;
import dev.replicator.it.harness.Fixture;
import dev.replicator.it.harness.RandomWriter;
import dev.replicator.it.harness.ReplicatorProcess;
import dev.replicator.it.harness.Rest;
import dev.replicator.it.harness.RowComparison;
import dev.replicator.it.harness.Server;
import dev.replicator.it.harness.Servers;
import dev.replicator.it.harness.WriteNotes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Syncs that have databases in common: what one writes, the next carries on, once, and all come to rest with equal rows. */
class TopologiesIT {
    private static final Duration LIMIT = Duration.ofSeconds(90);
    private static final String ONLY_HOT = "tables: [public.hot]";
    private static final int TRANSACTIONS = 100;

    @Test
    void aChainOfTwoProcessesCarriesEveryChangeOnceAndComesToRest() {
        chain(fixture ->
                List.of(fixture.startProcess("256m", List.of("ab")), fixture.startProcess("256m", List.of("bc"))));
    }

    @Test
    @Tag("full")
    void aChainInOneProcessCarriesEveryChangeOnceAndComesToRest() {
        chain(fixture -> List.of(fixture.startProcess()));
    }

    private static void chain(Function<Fixture, List<ReplicatorProcess>> start) {
        List<String> databases = List.of("a", "b", "c");
        try (Fixture fixture = new Fixture()) {
            databases(fixture, databases);
            fixture.sync("ab", List.of("a", "b"), List.of(), ONLY_HOT)
                    .sync("bc", List.of("b", "c"), List.of(), ONLY_HOT)
                    .grant();
            WriteNotes notes = new WriteNotes(fixture, databases);
            List<ReplicatorProcess> processes = start.apply(fixture);
            carriesOnceAndRests(fixture, databases, notes, () -> logs(processes));
        }
    }

    @Test
    void aHubOfThreeSyncsCarriesEveryChangeOnceAndComesToRest() {
        List<String> databases = List.of("hub", "s1", "s2", "s3");
        try (Fixture fixture = new Fixture()) {
            databases(fixture, databases);
            for (String spoke : databases.subList(1, 4)) {
                fixture.sync("to_" + spoke, List.of("hub", spoke), List.of(), ONLY_HOT);
            }
            fixture.grant();
            WriteNotes notes = new WriteNotes(fixture, databases);
            ReplicatorProcess process = fixture.startProcess();
            carriesOnceAndRests(fixture, databases, notes, process::log);
        }
    }

    @Test
    void aCircleOfSyncsDoesNotStart() {
        try (Fixture fixture = new Fixture()) {
            fixture.databases(List.of("a", "b", "c"), List.of(Servers.of(Servers.NEWEST)), RandomWriter.TABLE);
            fixture.sync("ab", List.of("a", "b"), List.of())
                    .sync("bc", List.of("b", "c"), List.of())
                    .grant()
                    .sync("ca", List.of("c", "a"), List.of());
            ReplicatorProcess.Ended run = fixture.command("run");
            assertThat(run.code()).as(run.err()).isEqualTo(ErrorCode.CONFIGURATION.exitCode());
            assertThat(run.err()).contains("in circles");
            for (String database : fixture.names()) {
                assertThat(fixture.query(database, """
                        SELECT pubname FROM pg_publication
                        UNION ALL SELECT slot_name FROM pg_replication_slots WHERE database = current_database()
                        UNION ALL SELECT nspname FROM pg_namespace WHERE nspname = 'replicator'""")).isEmpty();
            }
        }
    }

    /** One server each, in turn of the oldest and the newest version, that nothing but the scenario writes. */
    private static void databases(Fixture fixture, List<String> names) {
        List<Server> servers = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            int version = i % 2 == 0 ? Servers.NEWEST : Servers.OLDEST;
            servers.add(fixture.own(
                    Servers.builder(version).setting("autovacuum", "off").start()));
        }
        fixture.databases(names, servers, RandomWriter.TABLE);
    }

    private static void carriesOnceAndRests(
            Fixture fixture, List<String> databases, WriteNotes notes, Supplier<String> why) {
        awaitStreams(fixture, 2 * (databases.size() - 1), why);
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < databases.size(); i++) {
            String first = databases.get(i);
            String last = databases.get(databases.size() - 1 - i);
            fixture.run(first, "INSERT INTO hot VALUES (%d, 1, 'from %s')".formatted(100 + i, first));
            expected.add("INSERT from " + first);
            arrives(fixture, databases, notes, expected, why);
            fixture.run(last, "UPDATE hot SET b = 'again at %s' WHERE id = %d".formatted(last, 100 + i));
            expected.add("UPDATE again at " + last);
            arrives(fixture, databases, notes, expected, why);
        }
        try (RandomWriter writer = new RandomWriter(fixture, databases, 1, 5)) {
            await().atMost(LIMIT).until(() -> writer.committed() > TRANSACTIONS);
        }
        RowComparison comparison = new RowComparison(fixture, databases, "hot");
        comparison.awaitEqual(LIMIT, why);
        Rest.await(fixture, LIMIT, why);
        assertThat(comparison.differences()).isEmpty();
        for (String database : databases) {
            // The random writer writes nothing of this kind, and never at these rows.
            assertThat(notes.of(database).stream().filter(note -> note.contains(" from ") || note.contains(" again ")))
                    .as("writes to %s", database)
                    .containsExactlyElementsOf(expected);
        }
        assertThat(fixture.value(databases.get(0), "SELECT count(*) > 0 FROM hot"))
                .isEqualTo("t");
    }

    private static void awaitStreams(Fixture fixture, int streams, Supplier<String> why) {
        await().atMost(LIMIT)
                .untilAsserted(() -> assertThat(
                                fixture.names().stream()
                                        .flatMap(name -> fixture
                                                .query(name, "SELECT slot_name FROM pg_replication_slots WHERE active")
                                                .stream()))
                        .as(why.get())
                        .hasSize(streams));
    }

    private static void arrives(
            Fixture fixture, List<String> databases, WriteNotes notes, List<String> expected, Supplier<String> why) {
        for (String database : databases) {
            await().atMost(LIMIT)
                    .untilAsserted(() ->
                            assertThat(notes.of(database)).as(why.get()).hasSizeGreaterThanOrEqualTo(expected.size()));
        }
        new RowComparison(fixture, databases, "hot").awaitEqual(LIMIT, why);
    }

    private static String logs(List<ReplicatorProcess> processes) {
        return String.join(
                "\n---\n", processes.stream().map(ReplicatorProcess::log).toList());
    }
}
