package dev.replicator.slot;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A transaction that others have to wait for.
 *
 * @param pid its server process; 0 for a prepared transaction
 * @param database its database's name on the server
 * @param user its user
 * @param application its application name
 * @param state what its session does ({@code idle in transaction}, {@code active})
 * @param since when it began, in UTC
 * @param gid the name of a prepared transaction, else null
 */
public record Blocker(
        int pid,
        @Nullable String database,
        @Nullable String user,
        @Nullable String application,
        @Nullable String state,
        @Nullable String since,
        @Nullable String gid) {

    @Override
    public String toString() {
        List<String> parts = new ArrayList<>();
        add(parts, "user ", user);
        add(parts, "database ", database);
        add(parts, "application ", application);
        add(parts, "", state);
        add(parts, "since ", since);
        String facts = parts.isEmpty() ? "" : " (" + String.join(", ", parts) + ")";
        return (gid == null ? "process " + pid : "prepared transaction '" + gid + "'") + facts;
    }

    private static void add(List<String> parts, String label, @Nullable String value) {
        if (value != null) {
            parts.add(label + value);
        }
    }

    /** The first few, in words. */
    public static String describe(List<Blocker> blockers) {
        if (blockers.isEmpty()) {
            return "none any more";
        }
        String first = blockers.stream().limit(3).map(Blocker::toString).collect(Collectors.joining(", "));
        return blockers.size() > 3 ? first + " and " + (blockers.size() - 3) + " more" : first;
    }
}
