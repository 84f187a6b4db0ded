package dev.replicator.pipeline;

import dev.replicator.error.ReplicatorException;
import dev.replicator.model.LogEntry;
import dev.replicator.observe.Listener.State;
import dev.replicator.resolve.Resolver;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What the resolve thread knows of one source, and how it speaks to its capture thread. */
final class SourceSide {
    private static final int DELIVER_AT_ONCE = 256;

    final int index;
    final String name;
    final EntryQueue queue;
    final CaptureThread capture;
    final Thread thread;

    /** What the server said of the slot when it was asked last; null while not connected. */
    LogSession.@Nullable Slot slot;
    /** Whether it has connected or failed at least once in this term. */
    boolean reported;

    @Nullable
    ReplicatorException failure;

    boolean streaming;
    boolean everStreamed;
    boolean startSent;
    /** Signs this source's marks; empty where there are none; null while unknown. */
    byte @Nullable [] markSecret;
    /** Everything below has been given to the resolver. */
    long delivered;

    long acknowledged;
    boolean storing;

    @Nullable
    Duration clockOffset;

    SourceSide(int index, Wiring wiring, Outlet outlet) {
        ReplicationSettings settings = wiring.settings();
        this.index = index;
        this.name = wiring.name(index);
        this.queue = new EntryQueue(settings.queueEntries(), settings.queueBytes());
        this.capture = new CaptureThread(
                new Place(wiring.sync().name(), name, index),
                wiring.sources().get(index),
                queue,
                outlet,
                settings.refusedRetry());
        this.thread = new Thread(capture, "capture-" + name);
        this.thread.setDaemon(true);
        this.markSecret = wiring.sync().isMultiMaster() ? null : new byte[0];
    }

    boolean isBusy() {
        return slot != null && slot.isBusy();
    }

    /** Whether its slot is known to be free, or ours. */
    boolean isOurs() {
        return everStreamed || (slot != null && !slot.isBusy());
    }

    /** Gives what waits to the resolver until it is told to wait; says whether anything was taken. */
    boolean deliverSome(Resolver resolver) {
        boolean any = false;
        for (int i = 0; i < DELIVER_AT_ONCE; i++) {
            LogEntry entry = queue.peek();
            if (entry == null || !resolver.deliver(index, entry)) {
                break;
            }
            queue.remove();
            delivered = Math.max(delivered, entry.end());
            any = true;
        }
        if (any && queue.hasRoomAgain()) {
            capture.roomAgain();
        }
        return any;
    }

    void lost(ReplicatorException reason) {
        failure = reason;
        reported = true;
        slot = null;
        streaming = false;
        startSent = false;
    }

    State state(boolean paused) {
        if (failure != null && !streaming) {
            boolean passes = failure.kind() == ReplicatorException.Kind.RETRYABLE || CaptureThread.isBusy(failure);
            return passes ? State.AWAY : State.FAILED;
        }
        if (!streaming) {
            return State.STARTING;
        }
        return paused ? State.PAUSED : State.STREAMING;
    }

    String reason() {
        if (failure != null && !streaming) {
            return failure.primary();
        }
        if (!streaming && slot != null && startSent) {
            return "opening the replication slot";
        }
        return !streaming && slot != null ? "where to read from is not known yet" : "";
    }

    /** Has its log read from where that is to begin, once that is known. */
    void startReading(Resolver resolver, LogSession.Slot free) {
        byte[] secret = markSecret;
        long position = resolver.startPosition(index);
        if (secret == null || position < 0) {
            return;
        }
        startSent = true;
        if (position == 0) {
            // Nothing was stored yet, so nothing was acknowledged: a slot beyond what a target holds is not the one it
            // was.
            long held = resolver.furthestHeld(index);
            position = held == 0 ? free.confirmed() : Math.min(held, free.confirmed());
        }
        capture.tell(
                new CaptureThread.Command.Start(position, secret, resolver.lastMark(index), resolver.resume(index)));
    }
}
