package dev.replicator.pipeline;

import dev.replicator.model.Row;
import java.time.Duration;
import java.util.ArrayDeque;

/**
 * Rows that a master has to write again as they stand there, because the log lacks some of their values: one after the
 * other, each until it is done, over lost sessions too. Owned by the resolve thread.
 */
final class WritingAgain {
    private static final long RETRY_NANOS = Duration.ofSeconds(1).toNanos();

    private final ArrayDeque<Row> rows = new ArrayDeque<>();
    private boolean isTold;
    /** Others hold a lock on the first row. */
    private boolean isLocked;

    private long notBefore = System.nanoTime();

    void add(Row row) {
        rows.add(row);
    }

    boolean isEmpty() {
        return rows.isEmpty();
    }

    /** Why the first row is not written, in words; empty: it is, or there is none. */
    String reason() {
        return isLocked ? "a row that has to be written again is locked by another transaction" : "";
    }

    /** Whether the session is at it. */
    boolean isTold() {
        return isTold;
    }

    /** Hands over the next one, if there is one and nothing is on its way. */
    void offer(ApplyThread apply, long session, long now) {
        if (!isTold && !rows.isEmpty() && notBefore - now <= 0) {
            isTold = true;
            apply.tell(new ApplyThread.Command.WriteAgain(session, rows.getFirst()));
        }
    }

    /** {@code done}: false if others hold a lock on the row. */
    void answered(boolean done, long now) {
        isTold = false;
        isLocked = !done;
        if (done) {
            rows.removeFirst();
        } else {
            notBefore = now + RETRY_NANOS;
        }
    }

    /** The session is gone, with what it was told. */
    void lost() {
        isTold = false;
    }
}
