package dev.replicator.cli.demo;

import dev.replicator.cli.admin.RunningSyncs;
import dev.replicator.cli.demo.shakespeare.Shakespeare;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The steps the demo shows: each says what it does, runs its SQL, and looks whether what it claims is true. A claim that
 * does not come true in time is shown as not true, and the next step goes on.
 *
 * <p>Thread: one.
 */
final class Script {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final long GLANCE_NANOS = 100_000;
    private static final int REPEATS = 50;
    private static final int WIDEST = 44;

    private final Screen screen;
    private final List<Master> masters;
    private final RunningSyncs replicator;
    private final History history;

    /** @param masters shake1, shake2, shake3 */
    Script(Screen screen, List<Master> masters, RunningSyncs replicator, History history) {
        this.screen = screen;
        this.masters = masters;
        this.replicator = replicator;
        this.history = history;
    }

    /** What the conflict history of one master says. */
    interface History {
        /** One discarded change: its row's key, where it was made and what it was, and the same of what won over it. */
        record Entry(String key, String loser, String lost, String winner, String won, String type, String reason) {}

        List<Entry> read(String database) throws SQLException;
    }

    void run() throws SQLException {
        oneRow();
        sameRowEverywhere();
        whilePaused();
        conflictHistory();
        equalTables();
    }

    private void oneRow() throws SQLException {
        screen.step(1, "One row is updated on shake1 and seen on all three");
        String title = "Hamlet, Prince of Denmark";
        String query = "SELECT title FROM work WHERE workid = 'hamlet'";
        show(query);
        execute(0, "UPDATE work SET title = '" + title + "' WHERE workid = 'hamlet'");
        long committed = System.nanoTime();
        screen.sql("shake2", query);
        Map<String, Long> seen = await(masters.subList(1, 3), query, title::equals, committed);
        show(query);
        screen.check(seen.size() == 2, "shake2 and shake3 have it" + milliseconds(seen));
        repeatOneRow();
    }

    /** The first change after a start meets a cold virtual machine; what it takes after that is shown too. */
    private void repeatOneRow() throws SQLException {
        List<Long> nanos = new ArrayList<>();
        String query = "SELECT notes FROM work WHERE workid = 'hamlet'";
        boolean all = true;
        for (int i = 1; i <= REPEATS && all; i++) {
            String value = "take " + i;
            masters.get(0).execute("UPDATE work SET notes = '" + value + "' WHERE workid = 'hamlet'");
            long committed = System.nanoTime();
            Map<String, Long> seen = await(masters.subList(1, 3), query, value::equals, committed);
            all = seen.size() == 2;
            seen.values().stream().max(Long::compare).ifPresent(nanos::add);
        }
        nanos.sort(null);
        String figures = nanos.isEmpty()
                ? ""
                : String.format(
                        Locale.ROOT,
                        ": from commit to seen on both, median %s, slowest %s",
                        format(nanos.get(nanos.size() / 2)),
                        format(nanos.get(nanos.size() - 1)));
        screen.check(all, REPEATS + " more updates, one after the other" + figures);
    }

    private void sameRowEverywhere() throws SQLException {
        screen.step(2, "The same row is updated on all three at once; the latest wins");
        screen.note("Three transactions are open at the same time and commit in the order shake3, shake1, shake2,");
        screen.note("so that none of them can have seen another.");
        String query = "SELECT title FROM work WHERE workid = 'macbeth'";
        for (int i = 0; i < masters.size(); i++) {
            execute(i, "BEGIN");
            execute(i, "UPDATE work SET title = 'Macbeth, as told by shake" + (i + 1) + "' WHERE workid = 'macbeth'");
        }
        for (int i : new int[] {2, 0, 1}) {
            execute(i, "COMMIT");
        }
        long committed = System.nanoTime();
        String latest = "Macbeth, as told by shake2";
        Map<String, Long> seen = await(masters, query, latest::equals, committed);
        show(query);
        screen.check(seen.size() == 3, "all three have what was committed last, on shake2" + milliseconds(seen));
    }

    private void whilePaused() throws SQLException {
        screen.step(3, "The sync is paused, two masters make conflicting updates, and it is resumed");
        String query = "SELECT year FROM work WHERE workid = 'tempest'";
        screen.command("replicator pause " + DemoConfig.SYNC);
        replicator.pause(DemoConfig.SYNC);
        screen.check(replicator.status().get(0).paused(), "the sync is paused");
        execute(0, "UPDATE work SET year = 1610 WHERE workid = 'tempest'");
        execute(2, "UPDATE work SET year = 1612 WHERE workid = 'tempest'");
        show(query);
        List<@Nullable String> apart = values(query);
        screen.check(
                apart.equals(List.of("1610", "1611", "1612")), "each master has its own year; nothing is carried over");
        screen.command("replicator resume " + DemoConfig.SYNC);
        long resumed = System.nanoTime();
        replicator.resume(DemoConfig.SYNC);
        Map<String, Long> seen = await(masters, query, "1612"::equals, resumed);
        show(query);
        screen.check(seen.size() == 3, "all three have the later one, from shake3" + milliseconds(seen));
    }

    private void conflictHistory() throws SQLException {
        screen.step(4, "What was discarded is kept, with what won over it and why");
        screen.command("replicator conflicts list " + DemoConfig.SYNC);
        List<String> lost = List.of("macbeth on shake1", "macbeth on shake3", "tempest on shake1");
        for (Master master : masters) {
            List<History.Entry> entries = awaitHistory(master, lost.size());
            if (master == masters.get(0)) {
                TextTable table =
                        new TextTable(WIDEST, "row", "lost on", "what lost", "won on", "what won", "conflict");
                entries.forEach(e -> table.row(e.key(), e.loser(), e.lost(), e.winner(), e.won(), e.type()));
                screen.table(table);
                entries.stream().map(History.Entry::reason).distinct().forEach(screen::note);
            }
            List<String> found = entries.stream()
                    .map(e -> e.key() + " on " + e.loser())
                    .sorted()
                    .toList();
            screen.check(found.equals(lost), "the history on " + master.name() + " has exactly these three");
        }
    }

    private void equalTables() throws SQLException {
        screen.step(5, "All tables of the three masters are equal");
        TextTable table = new TextTable(WIDEST, "table", "rows", "shake1", "shake2", "shake3");
        boolean allEqual = true;
        for (String name : Shakespeare.TABLES) {
            String query = "SELECT md5(string_agg(t::text, E'\\n' ORDER BY t::text COLLATE \"C\")) FROM " + name + " t";
            List<@Nullable String> sums = values(query);
            boolean equal = sums.stream().distinct().count() == 1 && sums.get(0) != null;
            allEqual &= equal;
            String[] shown = sums.stream()
                    .map(sum -> Objects.requireNonNullElse(sum, "empty"))
                    .map(sum -> sum.substring(0, Math.min(8, sum.length())))
                    .toArray(String[]::new);
            @Nullable String rows = masters.get(0).value("SELECT count(*) FROM " + name);
            table.row(name, rows, shown[0], shown[1], shown[2]);
        }
        screen.note("Checksums of all rows, in one order (the first eight digits are shown):");
        screen.table(table);
        screen.check(allEqual, "every table has the same checksum on all three");
    }

    private void execute(int master, String sql) throws SQLException {
        screen.sql(masters.get(master).name(), sql);
        masters.get(master).execute(sql);
    }

    private List<@Nullable String> values(String query) throws SQLException {
        List<@Nullable String> values = new ArrayList<>();
        for (Master master : masters) {
            values.add(master.value(query));
        }
        return values;
    }

    private void show(String query) throws SQLException {
        TextTable table = new TextTable(WIDEST, "", "shake1", "shake2", "shake3");
        String column = query.substring("SELECT ".length(), query.indexOf(" FROM"));
        List<@Nullable String> values = values(query);
        table.row(column, values.get(0), values.get(1), values.get(2));
        screen.table(table);
    }

    /** Asks until the query's value is as wished everywhere; the nanoseconds since {@code from} by database. */
    private static Map<String, Long> await(
            List<Master> masters, String query, Predicate<@Nullable String> wished, long from) throws SQLException {
        Map<String, Long> seen = new TreeMap<>();
        List<PreparedStatement> queries = new ArrayList<>();
        try {
            for (Master master : masters) {
                queries.add(master.prepare(query));
            }
            while (seen.size() < masters.size() && System.nanoTime() - from < PATIENCE.toNanos()) {
                for (int i = 0; i < queries.size(); i++) {
                    String name = masters.get(i).name();
                    if (!seen.containsKey(name) && wished.test(first(queries.get(i)))) {
                        seen.put(name, System.nanoTime() - from);
                    }
                }
                LockSupport.parkNanos(GLANCE_NANOS);
            }
        } finally {
            for (PreparedStatement statement : queries) {
                statement.close();
            }
        }
        return seen;
    }

    private List<History.Entry> awaitHistory(Master master, int count) throws SQLException {
        long from = System.nanoTime();
        List<History.Entry> entries = history.read(master.name());
        while (entries.size() < count && System.nanoTime() - from < PATIENCE.toNanos()) {
            LockSupport.parkNanos(GLANCE_NANOS * 100);
            entries = history.read(master.name());
        }
        return entries;
    }

    private static @Nullable String first(PreparedStatement query) throws SQLException {
        try (ResultSet result = query.executeQuery()) {
            return result.next() ? result.getString(1) : null;
        }
    }

    private static String milliseconds(Map<String, Long> seen) {
        String times = String.join(
                ", ",
                seen.entrySet().stream()
                        .map(entry -> entry.getKey() + " after " + format(entry.getValue()))
                        .toList());
        return times.isEmpty() ? "" : ": " + times;
    }

    static String format(long nanos) {
        return String.format(Locale.ROOT, nanos < 100_000_000 ? "%.1f ms" : "%.0f ms", nanos / 1e6);
    }
}
