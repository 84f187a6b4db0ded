package dev.replicator.slot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.replicator.connector.Connectors;
import dev.replicator.embedded.PostgresServer;
import dev.replicator.error.ErrorCode;
import dev.replicator.model.DatabaseSpec;
import dev.replicator.model.ServerNames;
import dev.replicator.model.SyncSpec;
import dev.replicator.model.SyncSpec.ClockLimit;
import dev.replicator.model.SyncSpec.ForeignOrigins;
import dev.replicator.model.SyncSpec.WhenExceeded;
import dev.replicator.model.TableName;
import dev.replicator.session.DatabaseIdentity;
import dev.replicator.session.Endpoint;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PreflightTest {
    private static final AtomicInteger ROLES = new AtomicInteger();
    private static final String[] TABLES = {
        "CREATE TABLE stock (id int PRIMARY KEY, v text)",
        "CREATE TABLE \"Odd \"\"T'x%I\" (id int PRIMARY KEY REFERENCES stock)"
    };

    @ParameterizedTest
    @ValueSource(ints = {14, 18})
    void anOrdinaryRoleLacksWhatTheGrantScriptThenGives(int version) throws SQLException {
        String role = "repl'\"%I_" + ROLES.incrementAndGet();
        String owner = "owner_" + ROLES.get();
        DatabaseSpec a = TestServers.database(version, "a");
        DatabaseSpec b = TestServers.database(version, "b");
        run(a, "CREATE ROLE \"" + role.replace("\"", "\"\"") + "\" LOGIN");
        run(a, "CREATE ROLE " + owner);
        for (DatabaseSpec spec : List.of(a, b)) {
            run(spec, TABLES);
            run(spec, "ALTER TABLE stock OWNER TO " + owner);
        }
        SyncSpec sync =
                TestServers.sync("bard", List.of(TestServers.as(a, role), TestServers.as(b, role)), List.of(), null);

        Preflight.Report before = Preflight.run(sync);
        List<String> errors = before.findings().stream()
                .filter(Finding::isError)
                .map(Finding::primary)
                .toList();
        assertThat(errors)
                .contains(
                        "cannot use replication slots on database \"a\"",
                        "cannot create schema or publication on database \"a\"",
                        "cannot write to database \"a\" with session_replication_role = replica",
                        "cannot publish tables of database \"b\"",
                        "cannot write to tables of database \"b\"");
        assertThat(before.findings())
                .filteredOn(finding -> !finding.isError())
                .extracting(Finding::primary)
                .containsExactly(
                        "cannot mark what is written to database \"a\" with a replication origin",
                        "cannot mark what is written to database \"b\" with a replication origin");
        assertThat(before.findings()).allMatch(finding -> finding.code() == ErrorCode.PRIVILEGE);
        assertThat(before.findings()).allMatch(finding -> !finding.fix().isEmpty());

        List<GrantScript.Section> sections = GrantScript.sections(List.of(before));
        assertThat(sections).hasSize(2);
        for (int time = 0; time < 2; time++) {
            run(a, sections.get(0).sql());
            run(b, sections.get(1).sql());
        }
        Preflight.Report after = Preflight.run(sync);
        assertThat(after.findings()).isEmpty();
        assertThat(after.tables()).hasSize(2);
        try (Connection connection = TestServers.open(TestServers.as(a, role))) {
            new Publications(connection, "a").ensure(ServerNames.publication("bard"), after.tables());
            Slots slots = new Slots(connection, "a");
            slots.create(ServerNames.slot("bard", "a"), blockers -> true);
            assertThat(slots.drop(ServerNames.slot("bard", "a"))).isTrue();
        }
    }

    @Test
    void theScriptMakesAMissingRoleAndIsOneText() throws SQLException {
        String role = "missing_" + ROLES.incrementAndGet();
        DatabaseSpec a = TestServers.database(18, "a");
        DatabaseSpec t = TestServers.database(18, "t");
        run(a, TABLES);
        run(t, TABLES);
        SyncSpec asRole =
                TestServers.sync("one", List.of(TestServers.as(a, role)), List.of(TestServers.as(t, role)), null);
        Preflight.Report unreached = Preflight.run(asRole);
        assertThat(unreached.findings())
                .extracting(Finding::code)
                .containsExactly(ErrorCode.AUTHENTICATION, ErrorCode.AUTHENTICATION);

        SyncSpec asSuperuser = TestServers.sync("one", List.of(a), List.of(t), null);
        Preflight.Report seen = Preflight.run(asSuperuser);
        Preflight.Report mixed = new Preflight.Report(asRole, List.of(), seen.tables(), Map.of(), Map.of());
        List<GrantScript.Section> sections = GrantScript.sections(List.of(mixed));
        run(a, sections.get(0).sql());
        run(t, sections.get(1).sql());

        assertThat(Preflight.run(asRole).findings()).isEmpty();
        assertThat(GrantScript.text(sections))
                .contains("\\connect -reuse-previous=on \"dbname='"
                        + Endpoint.of(a).database() + "' host='127.0.0.1' port=")
                .doesNotContain("ALTER ROLE \"postgres\"");
    }

    @ParameterizedTest
    @ValueSource(ints = {14, 18})
    void whereNothingCouldBeReachedTheScriptFindsTheTablesItself(int version) {
        String role = "unseen_" + ROLES.incrementAndGet();
        DatabaseSpec a = TestServers.database(version, "a");
        DatabaseSpec t = TestServers.database(version, "t");
        run(a, "CREATE ROLE owner_" + role);
        for (DatabaseSpec spec : List.of(a, t)) {
            run(spec, "CREATE TABLE \"a%_1\" (id int PRIMARY KEY)", "CREATE TABLE ab_1 (id int PRIMARY KEY)");
            run(spec, "ALTER TABLE \"a%_1\" OWNER TO owner_" + role);
        }
        SyncSpec sync = TestServers.sync(
                "unseen", List.of(TestServers.as(a, role)), List.of(TestServers.as(t, role)), List.of("public.a%_?"));
        List<GrantScript.Section> sections = GrantScript.sections(List.of(Preflight.run(sync)));
        run(a, sections.get(0).sql());
        run(t, sections.get(1).sql());

        Preflight.Report report = Preflight.run(sync);
        assertThat(report.findings()).isEmpty();
        assertThat(report.tables()).hasSize(1);
        CatalogTable other = report.catalogs().get("t").tables().get(new TableName("public", "ab_1"));
        assertThat(other).isNotNull();
        assertThat(other.privileges()).doesNotContain("INSERT");
    }

    @Test
    void aServerThatCannotBeReachedHidesNothingElse() {
        DatabaseSpec a = TestServers.database(18, "a");
        run(a, "CREATE TABLE keyless (v text)");
        DatabaseSpec away =
                new DatabaseSpec("b", "postgres", "jdbc:postgresql://127.0.0.1:1/nowhere", "x", null, Map.of());
        Preflight.Report report = Preflight.run(TestServers.sync("s", List.of(a, away), List.of(), null));

        assertThat(report.findings())
                .extracting(Finding::code)
                .containsExactlyInAnyOrder(ErrorCode.CONNECTION, ErrorCode.TABLE, ErrorCode.TABLE);
        assertThat(report.obstacle().orElseThrow().code()).isEqualTo(ErrorCode.TABLE);
    }

    @Test
    void settingsOfTheServerAreChecked() {
        try (PostgresServer bare = PostgresServer.builder()
                .version(18)
                .setting("wal_level", "replica")
                .setting("max_replication_slots", "1")
                .setting("max_active_replication_origins", "0")
                .setting("max_wal_senders", "0")
                .setting("wal_sender_timeout", "2s")
                .setting("max_slot_wal_keep_size", "100MB")
                .setting("idle_replication_slot_timeout", "1h")
                .start()) {
            bare.createDatabase("x");
            bare.createDatabase("y");
            DatabaseSpec x = new DatabaseSpec("x", "postgres", bare.jdbcUrl("x"), "postgres", null, Map.of());
            DatabaseSpec y = new DatabaseSpec("y", "postgres", bare.jdbcUrl("y"), "postgres", null, Map.of());
            run(x, TABLES);
            run(y, TABLES);
            Preflight.Report report = Preflight.run(TestServers.sync("s", List.of(x, y), List.of(), null));

            List<String> primaries =
                    report.findings().stream().map(Finding::primary).toList();
            assertThat(primaries)
                    .contains(
                            "cannot read changes from database \"x\": wal_level is not logical",
                            "cannot make enough replication slots on the server of database \"x\"",
                            "cannot make enough WAL senders on the server of database \"x\"",
                            "cannot make enough replication origins on the server of database \"x\"",
                            "cannot open a replication connection to database \"y\"",
                            "wal_sender_timeout is short on database \"x\"",
                            "the server of database \"x\" gives slots up before slot_budget is spent",
                            "the server of database \"y\" gives up slots that nobody reads for a while");
            Finding senders = report.findings().stream()
                    .filter(finding -> finding.primary().contains("WAL senders"))
                    .findFirst()
                    .orElseThrow();
            assertThat(senders.detail()).isEqualTo("max_wal_senders is 0, 0 are in use, and this sync needs 2 more.");
        }
    }

    @Test
    void aDatabaseNamedTwiceIsALoop() {
        DatabaseSpec a = TestServers.database(18, "a");
        run(a, TABLES);
        DatabaseSpec again = new DatabaseSpec(
                "b", "postgres", a.url().replace("127.0.0.1", "localhost"), "postgres", null, Map.of());
        Preflight.Report report = Preflight.run(TestServers.sync("s", List.of(a, again), List.of(), null));

        assertThat(report.findings()).hasSize(1);
        assertThat(report.findings().get(0).code()).isEqualTo(ErrorCode.LOOP);
        assertThat(report.findings().get(0).primary()).contains("are the same database");
    }

    @Test
    void syncsThatFeedEachOtherInACircleAreALoopAndChainsAreNot() {
        DatabaseSpec a = TestServers.database(18, "a");
        DatabaseSpec b = TestServers.database(18, "b");
        DatabaseSpec c = TestServers.database(14, "c");
        for (DatabaseSpec spec : List.of(a, b, c)) {
            run(spec, TABLES);
        }
        SyncSpec ab = TestServers.sync("ab", List.of(a, b), List.of(), null);
        SyncSpec bc = TestServers.sync("bc", List.of(b, c), List.of(), null);
        SyncSpec ca = TestServers.sync("ca", List.of(c), List.of(a), List.of("stock"));

        assertThat(loops(ab, bc)).isEmpty();
        assertThat(loops(ab, bc, ca)).containsExactlyInAnyOrder("ab", "bc", "ca");
        assertThat(loops(ab, ignoring(bc), ca)).isEmpty();
        SyncSpec back = TestServers.sync("ba", List.of(b), List.of(a), null);
        assertThat(loops(TestServers.sync("ab", List.of(a), List.of(b), null), back))
                .containsExactlyInAnyOrder("ab", "ba");
    }

    @Test
    void tablesFilledOnOneSideOnlyAreNamedUntilTheSlotsExist() throws SQLException {
        DatabaseSpec a = TestServers.database(18, "a");
        DatabaseSpec b = TestServers.database(18, "b");
        run(a, TABLES);
        run(b, TABLES);
        run(a, "INSERT INTO stock VALUES (1, 'x')");
        String name = "fill" + ROLES.incrementAndGet();
        SyncSpec sync = TestServers.sync(name, List.of(a), List.of(b), null);
        Preflight.Report report = Preflight.run(sync);

        assertThat(report.findings()).hasSize(1);
        assertThat(report.findings().get(0).detail()).isEqualTo("\"public\".\"stock\" (filled on a; empty on b).");
        try (Connection connection = TestServers.open(a)) {
            new Publications(connection, "a").ensure(ServerNames.publication(name), report.tables());
            new Slots(connection, "a").create(ServerNames.slot(name, "a"), blockers -> true);
            assertThat(Preflight.run(sync).findings()).isEmpty();

            new Publications(connection, "a").drop(ServerNames.publication(name));
            assertThat(Preflight.run(sync).findings()).extracting(Finding::code).containsExactly(ErrorCode.PUBLICATION);
            new Slots(connection, "a").drop(ServerNames.slot(name, "a"));
        }
    }

    @Test
    void mastersWhoseSequencesMeetAreNamedAndTheFixSetsThemApart() {
        DatabaseSpec a = TestServers.database(14, "a");
        DatabaseSpec b = TestServers.database(18, "b");
        for (DatabaseSpec spec : List.of(a, b)) {
            run(
                    spec,
                    "CREATE TABLE \"Ord er\" (id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, v text)",
                    "CREATE TABLE old (id serial PRIMARY KEY)",
                    "CREATE TABLE apart (id serial PRIMARY KEY)",
                    "CREATE TABLE free (id uuid PRIMARY KEY, n serial)");
        }
        run(a, "INSERT INTO \"Ord er\" (v) SELECT 'x' FROM generate_series(1, 25)");
        run(b, "ALTER SEQUENCE apart_id_seq MINVALUE 1000000 START 1000000 RESTART");
        run(a, "ALTER SEQUENCE apart_id_seq MAXVALUE 999999");
        SyncSpec sync = TestServers.sync("numbers", List.of(a, b), List.of(), null);

        List<Finding> found = sequences(sync);
        assertThat(found.stream().map(Finding::primary))
                .containsExactly(
                        "several masters may give new rows of table \"public\".\"Ord er\" the same key",
                        "several masters may give new rows of table \"public\".\"old\" the same key");
        assertThat(found.get(0).detail())
                .contains("on \"a\" INCREMENT BY 1, now at 25; on \"b\" INCREMENT BY 1, now at 1");
        for (Finding finding : found) {
            run(a, finding.fix().get(0));
            run(b, finding.fix().get(1));
        }
        assertThat(sequences(sync)).isEmpty();
        run(a, "INSERT INTO \"Ord er\" (v) VALUES ('x')");
        run(b, "INSERT INTO \"Ord er\" (v) VALUES ('x')");
        assertThat(sequences(sync)).isEmpty();
        assertThat(sequences(TestServers.sync("numbers", List.of(a), List.of(b), null)))
                .isEmpty();
    }

    private static List<Finding> sequences(SyncSpec sync) {
        return Preflight.run(sync).findings().stream()
                .filter(finding -> finding.primary().startsWith("several masters may give"))
                .toList();
    }

    @Test
    void clocksAreComparedWithTheirErrorInMind() {
        ClockLimit limit = new ClockLimit(Duration.ofSeconds(60), WhenExceeded.STOP);
        List<Finding> findings = new ArrayList<>();
        ClockChecks.compare(
                List.of(clock("a", 0, 10), clock("b", 60_015, 10), clock("c", -100, 1)), limit, findings::add);

        assertThat(findings).hasSize(1);
        assertThat(findings.get(0).isError()).isTrue();
        assertThat(findings.get(0).detail()).startsWith("\"b\" is ahead by 60.115 s; max_clock_offset is 60.000 s.");
    }

    @Test
    void theClockOfAServerOnThisMachineIsOurs() throws SQLException {
        DatabaseSpec a = TestServers.database(18, "a");
        try (Connection connection = TestServers.open(a)) {
            ServerFacts facts = ServerFacts.read(connection, a);
            assertThat(facts.clockOffset().abs())
                    .isLessThan(Duration.ofMillis(500).plus(facts.clockError()));
            assertThat(facts.identity().timeline()).isEqualTo(1);
        }
    }

    private static ServerFacts clock(String name, long offsetMillis, long errorMillis) {
        return new ServerFacts(
                name,
                new Endpoint("h:1", "d"),
                180_000,
                new DatabaseIdentity(1, 1, 1, "d"),
                Map.of(),
                "r",
                false,
                true,
                true,
                ServerFacts.OwnSchema.MISSING,
                true,
                List.of(),
                false,
                0,
                0,
                Set.of(),
                Duration.ofMillis(offsetMillis),
                Duration.ofMillis(errorMillis));
    }

    private static List<String> loops(SyncSpec... syncs) {
        return Preflight.run(List.of(syncs), Connectors.none()).stream()
                .filter(report -> report.findings().stream().anyMatch(finding -> finding.code() == ErrorCode.LOOP))
                .map(report -> report.sync().name())
                .toList();
    }

    private static SyncSpec ignoring(SyncSpec sync) {
        return new SyncSpec(
                sync.name(),
                sync.sources(),
                sync.targets(),
                sync.tables(),
                ForeignOrigins.IGNORE,
                sync.slotBudget(),
                sync.clockLimit());
    }

    private static void run(DatabaseSpec spec, String... sql) {
        TestServers.run(spec, sql);
    }
}
