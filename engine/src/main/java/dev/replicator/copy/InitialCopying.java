package dev.replicator.copy;

import dev.replicator.model.SyncSpec;
import dev.replicator.model.Table;
import dev.replicator.model.TableName;
import dev.replicator.observe.Listener;
import dev.replicator.spi.TableJoin;
import dev.replicator.spi.TableLoad;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What happens at a node before it is written by batches: of each table that is new there it is decided, once, whether
 * its rows are copied, and they are.
 *
 * <p>Guarantees: what was decided is recorded in that database, and never decided again; a copy that was interrupted goes
 * on with the ranges that are missing. Thread: the node's.
 */
public final class InitialCopying {
    private final SyncSpec sync;
    private final int node;
    private final List<Table> tables;
    private final Supplier<Optional<TableLoad>> loading;
    private final Listener listener;

    /** {@code loading}: opens a session that brings whole tables; empty where that cannot be done. */
    public InitialCopying(
            SyncSpec sync, int node, List<Table> tables, Supplier<Optional<TableLoad>> loading, Listener listener) {
        this.sync = sync;
        this.node = node;
        this.tables = List.copyOf(tables);
        this.loading = loading;
        this.listener = listener;
    }

    /** How the one that asked for it is heard meanwhile. */
    public interface Control {
        /** Waits a moment for what there is to be told; false: it has to end. */
        boolean goOn();

        /** Whether nothing new may be begun now. */
        boolean isPaused();
    }

    /**
     * Decides and copies what there is to be.
     *
     * @param own fence number that this process took last, or 0
     * @return the number that it took last now
     */
    public long run(long own, Control control) {
        Optional<TableLoad> opened = loading.get();
        if (opened.isEmpty()) {
            return own;
        }
        try (TableLoad load = opened.get()) {
            if (isComplete(joins(load))) {
                return own;
            }
            while (control.isPaused()) {
                if (!control.goOn()) {
                    return own;
                }
            }
            long fence = load.start(own);
            Map<TableName, TableJoin> joins = joins(load);
            try (Decisions decisions = new Decisions(sync, node, load)) {
                for (Table table : tables) {
                    if (!joins.containsKey(table.name())) {
                        joins.put(table.name(), decisions.decide(table));
                    }
                }
            }
            List<Table> copying = tables.stream()
                    .filter(table -> isUnfinished(joins.get(table.name())))
                    .toList();
            if (!copying.isEmpty()) {
                new TableCopies(sync, node, load, listener, control).run(copying, joins);
            }
            return fence;
        }
    }

    private Map<TableName, TableJoin> joins(TableLoad load) {
        Map<TableName, TableJoin> joins = new HashMap<>();
        load.joins().forEach(join -> joins.put(join.table(), join));
        return joins;
    }

    private static boolean isUnfinished(@Nullable TableJoin join) {
        return join != null && join.state().isUnfinished();
    }

    private boolean isComplete(Map<TableName, TableJoin> joins) {
        return tables.stream()
                .map(table -> joins.get(table.name()))
                .allMatch(join -> join != null && !join.state().isUnfinished());
    }
}
