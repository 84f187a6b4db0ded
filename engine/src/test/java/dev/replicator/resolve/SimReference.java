package dev.replicator.resolve;

import dev.replicator.model.Change;
import dev.replicator.model.ChangeKind;
import dev.replicator.model.Mark;
import dev.replicator.model.Positions;
import dev.replicator.model.Row;
import dev.replicator.model.Transaction;
import dev.replicator.policy.Decision;
import dev.replicator.policy.Frontier;
import dev.replicator.policy.Resolution;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What every key has to be in the end, computed simply and independently from the complete logs. */
final class SimReference {
    private final Simulation world;
    /** All changes in version order. */
    final List<Logged> versions = new ArrayList<>();
    /** Per master the marks of its log. */
    private final List<List<Mark>> marks = new ArrayList<>();

    /** A change as its log has it; {@code held}: what its node had received by then. */
    record Logged(long h, int source, long lsn, int seq, long micros, Positions held, Change change) {
        boolean removes() {
            return change.kind() == ChangeKind.DELETE || change.kind() == ChangeKind.TRUNCATE;
        }
    }

    SimReference(Simulation world) {
        this.world = world;
        for (SimNode node : world.nodes.subList(0, world.sources)) {
            long h = 0;
            Positions held = Positions.zero(world.sources);
            List<Mark> ofNode = new ArrayList<>();
            for (SimNode.Entry entry : node.log) {
                Mark mark = entry.mark();
                Transaction transaction = entry.transaction();
                if (mark != null) {
                    h = Math.max(h, mark.highest());
                    held = held.join(mark.held());
                    ofNode.add(mark);
                } else if (transaction != null) {
                    h = Math.max(transaction.commitMicros(), h + 1);
                    int seq = 0;
                    for (Change change : transaction.changes()) {
                        versions.add(new Logged(
                                h, node.index, entry.lsn(), seq++, transaction.commitMicros(), held, change));
                    }
                }
            }
            marks.add(ofNode);
        }
        versions.sort(Comparator.comparingLong(Logged::h)
                .thenComparingInt(Logged::source)
                .thenComparingLong(Logged::lsn)
                .thenComparingInt(Logged::seq));
    }

    /** The rows a node has to hold: of each policy in turn, what it makes of the changes that were its to decide. */
    Map<Integer, Map<String, String>> rows(int node) {
        Map<Integer, Map<String, String>> rows = new HashMap<>(world.initial);
        for (int era = 0; era < world.policies.eras.size(); era++) {
            rows = rows(node, era, rows);
        }
        return rows;
    }

    private Map<Integer, Map<String, String>> rows(int node, int era, Map<Integer, Map<String, String>> before) {
        List<Logged> decided =
                versions.stream().filter(version -> eraOf(version) == era).toList();
        Resolution resolution =
                world.policies.meaning(world.policies.eras.get(era).policy());
        if (resolution instanceof Resolution.Replay replay) {
            return replayed(replay, decided, before);
        }
        Map<Integer, Map<String, String>> rows = new HashMap<>(before);
        for (int key = 0; key < world.keys; key++) {
            List<Logged> frontier = frontier(key, decided);
            if (!frontier.isEmpty()) {
                Map<String, String> row = decided(resolution, key, frontier, node);
                rows.remove(key);
                if (row != null) {
                    rows.put(key, row);
                }
            }
        }
        return rows;
    }

    /** The last policy that had come into force where the change committed. */
    private int eraOf(Logged version) {
        int era = 0;
        for (int later = 1; later < world.policies.eras.size(); later++) {
            if (version.lsn() >= world.policies.eras.get(later).from()[version.source()]) {
                era = later;
            }
        }
        return era;
    }

    /** No change is concurrent with one that another policy decided. */
    void checkEras() {
        for (int key = 0; key < world.keys; key++) {
            for (Logged later : ofKey(key, versions)) {
                for (Logged earlier : ofKey(key, versions)) {
                    if (eraOf(earlier) < eraOf(later) && !follows(key, later, earlier)) {
                        throw new SimViolation("POLICY: key " + key + ": n" + later.source() + ":" + later.lsn()
                                + " is decided by another policy than n" + earlier.source() + ":" + earlier.lsn()
                                + ", which it had not seen");
                    }
                }
            }
        }
    }

    /** Whether a change had seen another, or one that had; where changes are replayed, also one that came after it. */
    private boolean follows(int key, Logged later, Logged earlier) {
        int era = eraOf(earlier);
        boolean replayed = world.policies.meaning(world.policies.eras.get(era).policy()) instanceof Resolution.Replay;
        return seen(key, later, earlier)
                || ofKey(key, versions).stream()
                        .anyMatch(between -> between != later
                                && between != earlier
                                && seen(key, later, between)
                                && (seen(key, between, earlier)
                                        || (replayed
                                                && eraOf(between) == era
                                                && versions.indexOf(between) > versions.indexOf(earlier))));
    }

    private static Map<Integer, Map<String, String>> replayed(
            Resolution.Replay replay, List<Logged> decided, Map<Integer, Map<String, String>> start) {
        Map<Integer, Map<String, String>> rows = new HashMap<>(start);
        for (Logged version : decided) {
            Change change = version.change();
            if (change.kind() == ChangeKind.TRUNCATE) {
                rows.clear();
                continue;
            }
            int key = SimTable.keyOf(change.requireKey());
            Map<String, String> there = rows.get(key);
            Map<String, String> written = SimTable.columns(change.row());
            Row old = change.old();
            if (change.kind() == ChangeKind.DELETE) {
                rows.remove(key);
            } else if (change.kind() == ChangeKind.UPDATE && there != null) {
                Map<String, String> row = new HashMap<>(there);
                Map<String, String> before = SimTable.columns(old);
                written.forEach((column, value) -> {
                    if (replay.counters().contains(column)) {
                        row.merge(column, difference(before.get(column), value), SimReference::sum);
                    } else if (!replay.byColumn() || !value.equals(before.get(column))) {
                        row.put(column, value);
                    }
                });
                rows.put(key, row);
            } else if (change.requireRow().isWhole()) {
                rows.put(key, written);
            }
        }
        return rows;
    }

    private static String difference(@Nullable String before, String after) {
        return new BigInteger(after)
                .subtract(new BigInteger(String.valueOf(before)))
                .toString();
    }

    private static String sum(String a, String b) {
        return new BigInteger(a).add(new BigInteger(b)).toString();
    }

    private static List<Logged> ofKey(int key, List<Logged> some) {
        return some.stream()
                .filter(version -> version.change().key() == null
                        || SimTable.keyOf(version.change().requireKey()) == key)
                .toList();
    }

    /** The changes of a key, of some, that no other has seen, in version order. */
    private List<Logged> frontier(int key, List<Logged> some) {
        List<Logged> of = ofKey(key, some);
        return of.stream()
                .filter(version -> of.stream().noneMatch(other -> seen(key, other, version)))
                .toList();
    }

    /** Whether a change of a key had seen another one of it. */
    boolean seen(int key, Logged c, Logged w) {
        if (c.source() != w.source()) {
            return c.held().covers(w.source(), w.lsn());
        }
        if (c.lsn() <= w.lsn()) {
            return c.lsn() == w.lsn() && c.seq() > w.seq();
        }
        List<Mark> between = marks.get(c.source()).stream()
                .filter(mark -> mark.commitLsn() > w.lsn() && mark.commitLsn() < c.lsn())
                .toList();
        for (int i = between.size() - 1; i >= 0; i--) {
            Mark mark = between.get(i);
            boolean held = mark.held().get(w.source()) > w.lsn();
            if (lists(mark.written(), key) || !mark.truncated().isEmpty()) {
                return held;
            }
            if (lists(mark.missed(), key) && held) {
                return true;
            }
        }
        return true;
    }

    private static boolean lists(long[] hashes, int key) {
        return Arrays.stream(hashes).anyMatch(hash -> hash == SimTable.key(key).hash());
    }

    private @Nullable Map<String, String> decided(Resolution resolution, int key, List<Logged> frontier, int node) {
        Logged newest = frontier.get(frontier.size() - 1);
        Logged one = switch (resolution.name()) {
            case "first" -> frontier.get(0);
            case "priority" -> newestOf(frontier, 1, newestOf(frontier, 0, newest));
            case "source" -> newestOf(frontier, 1, newest);
            case "skip" -> newestOf(frontier, node, newest);
            default -> null;
        };
        if (one == null && frontier.size() > 1) {
            return asked((Resolution.Decided) resolution, key, frontier);
        }
        Logged standing = one == null ? newest : one;
        return standing.removes() ? null : SimTable.columns(standing.change().row());
    }

    private static Logged newestOf(List<Logged> frontier, int source, Logged otherwise) {
        Logged found = otherwise;
        for (Logged version : frontier) {
            found = version.source() == source ? version : found;
        }
        return found;
    }

    /** What the policy's own function says of this frontier. */
    private @Nullable Map<String, String> asked(Resolution.Decided decided, int key, List<Logged> frontier) {
        Decision decision = decided.policy()
                .decide(new Frontier(
                        SimTable.key(key),
                        frontier.stream().map(SimReference::member).toList()));
        if (decision instanceof Decision.Merged merged) {
            return SimTable.columns(merged.row());
        }
        if (decision instanceof Decision.Delete) {
            return null;
        }
        Logged standing =
                frontier.get(decision instanceof Decision.Winner winner ? winner.index() : frontier.size() - 1);
        return standing.removes() ? null : SimTable.columns(standing.change().row());
    }

    private static Frontier.Member member(Logged version) {
        return new Frontier.Member(
                "n" + version.source(),
                version.lsn(),
                version.micros(),
                version.change().kind(),
                version.removes() ? null : version.change().row(),
                version.change().old());
    }
}
