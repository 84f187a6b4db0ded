package dev.replicator.observe;

import dev.replicator.error.ReplicatorException;
import dev.replicator.model.Conflict;
import dev.replicator.spi.Correction;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Several listeners as one, called in order. */
public final class Listeners implements Listener {
    private final List<Listener> listeners;

    private Listeners(List<Listener> listeners) {
        this.listeners = listeners;
    }

    public static Listener of(Listener... listeners) {
        return new Listeners(List.of(listeners));
    }

    public static Listener of(List<? extends Listener> listeners) {
        return new Listeners(List.copyOf(listeners));
    }

    @Override
    public void stateChanged(String sync, String database, Side side, State state, String reason) {
        for (Listener listener : listeners) {
            listener.stateChanged(sync, database, side, state, reason);
        }
    }

    @Override
    public void read(
            String sync, String database, long transactions, long rows, long end, long serverEnd, long commitMicros) {
        for (Listener listener : listeners) {
            listener.read(sync, database, transactions, rows, end, serverEnd, commitMicros);
        }
    }

    @Override
    public void applied(
            String sync, String database, long transactions, long rows, Duration took, long newestCommitMicros) {
        for (Listener listener : listeners) {
            listener.applied(sync, database, transactions, rows, took, newestCommitMicros);
        }
    }

    @Override
    public void waiting(String sync, String database, long transactions, long bytes, long oldestCommitMicros) {
        for (Listener listener : listeners) {
            listener.waiting(sync, database, transactions, bytes, oldestCommitMicros);
        }
    }

    @Override
    public void copying(String sync, String database, @Nullable CopyStatus copy) {
        for (Listener listener : listeners) {
            listener.copying(sync, database, copy);
        }
    }

    @Override
    public void quarantined(String sync, String database, long changes) {
        for (Listener listener : listeners) {
            listener.quarantined(sync, database, changes);
        }
    }

    @Override
    public void corrected(String sync, String database, Correction correction, Correction.Result result) {
        for (Listener listener : listeners) {
            listener.corrected(sync, database, correction, result);
        }
    }

    @Override
    public void conflict(String sync, Conflict conflict) {
        for (Listener listener : listeners) {
            listener.conflict(sync, conflict);
        }
    }

    @Override
    public void acknowledged(String sync, String database, long position) {
        for (Listener listener : listeners) {
            listener.acknowledged(sync, database, position);
        }
    }

    @Override
    public void failed(
            String sync, String database, Side side, ReplicatorException failure, @Nullable Duration retryIn) {
        for (Listener listener : listeners) {
            listener.failed(sync, database, side, failure, retryIn);
        }
    }

    @Override
    public void clockOffset(String sync, String database, Duration offset) {
        for (Listener listener : listeners) {
            listener.clockOffset(sync, database, offset);
        }
    }

    @Override
    public void waitReason(String sync, String database, @Nullable String reason) {
        for (Listener listener : listeners) {
            listener.waitReason(sync, database, reason);
        }
    }
}
