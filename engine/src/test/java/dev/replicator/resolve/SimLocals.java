package dev.replicator.resolve;

import dev.replicator.model.Change;
import dev.replicator.model.ChangeKind;
import dev.replicator.model.Row;
import dev.replicator.model.Transaction;
import java.math.BigInteger;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The applications: local transactions on the masters, statement by statement, with row locks. */
final class SimLocals {
    private final Simulation world;

    SimLocals(Simulation world) {
        this.world = world;
    }

    /** Begins a transaction, or takes a step of one. */
    void write(SimNode node) {
        if (!node.up) {
            return;
        }
        if (node.local.size() < 3 && world.now < world.stop && world.chance(.35)) {
            node.local.add(draw(node));
        } else if (!node.local.isEmpty()) {
            step(node, node.local.get(world.random.nextInt(node.local.size())));
        }
    }

    private SimNode.SimTransaction draw(SimNode node) {
        SimNode.SimTransaction transaction = new SimNode.SimTransaction();
        boolean shapes = world.settings.shapes;
        if (shapes && world.chance(.03)) {
            transaction.operations.add(new SimNode.SimOperation("truncate", 0, 0));
        }
        int count = world.choose(1, 1, 1, 2, 3);
        for (int i = 0; i < count; i++) {
            int key = world.random.nextInt(world.keys);
            double x = world.random.nextDouble();
            String kind = switch (world.settings.bias) {
                case RACE -> (node.index == 0 ? x < .5 : x < .15) ? "delete" : "insert";
                case DELETES -> x < .5 ? "insert" : "delete";
                case UPDATES -> "update";
                case MIXED -> x < .35 ? "insert" : x < .7 ? "update" : x < .92 ? "delete" : "replace";
            };
            if (kind.equals("replace")) {
                transaction.operations.add(new SimNode.SimOperation("delete", key, 0));
                transaction.operations.add(new SimNode.SimOperation("insert", world.random.nextInt(world.keys), 0));
            } else if (kind.equals("update")
                    && shapes
                    && world.keys > 1
                    && world.chance(world.settings.movesWithGaps ? .4 : .1)) {
                transaction.operations.add(new SimNode.SimOperation("move", key, (key + 1) % world.keys));
            } else {
                transaction.operations.add(new SimNode.SimOperation(kind, key, 0));
            }
        }
        return transaction;
    }

    /** Takes a transaction's next step; false: it waits for a lock. */
    boolean step(SimNode node, SimNode.SimTransaction transaction) {
        if (transaction.at == transaction.operations.size()) {
            commit(node, transaction);
            return true;
        }
        SimNode.SimOperation operation = transaction.operations.get(transaction.at);
        if (SimLocks.wants(node, transaction) != null) {
            return world.sessions.blocked(node, transaction);
        }
        execute(node, transaction, operation);
        transaction.at++;
        return true;
    }

    private void execute(SimNode node, SimNode.SimTransaction t, SimNode.SimOperation operation) {
        int key = operation.key();
        boolean exists = SimLocks.exists(node, t, key);
        switch (operation.kind()) {
            case "truncate" -> {
                node.locks.put(SimNode.TABLE, t);
                for (int k = 0; k < world.keys; k++) {
                    if (SimLocks.exists(node, t, k)) {
                        t.removed.add(columns(node, t, k));
                    }
                }
                t.truncated = true;
                // What the transaction wrote before is gone as well.
                t.written.replaceAll((k, row) -> new SimNode.SimRow(null, row.version(), true));
                t.changes.add(Change.truncate(SimTable.TABLE));
            }
            case "insert" -> {
                if (!exists) {
                    node.locks.put(key, t);
                    insert(node, t, key, fresh(), null);
                }
            }
            case "update" -> {
                if (exists) {
                    node.locks.put(key, t);
                    update(node, t, key);
                }
            }
            case "delete" -> {
                if (exists) {
                    node.locks.put(key, t);
                    delete(node, t, key);
                }
            }
            default -> {
                int to = operation.toKey();
                if (exists && !SimLocks.exists(node, t, to)) {
                    node.locks.put(key, t);
                    node.locks.put(to, t);
                    Map<String, String> columns = new HashMap<>(columns(node, t, key));
                    columns.put("a", "v" + world.next());
                    delete(node, t, key);
                    insert(node, t, to, columns, key);
                }
            }
        }
    }

    private Map<String, String> fresh() {
        String version = "v" + world.next();
        String count = world.settings.counts() ? number(world.choose(0, 1)).toString() : "0";
        return new HashMap<>(Map.of("a", version, "t", version, "u", version, SimTable.COUNTER, count));
    }

    private void insert(
            SimNode node, SimNode.SimTransaction t, int key, Map<String, String> columns, @Nullable Integer from) {
        put(node, t, key, String.valueOf(columns.get("a")), columns);
        Map<String, String> logged = new HashMap<>(columns);
        if (from != null && world.settings.movesWithGaps) {
            logged.keySet().removeIf(column -> List.of("t", "u").contains(column) && world.chance(.5));
        }
        t.changes.add(new Change(
                ChangeKind.INSERT,
                SimTable.TABLE,
                SimTable.key(key),
                SimTable.row(key, logged),
                null,
                from == null ? null : SimTable.key(from)));
    }

    private void update(SimNode node, SimNode.SimTransaction t, int key) {
        Map<String, String> old = columns(node, t, key);
        String version = "v" + world.next();
        SimSettings settings = world.settings;
        Map<String, String> set = new HashMap<>();
        set.put(SimTable.COUNTER, counted(old));
        for (String column : List.of("t", "u")) {
            if (settings.rows == SimSettings.Rows.WHOLE || world.chance(.4)) {
                set.put(column, version);
            }
        }
        // Only where columns are merged may the column that names the version stay as it is.
        if (!settings.byColumn() || world.chance(.5)) {
            set.put("a", version);
        }
        Map<String, String> row = new HashMap<>(old);
        row.putAll(set);
        put(node, t, key, version, row);
        boolean full = settings.rows == SimSettings.Rows.FULL;
        Row before = full ? SimTable.row(key, old) : null;
        t.changes.add(Change.update(
                SimTable.key(key), SimTable.row(key, settings.rows == SimSettings.Rows.GAPS ? set : row), before));
    }

    private String counted(Map<String, String> old) {
        BigInteger count = SimTable.counter(old);
        return (world.settings.counts() ? count.add(number(world.choose(0, 1, 1, 1, -1))) : count).toString();
    }

    /** Of that sign a power of two of its own: so a sum tells what it is made of. */
    private BigInteger number(int sign) {
        return BigInteger.valueOf(sign).shiftLeft(sign == 0 ? 0 : world.nextPower());
    }

    private void delete(SimNode node, SimNode.SimTransaction t, int key) {
        String version = "d" + world.next();
        world.parents.put(version, List.of(current(node, t, key)));
        Map<String, String> old = columns(node, t, key);
        t.written.put(key, new SimNode.SimRow(null, version, true));
        t.changes.add(Change.delete(
                SimTable.key(key),
                SimTable.row(key, Map.of("a", version)),
                world.settings.rows == SimSettings.Rows.FULL ? SimTable.row(key, old) : null));
    }

    private void put(SimNode node, SimNode.SimTransaction t, int key, String version, Map<String, String> columns) {
        world.parents.put(version, List.of(current(node, t, key)));
        world.versions.put(version, key);
        t.written.put(key, new SimNode.SimRow(columns, version, true));
    }

    /** A transaction of ours that writes a row as it is, if it is there. */
    void writeAgain(SimNode node, int key) {
        SimNode.SimTransaction t = new SimNode.SimTransaction();
        SimNode.SimRow row = node.rows.get(key);
        if (row != null && row.columns() != null) {
            t.written.put(key, new SimNode.SimRow(row.columns(), row.version(), true));
            t.changes.add(Change.update(SimTable.key(key), SimTable.row(key, row.columns()), null));
            commit(node, t);
        }
    }

    private static String current(SimNode node, SimNode.SimTransaction t, int key) {
        SimNode.SimRow own = t.written.containsKey(key) ? t.written.get(key) : node.rows.get(key);
        return own == null ? "nothing" : own.version();
    }

    private static Map<String, String> columns(SimNode node, SimNode.SimTransaction t, int key) {
        SimNode.SimRow row = t.written.containsKey(key) ? t.written.get(key) : t.truncated ? null : node.rows.get(key);
        Map<String, String> columns = row == null ? null : row.columns();
        return columns == null ? Map.of() : columns;
    }

    private void commit(SimNode node, SimNode.SimTransaction t) {
        node.local.remove(t);
        node.release(t);
        if (t.changes.isEmpty()) {
            return;
        }
        long commit = node.lsn + 1;
        long micros = 1_000_000 + world.now * 10 + node.skewMicros + node.driftMicros * world.now;
        world.truncated.addAll(t.removed);
        SimChanges changes = new SimChanges(List.copyOf(t.changes), world.chance(.2));
        Transaction transaction = new Transaction(commit, commit + 1, micros, (int) commit, null, changes);
        SimNode.Entry entry = new SimNode.Entry(
                commit, transaction, new HashMap<>(t.written), t.truncated, null, node.held, List.of());
        SimNode.apply(node.rows, entry);
        node.append(entry);
        node.flush();
        world.note("n" + node.index + " commits " + (changes.inFile() ? "BULK " : "") + commit + " at " + micros + ": "
                + describe(t.changes));
    }

    private static String describe(List<Change> changes) {
        StringBuilder text = new StringBuilder();
        for (Change change : changes) {
            text.append(change.kind())
                    .append(' ')
                    .append(change.key() == null ? "" : "k" + SimTable.keyOf(change.requireKey()))
                    .append(SimTable.columns(change.row()))
                    .append("; ");
        }
        return text.toString();
    }
}
