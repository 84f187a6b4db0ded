package dev.replicator.it.harness;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/** Whether tables hold the same rows in all databases: every row as text, in order. Thread: any. */
public final class RowComparison {
    private static final int SHOWN = 10;

    private final Fixture fixture;
    private final List<String> databases;
    private final List<String> tables;

    public RowComparison(Fixture fixture, List<String> databases, String... tables) {
        this.fixture = fixture;
        this.databases = List.copyOf(databases);
        this.tables = List.of(tables);
    }

    /** Waits until all are equal; else fails with what differs, and with what {@code why} says. */
    public void awaitEqual(Duration limit, Supplier<?> why) {
        try {
            Awaitility.await()
                    .atMost(limit)
                    .pollInterval(Duration.ofMillis(200))
                    .ignoreExceptions()
                    .until(() -> differences().isEmpty());
        } catch (ConditionTimeoutException e) {
            throw new AssertionError(
                    "not equal after " + limit.toSeconds() + " s:\n" + String.join("\n", differences()) + "\n"
                            + why.get(),
                    e);
        }
    }

    /** What differs from the first database, in words; empty when all are equal. */
    public List<String> differences() {
        List<String> found = new ArrayList<>();
        for (String table : tables) {
            String sql = "SELECT t::text FROM " + table + " t ORDER BY t::text COLLATE \"C\"";
            Set<String> expected = new LinkedHashSet<>(fixture.query(databases.get(0), sql));
            for (String other : databases.subList(1, databases.size())) {
                Set<String> actual = new LinkedHashSet<>(fixture.query(other, sql));
                describe(found, table, databases.get(0), expected, other, actual);
                describe(found, table, other, actual, databases.get(0), expected);
            }
        }
        return found;
    }

    private static void describe(
            List<String> found, String table, String in, Set<String> rows, String not, Set<String> others) {
        List<String> only =
                rows.stream().filter(row -> !others.contains(row)).limit(SHOWN).toList();
        if (!only.isEmpty()) {
            found.add("table " + table + ": in " + in + " (" + rows.size() + " rows), not in " + not + " ("
                    + others.size() + " rows): " + only);
        }
    }
}
