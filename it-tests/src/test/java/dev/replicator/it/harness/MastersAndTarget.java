package dev.replicator.it.harness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.replicator.cli.daemon.Daemon;
import dev.replicator.postgres.ConflictHistory;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Three masters of the oldest and the newest version, each with a log and a clock of its own, and a target that only
 * receives, under one running sync. Changes can be made while nothing travels, so that they are concurrent for certain.
 *
 * <p>Started once for a class of scenarios, each of which has tables of its own. Thread: that of the test.
 */
public final class MastersAndTarget implements AutoCloseable {
    public static final List<String> MASTERS = List.of("m1", "m2", "m3");
    public static final String TARGET = "t1";

    private static final String SYNC = "shapes";
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final Duration HISTORY_LIMIT = Duration.ofSeconds(15);

    private final Fixture fixture;
    private final Daemon daemon;

    private MastersAndTarget(Fixture fixture, Daemon daemon) {
        this.fixture = fixture;
        this.daemon = daemon;
    }

    /** Databases with these tables, everywhere the same, and the sync running. */
    public static MastersAndTarget start(String... ddl) {
        Fixture fixture = empty();
        fixture.names().forEach(name -> fixture.run(name, ddl));
        return start(fixture);
    }

    /** The databases without tables and without a sync, for {@link #start(Fixture, String...)}. */
    public static Fixture empty() {
        return new Fixture()
                .database("m1", Servers.of(Servers.OLDEST))
                .database("m2", Servers.of(Servers.NEWEST))
                .database("m3", Servers.of(Servers.NEWEST, 2))
                .database(TARGET, Servers.of(Servers.OLDEST));
    }

    /** The sync running over databases from {@link #empty} that have their tables by now. */
    public static MastersAndTarget start(Fixture fixture, String... configuration) {
        try {
            fixture.sync(SYNC, MASTERS, List.of(TARGET), configuration).grant();
            return new MastersAndTarget(fixture, fixture.start());
        } catch (RuntimeException | Error e) {
            fixture.close();
            throw e;
        }
    }

    public Fixture fixture() {
        return fixture;
    }

    /** Runs each statement in a transaction of its own; several in one string are one transaction. */
    public void run(String database, String... statements) {
        fixture.run(database, statements);
    }

    public void pause() {
        daemon.pause(fixture.syncName(SYNC));
    }

    public void resume() {
        daemon.resume(fixture.syncName(SYNC));
    }

    /** Waits until everything committed so far is applied, and these tables are equal in all four databases. */
    public void settle(String... tables) {
        daemon.kick(fixture.syncName(SYNC), LIMIT);
        new RowComparison(fixture, fixture.names(), tables).awaitEqual(LIMIT, daemon::status);
    }

    /** Resumes and {@link #settle settles}. */
    public void resumeAndSettle(String... tables) {
        resume();
        settle(tables);
    }

    /** As {@link #settle}, for a table whose columns stand in another order somewhere, or of which only these matter. */
    public void settleColumns(String table, String columns) {
        daemon.kick(fixture.syncName(SYNC), LIMIT);
        new RowComparison(fixture, fixture.names(), "(SELECT " + columns + " FROM " + table + ")")
                .awaitEqual(LIMIT, daemon::status);
    }

    /** The rows of a table as text, in order, as all databases hold them: asserts that they are equal. */
    public List<String> rows(String table) {
        assertThat(new RowComparison(fixture, fixture.names(), table).differences())
                .isEmpty();
        return fixture.query(TARGET, "SELECT t::text FROM " + table + " t ORDER BY t::text COLLATE \"C\"");
    }

    /**
     * What the history says of a table, in order of the discarded changes' commit. Waits until a settled sync has
     * written {@code expected} of them; asserts that a change that stands in several databases has one id, and says the
     * same everywhere.
     */
    public List<ConflictHistory.Entry> history(String table, int expected) {
        await().atMost(HISTORY_LIMIT).until(() -> read(table).size() >= expected);
        List<ConflictHistory.Entry> found = history(table);
        assertThat(found).as("discarded changes of %s", table).hasSize(expected);
        return found;
    }

    /** What the history says of a table by now; entries are written with the value that won. */
    public List<ConflictHistory.Entry> history(String table) {
        List<ConflictHistory.Entry> found = new ArrayList<>(read(table).values());
        found.sort(Comparator.comparing(
                entry -> entry.loser().commitTime(), Comparator.nullsFirst(Comparator.naturalOrder())));
        return found;
    }

    private Map<String, ConflictHistory.Entry> read(String table) {
        Map<String, ConflictHistory.Entry> byId = new LinkedHashMap<>();
        for (String name : fixture.names()) {
            try (Connection connection = fixture.server(name).connect(fixture.databaseName(name))) {
                for (ConflictHistory.Entry entry :
                        new ConflictHistory(connection).list(ConflictHistory.Filter.of(null, table), 1000)) {
                    ConflictHistory.Entry before = byId.putIfAbsent(entry.id(), entry);
                    if (before != null) {
                        assertThat(entry)
                                .usingRecursiveComparison()
                                .ignoringFields("recordedAt")
                                .isEqualTo(before);
                    }
                }
            } catch (SQLException e) {
                throw new AssertionError("database " + name + ": " + e.getMessage(), e);
            }
        }
        return byId;
    }

    @Override
    public void close() {
        fixture.close();
    }
}
