package dev.replicator.resolve;

import dev.replicator.model.Change;
import dev.replicator.model.ChangeKind;
import dev.replicator.model.Conflict;
import dev.replicator.model.Row;
import java.math.BigInteger;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Whether the history has every discarded change where changes state columns and increments instead of whole rows.
 *
 * <p>Told from the rows alone, without the resolver's idea of what had seen what. Each value of a column is written once, and
 * each increment is a power of two of its own, so that a counter tells which ones it is made of. A value is accounted for if
 * it stands in the end; if an application overwrote it, or removed its row, having it before its eyes; or if the change that
 * wrote it is in the history, with it.
 */
final class SimHistory {
    private static final List<String> COLUMNS = List.of("a", "t", "u");

    private final Simulation world;
    private final SimReference reference;
    /** Entries by what identifies the discarded change. */
    private final Map<String, Conflict> recorded = new HashMap<>();
    /** What an application overwrote, having it before its eyes. */
    private final Map<Value, List<Value>> overwrote = new HashMap<>();
    /** All increments and initial numbers, by their power. */
    private final Map<Integer, BigInteger> numbers = new HashMap<>();

    /** A value of a column; of a counter one of the numbers it is the sum of. */
    private record Value(String column, String text) {}

    SimHistory(Simulation world, SimReference reference) {
        this.world = world;
        this.reference = reference;
    }

    /** Throws {@link SimViolation}. */
    void check() {
        for (SimNode node : world.nodes) {
            recorded.putAll(recordedOn(node));
        }
        if (world.settings.processCrash == 0) {
            everywhere();
        }
        recorded.values().forEach(this::concurrent);
        Map<Value, List<SimReference.Logged>> written = written();
        Set<Value> accounted = accounted(written);
        written.forEach((value, writers) -> {
            if (!accounted.contains(value)) {
                throw new SimViolation("HISTORY: " + value + " of key "
                        + SimTable.keyOf(writers.get(0).change().requireKey()) + " by " + id(writers.get(0))
                        + " was discarded and is not recorded");
            }
        });
        deletes();
    }

    private static Map<String, Conflict> recordedOn(SimNode node) {
        Map<String, Conflict> on = new HashMap<>();
        for (SimNode.Entry entry : node.log) {
            for (Conflict conflict : entry.conflicts()) {
                on.putIfAbsent(id(conflict), conflict);
            }
        }
        return on;
    }

    /** As the history identifies a discarded change: source, commit LSN and key. */
    static String id(Conflict conflict) {
        Conflict.Side loser = conflict.loser();
        return loser.database() + ":" + loser.commitLsn() + " k" + SimTable.keyOf(loser.key());
    }

    private static String id(SimReference.Logged version) {
        return "n" + version.source() + ":" + version.lsn() + " k"
                + SimTable.keyOf(version.change().requireKey());
    }

    /** Every master has the whole history, the one where a discarded change was made included. */
    private void everywhere() {
        for (SimNode node : world.nodes.subList(0, world.sources)) {
            if (!recordedOn(node).keySet().equals(recorded.keySet())) {
                throw new SimViolation("RECORD: n" + node.index + " has entries "
                        + recordedOn(node).keySet() + ", all masters " + recorded.keySet());
            }
        }
    }

    /** What lost and what won are changes of one key, of which the winner had not had the loser before its eyes. */
    private void concurrent(Conflict conflict) {
        int key = SimTable.keyOf(conflict.loser().key());
        for (SimReference.Logged loser : of(conflict.loser(), key)) {
            for (SimReference.Logged winner : of(conflict.winner(), key)) {
                if (reference.versions.indexOf(winner) > reference.versions.indexOf(loser)
                        && !reference.seen(key, loser, winner)
                        && (!reference.seen(key, winner, loser) || !found(winner, loser))) {
                    return;
                }
            }
        }
        throw new SimViolation("FALSE: the history says that " + id(conflict) + " lost to "
                + conflict.winner().database() + ":" + conflict.winner().commitLsn());
    }

    /** Whether a change found anything of another one in its row. */
    private static boolean found(SimReference.Logged change, SimReference.Logged other) {
        Map<String, String> row = SimTable.columns(change.change().old());
        Map<String, String> written = SimTable.columns(other.change().row());
        return COLUMNS.stream()
                .anyMatch(column -> row.containsKey(column) && row.get(column).equals(written.get(column)));
    }

    private List<SimReference.Logged> of(Conflict.Side side, int key) {
        return reference.versions.stream()
                .filter(version -> side.database().equals("n" + version.source())
                        && side.commitLsn() == version.lsn()
                        && (version.change().key() == null
                                || SimTable.keyOf(version.change().requireKey()) == key))
                .toList();
    }

    /** Every value that was written, with the changes that did; notes what each overwrote. */
    private Map<Value, List<SimReference.Logged>> written() {
        Map<Value, List<SimReference.Logged>> written = new HashMap<>();
        for (SimReference.Logged version : reference.versions) {
            if (version.removes()) {
                continue;
            }
            Change change = version.change();
            Map<String, String> before = SimTable.columns(change.old());
            Map<String, String> row = SimTable.columns(change.row());
            for (String column : COLUMNS) {
                Value value = new Value(column, String.valueOf(row.get(column)));
                String old = before.get(column);
                if (!row.get(column).equals(old) || !world.settings.byColumn()) {
                    written.computeIfAbsent(value, any -> new ArrayList<>()).add(version);
                    if (old != null) {
                        overwrote
                                .computeIfAbsent(value, any -> new ArrayList<>())
                                .add(new Value(column, old));
                    }
                }
            }
            BigInteger number = change.kind() == ChangeKind.UPDATE ? SimTable.increment(change) : SimTable.counter(row);
            if (number.signum() != 0 && change.movedFrom() == null) {
                numbers.put(number.getLowestSetBit(), number);
                written.computeIfAbsent(number(number), any -> new ArrayList<>())
                        .add(version);
            }
        }
        return written;
    }

    private static Value number(BigInteger number) {
        return new Value(SimTable.COUNTER, "2^" + number.getLowestSetBit());
    }

    private Set<Value> accounted(Map<Value, List<SimReference.Logged>> written) {
        List<Value> known = new ArrayList<>();
        for (SimNode.SimRow row : world.nodes.get(0).rows.values()) {
            if (row.columns() != null) {
                known.addAll(values(row.columns()));
            }
        }
        world.truncated.forEach(row -> known.addAll(values(row)));
        written.forEach((value, writers) -> {
            if (writers.stream().anyMatch(this::isHeldByTruncate)) {
                known.add(value);
            }
        });
        for (SimReference.Logged version : reference.versions) {
            if (version.change().kind() == ChangeKind.DELETE) {
                known.addAll(values(SimTable.columns(version.change().old())));
            }
        }
        written.forEach((value, writers) -> {
            for (SimReference.Logged writer : writers) {
                Conflict entry = recorded.get(id(writer));
                if (entry != null && has(entry.loser().row(), value)) {
                    known.add(value);
                }
            }
        });
        Set<Value> accounted = new HashSet<>();
        Deque<Value> open = new ArrayDeque<>(known);
        while (!open.isEmpty()) {
            Value value = open.pop();
            if (accounted.add(value)) {
                open.addAll(overwrote.getOrDefault(value, List.of()));
            }
        }
        return accounted;
    }

    /** A TRUNCATE has before its eyes all that its node holds, whether it stands there yet or not. */
    private boolean isHeldByTruncate(SimReference.Logged version) {
        int key = SimTable.keyOf(version.change().requireKey());
        return reference.versions.stream()
                .anyMatch(other -> other.change().key() == null && reference.seen(key, other, version));
    }

    /** The values that a whole row holds. */
    private Collection<Value> values(Map<String, String> row) {
        List<Value> values = new ArrayList<>();
        for (String column : COLUMNS) {
            if (row.containsKey(column)) {
                values.add(new Value(column, row.get(column)));
            }
        }
        BigInteger rest = row.containsKey(SimTable.COUNTER) ? SimTable.counter(row) : BigInteger.ZERO;
        while (rest.signum() != 0) {
            BigInteger number = numbers.get(rest.getLowestSetBit());
            if (number == null) {
                throw new SimViolation("COUNTER: " + row + " is no sum of what was added");
            }
            values.add(number(number));
            rest = rest.subtract(number);
        }
        return values;
    }

    private boolean has(@org.jspecify.annotations.Nullable Row row, Value value) {
        return row != null && values(SimTable.columns(row)).contains(value);
    }

    /** Of a row that is there in the end no delete was discarded in silence: somebody has made it in sight of the delete. */
    private void deletes() {
        for (SimReference.Logged delete : reference.versions) {
            if (delete.change().kind() == ChangeKind.DELETE) {
                int key = SimTable.keyOf(delete.change().requireKey());
                boolean made = reference.versions.stream()
                        .anyMatch(version -> version.change().kind() != ChangeKind.UPDATE
                                && (version.change().key() == null
                                        || SimTable.keyOf(version.change().requireKey()) == key)
                                && reference.seen(key, version, delete));
                if (world.nodes.get(0).has(key) && !made && !recorded.containsKey(id(delete))) {
                    throw new SimViolation("HISTORY: delete of key " + key + " by " + id(delete)
                            + " was discarded and is not recorded");
                }
            }
        }
    }
}
