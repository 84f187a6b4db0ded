package dev.replicator.resolve;

import dev.replicator.model.TableName;
import java.util.List;
import java.util.Set;

/**
 * Tables whose conflicts are to be decided otherwise as soon as nothing is left that might have to be decided again: none
 * of their keys is open, and no log will be read again from before the last change of them.
 */
final class Watched {
    private final Window window;
    private final List<SourceLog> logs;
    private final List<Outbox> outboxes;
    private Set<TableName> tables = Set.of();
    /** Per source where the last transaction commits that changed one of them; -1: none. */
    private final long[] last;

    Watched(Window window, List<SourceLog> logs, List<Outbox> outboxes) {
        this.window = window;
        this.logs = logs;
        this.outboxes = outboxes;
        this.last = new long[logs.size()];
    }

    /** Watches these tables from now on. What was resolved before may have changed any of them. */
    void tables(Set<TableName> watched) {
        if (watched.equals(tables)) {
            return;
        }
        tables = Set.copyOf(watched);
        for (SourceLog log : logs) {
            last[logs.indexOf(log)] = log.position - 1;
        }
    }

    boolean isEmpty() {
        return tables.isEmpty();
    }

    boolean has(TableName table) {
        return tables.contains(table);
    }

    /** A transaction that changes, or may change, one of them has been resolved. */
    void changed(int source, long commitLsn) {
        last[source] = Math.max(last[source], commitLsn);
    }

    /** Of a sync whose nodes have all joined. */
    boolean isClosed() {
        for (int source = 0; source < last.length; source++) {
            if (last[source] >= logs.get(source).stored.position()) {
                return false;
            }
        }
        return outboxes.stream().noneMatch(outbox -> outbox.givenUp) && !window.isOpen(tables);
    }
}
