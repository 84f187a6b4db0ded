package dev.replicator.cli.config;

import dev.replicator.model.DatabaseSpec;
import dev.replicator.model.SyncSpec;
import dev.replicator.model.SyncSpec.ForeignOrigins;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Finds syncs that would send a change round in circles. Within one sync marks prevent it; between syncs nothing does,
 * except {@code foreign_origins: ignore}, which does not pass on what came by replication.
 *
 * <p>A step is "sync S writes database d"; it leads to "sync T writes e" when T reads d, passes foreign changes on, writes
 * e, and both have a table in common. A circle of steps is a loop. Two multi-master syncs with one database in common are
 * none: what T wrote to the common database, T does not send back.
 */
final class Loops {
    private record Step(SyncSpec sync, DatabaseSpec database) {}

    private final List<SyncSpec> syncs;

    Loops(List<SyncSpec> syncs) {
        this.syncs = syncs;
    }

    /** The first loop, as a text like {@code a (east) -> b (west) -> a (east)}, or null. */
    @Nullable
    String find() {
        Set<Step> clear = new HashSet<>();
        for (SyncSpec sync : syncs) {
            for (DatabaseSpec written : written(sync)) {
                String loop = walk(new Step(sync, written), new ArrayList<>(), clear);
                if (loop != null) {
                    return loop;
                }
            }
        }
        return null;
    }

    private @Nullable String walk(Step step, List<Step> path, Set<Step> clear) {
        if (clear.contains(step)) {
            return null;
        }
        int seen = path.indexOf(step);
        path.add(step);
        if (seen >= 0) {
            return String.join(
                    " -> ",
                    path.subList(seen, path.size()).stream()
                            .map(s -> s.database.name() + " (written by " + s.sync.name() + ")")
                            .toList());
        }
        for (SyncSpec next : syncs) {
            if (next != step.sync
                    && next.foreignOrigins() == ForeignOrigins.FORWARD
                    && next.sources().contains(step.database)
                    && haveTableInCommon(step.sync, next)) {
                for (DatabaseSpec written : written(next)) {
                    String loop = written == step.database ? null : walk(new Step(next, written), path, clear);
                    if (loop != null) {
                        return loop;
                    }
                }
            }
        }
        path.remove(path.size() - 1);
        clear.add(step);
        return null;
    }

    private static List<DatabaseSpec> written(SyncSpec sync) {
        return IntStream.range(sync.isMultiMaster() ? 0 : sync.sourceCount(), sync.nodeCount())
                .mapToObj(sync::node)
                .toList();
    }

    /** Names are compared exactly; a pattern is taken to match whatever it might. */
    private static boolean haveTableInCommon(SyncSpec a, SyncSpec b) {
        List<String> left = a.tables();
        List<String> right = b.tables();
        if (left == null || right == null) {
            return true;
        }
        return left.stream().anyMatch(l -> right.stream().anyMatch(r -> mayMeet(qualified(l), 0, qualified(r), 0)));
    }

    private static String qualified(String table) {
        return table.contains(".") ? table : "public." + table;
    }

    /** Whether some name matches both patterns; {@code *} stands for any letters, {@code ?} for one. */
    private static boolean mayMeet(String a, int i, String b, int j) {
        if (i == a.length() && j == b.length()) {
            return true;
        }
        if (i < a.length() && a.charAt(i) == '*') {
            return mayMeet(a, i + 1, b, j) || j < b.length() && mayMeet(a, i, b, j + 1);
        }
        if (j < b.length() && b.charAt(j) == '*') {
            return mayMeet(a, i, b, j + 1) || i < a.length() && mayMeet(a, i + 1, b, j);
        }
        if (i == a.length() || j == b.length()) {
            return false;
        }
        boolean same = a.charAt(i) == b.charAt(j) || a.charAt(i) == '?' || b.charAt(j) == '?';
        return same && mayMeet(a, i + 1, b, j + 1);
    }
}
