package dev.replicator.resolve;

import dev.replicator.model.Change;
import dev.replicator.model.Conflict;
import dev.replicator.model.LogEntry;
import dev.replicator.model.Mark;
import dev.replicator.model.Positions;
import dev.replicator.model.SourceState;
import dev.replicator.model.StoredPolicies;
import dev.replicator.model.Transaction;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A simulated database: rows, row locks, a log with a flushed end, progress committed with the data. */
final class SimNode {
    static final Object TABLE = "table";
    static final Object PROGRESS = "progress";

    final int index;
    final List<Entry> log = new ArrayList<>();
    int flushed;
    long lsn;
    long flushedLsn;
    boolean up = true;
    int incarnation;
    long fence;
    Map<Integer, SimRow> rows = new HashMap<>();
    Map<Integer, SimRow> flushedRows = new HashMap<>();
    final Map<Object, Object> locks = new HashMap<>();
    Progress progress;
    Progress flushedProgress;
    SourceState state;
    StoredPolicies policies = StoredPolicies.NONE;
    final List<SimTransaction> local = new ArrayList<>();
    final List<SimSession> sessions = new ArrayList<>();
    long skewMicros;
    long driftMicros;
    /** V as this node's own transactions saw it: one per local log entry. */
    Positions held;

    Positions flushedHeld;

    /** A row (or, with null columns, the trace of a deleted one): who wrote it and what it overwrote. */
    record SimRow(@Nullable Map<String, String> columns, String version, boolean local) {
        boolean exists() {
            return columns != null;
        }
    }

    /** What the progress row holds. */
    record Progress(Positions held, long fence, long batch, List<SourceState> copies) {}

    /** A log entry with the rows and progress it makes durable when it is flushed. */
    record Entry(
            long lsn,
            LogEntry entry,
            Map<Integer, SimRow> rows,
            boolean truncates,
            @Nullable Progress progress,
            Positions heldBefore,
            List<Conflict> conflicts) {
        @Nullable
        Transaction transaction() {
            return entry instanceof Transaction t ? t : null;
        }

        @Nullable
        Mark mark() {
            return entry instanceof Mark m ? m : null;
        }
    }

    /** A local transaction on its way. */
    static final class SimTransaction {
        final List<SimOperation> operations = new ArrayList<>();
        int at;
        final Map<Integer, SimRow> written = new HashMap<>();
        boolean truncated;
        /** The rows that its TRUNCATE removed. */
        final List<Map<String, String>> removed = new ArrayList<>();

        final List<Change> changes = new ArrayList<>();
    }

    record SimOperation(String kind, int key, int toKey) {}

    SimNode(int index, int sources) {
        this.index = index;
        Positions zero = Positions.zero(sources);
        List<SourceState> none = new ArrayList<>();
        for (int i = 0; i < sources; i++) {
            none.add(SourceState.none(sources));
        }
        progress = new Progress(zero, 0, 0, none);
        flushedProgress = progress;
        state = SourceState.none(sources);
        held = zero;
        flushedHeld = zero;
    }

    void append(Entry entry) {
        log.add(entry);
        lsn = entry.lsn() + 1;
    }

    void flushTo(int count) {
        for (Entry entry : log.subList(flushed, Math.max(flushed, count))) {
            apply(flushedRows, entry);
            if (entry.progress() != null) {
                flushedProgress = entry.progress();
            }
            Mark mark = entry.mark();
            if (mark != null) {
                flushedHeld = flushedHeld.join(mark.held());
            }
        }
        if (count >= log.size()) {
            flushedLsn = lsn;
        } else if (count > flushed) {
            flushedLsn = log.get(count - 1).lsn() + 1;
        }
        flushed = Math.max(flushed, count);
    }

    void flush() {
        flushTo(log.size());
    }

    static void apply(Map<Integer, SimRow> rows, Entry entry) {
        if (entry.truncates()) {
            rows.replaceAll((key, row) -> new SimRow(null, row.version(), row.local()));
        }
        rows.putAll(entry.rows());
    }

    /** A server crash: what was not flushed is gone, with every session. */
    void crash() {
        up = false;
        incarnation++;
        local.clear();
        locks.clear();
        sessions.clear();
        while (log.size() > flushed) {
            log.remove(log.size() - 1);
        }
        rows = new HashMap<>(flushedRows);
        progress = flushedProgress;
        held = flushedHeld;
        lsn = flushedLsn;
    }

    boolean has(int key) {
        SimRow row = rows.get(key);
        return row != null && row.exists();
    }

    void release(Object holder) {
        locks.values().removeIf(other -> other == holder);
    }

    /** Who holds a row lock or the table lock that keeps {@code me} from locking {@code key}; null if nobody. */
    @Nullable
    Object holderOf(int key, Object me) {
        Object table = locks.get(TABLE);
        if (table != null && table != me) {
            return table;
        }
        Object row = locks.get(key);
        return row == null || row == me ? null : row;
    }

    /** Someone else who holds any row or the table. */
    @Nullable
    Object anyHolder(Object me) {
        for (Map.Entry<Object, Object> lock : locks.entrySet()) {
            if (!lock.getKey().equals(PROGRESS) && lock.getValue() != me) {
                return lock.getValue();
            }
        }
        return null;
    }
}
