package dev.replicator.pipeline;

import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * What many threads tell one: the one that owns it waits here and nowhere else.
 *
 * <p>Any thread may {@link #add} and {@link #wake}; only the owner may {@link #poll} and {@link #await}. A wake is never
 * lost: one that comes before the wait ends that wait at once. Unbounded, because what goes in is bounded by the number
 * of threads and what they were asked (data travels through {@link EntryQueue}).
 */
final class EventQueue<T> {
    private final ConcurrentLinkedQueue<T> events = new ConcurrentLinkedQueue<>();
    private volatile boolean woken;
    private volatile @Nullable Thread waiting;

    void add(T event) {
        events.add(event);
        wake();
    }

    /** Ends the owner's present or next wait. */
    void wake() {
        woken = true;
        Thread owner = waiting;
        if (owner != null) {
            LockSupport.unpark(owner);
        }
    }

    @Nullable
    T poll() {
        return events.poll();
    }

    boolean isEmpty() {
        return events.isEmpty();
    }

    /** Returns when there is an event, after a wake, or after {@code nanos}; sometimes for no reason. */
    void await(long nanos) {
        waiting = Thread.currentThread();
        if (nanos > 0 && !woken && events.isEmpty()) {
            LockSupport.parkNanos(this, nanos);
        }
        waiting = null;
        woken = false;
    }
}
