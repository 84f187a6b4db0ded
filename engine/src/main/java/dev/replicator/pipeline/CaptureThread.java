package dev.replicator.pipeline;

import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.LogEntry;
import dev.replicator.model.Mark;
import dev.replicator.model.MarkNumber;
import dev.replicator.model.Resume;
import dev.replicator.model.Transaction;
import dev.replicator.observe.Listener;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads one source: connects for ever, streams when told from where, puts what comes into the source's queue and waits
 * while that is full. Owns the session; others reach it by {@link #tell}.
 *
 * <p>Failures that may pass are tried again after a growing pause, others slowly, both at once when told to.
 */
final class CaptureThread implements Runnable {
    private static final Duration POLL = Duration.ofSeconds(5);
    private static final long FEEDBACK_NANOS = Duration.ofMillis(500).toNanos();
    private static final long CLOCK_NANOS = Duration.ofSeconds(30).toNanos();

    /** What it can be told. */
    sealed interface Command {
        /** Report the slot. */
        record Look() implements Command {}

        /** Stream; from {@code position} if this is the first time, else from where it was. */
        record Start(
                long position,
                byte[] markSecret,
                MarkNumber lastMark,
                @Nullable Resume resume) implements Command {}

        record Acknowledge(long position) implements Command {}

        record AskEnd(long question) implements Command {}

        record Pause(boolean paused) implements Command {}

        record RetryNow() implements Command {}

        /** Give up this session for a reason seen elsewhere. */
        record Fail(ReplicatorException failure) implements Command {}

        record Stop() implements Command {}
    }

    private final String sync;
    private final String database;
    private final int source;
    private final LogSource log;
    private final EntryQueue queue;
    private final Consumer<Event> events;
    private final Runnable wakeResolver;
    private final Listener listener;
    private final Duration slowRetry;

    private final EventQueue<Command> commands = new EventQueue<>();
    private final List<Command.AskEnd> questions = new ArrayList<>();
    private final Backoff backoff = new Backoff();
    private volatile @Nullable LogSession polled;

    private boolean stopped;
    private boolean paused;
    private boolean retryNow;
    private boolean streaming;
    private Command.@Nullable Start start;
    /** Where to go on: the end of the last entry put into the queue; -1 before the first. */
    private long next = -1;
    /** Number of the last mark put into the queue. */
    private MarkNumber lastMark = MarkNumber.NONE;

    private long acknowledged;
    private long clockDue;
    private long readTransactions;
    private long readRows;
    private boolean putInRead;
    private long readMicros;

    CaptureThread(Place place, LogSource log, EntryQueue queue, Outlet outlet, Duration slowRetry) {
        this.sync = place.sync();
        this.database = place.database();
        this.source = place.node();
        this.log = log;
        this.queue = queue;
        this.events = outlet.events();
        this.wakeResolver = outlet.wake();
        this.listener = outlet.listener();
        this.slowRetry = slowRetry;
    }

    /** From any thread. */
    void tell(Command command) {
        commands.add(command);
        LogSession session = polled;
        if (session != null) {
            session.wakeUp();
        }
    }

    /** The queue has room again. From any thread. */
    void roomAgain() {
        commands.wake();
    }

    @Override
    public void run() {
        try {
            while (!stopped) {
                retryNow = false;
                try (LogSession session = log.connect()) {
                    events.accept(new Event.SourceConnected(source, session.slot()));
                    clockDue = System.nanoTime();
                    serve(session);
                } catch (ReplicatorException e) {
                    lost(e.within("sync \"" + sync + "\", database \"" + database + "\", thread capture-" + database));
                } finally {
                    streaming = false;
                    start = null;
                }
            }
        } catch (RuntimeException e) {
            events.accept(new Event.Broken("capture-" + database, e));
        }
    }

    private void lost(ReplicatorException failure) {
        obeyAll(null);
        if (stopped) {
            return;
        }
        boolean passes = failure.kind() == ReplicatorException.Kind.RETRYABLE || isBusy(failure);
        Duration pause = passes ? backoff.next() : slowRetry;
        listener.failed(sync, database, Listener.Side.SOURCE, failure, pause);
        events.accept(new Event.SourceLost(source, failure));
        long until = System.nanoTime() + pause.toNanos();
        while (!stopped && !retryNow && until - System.nanoTime() > 0) {
            commands.await(until - System.nanoTime());
            obeyAll(null);
        }
    }

    private void serve(LogSession session) {
        long fedBack = System.nanoTime();
        while (true) {
            obeyAll(session);
            if (stopped) {
                return;
            }
            answer(session);
            measureClock(session);
            if (streaming && !paused && !queue.isFull()) {
                read(session);
                fedBack = System.nanoTime();
            } else {
                commands.await(Math.min(
                        streaming ? FEEDBACK_NANOS : Long.MAX_VALUE, Math.max(1, clockDue - System.nanoTime())));
                if (streaming && System.nanoTime() - fedBack >= FEEDBACK_NANOS) {
                    session.feedback();
                    fedBack = System.nanoTime();
                }
            }
        }
    }

    private void read(LogSession session) {
        polled = session;
        try {
            if (commands.isEmpty()) {
                session.poll(POLL, this::put);
            }
        } finally {
            polled = null;
            if (putInRead) {
                // Once for all that came together.
                putInRead = false;
                wakeResolver.run();
            }
        }
        if (next >= 0) {
            listener.read(sync, database, readTransactions, readRows, next, session.serverEnd(), readMicros);
        }
        readTransactions = 0;
        readRows = 0;
    }

    private void put(LogEntry entry) {
        if (entry instanceof Transaction transaction) {
            readTransactions++;
            readRows += transaction.changes().size();
            readMicros = transaction.commitMicros();
        }
        if (entry instanceof Mark mark) {
            lastMark = mark.number();
        }
        next = Math.max(next, entry.end());
        backoff.reset();
        queue.put(entry);
        putInRead = true;
    }

    private void obeyAll(@Nullable LogSession session) {
        for (Command command = commands.poll(); command != null; command = commands.poll()) {
            obey(command, session);
        }
    }

    private void obey(Command command, @Nullable LogSession session) {
        if (command instanceof Command.Stop) {
            stopped = true;
        } else if (command instanceof Command.Pause pause) {
            paused = pause.paused();
        } else if (command instanceof Command.RetryNow) {
            retryNow = true;
        } else if (command instanceof Command.AskEnd question) {
            questions.add(question);
        } else if (command instanceof Command.Acknowledge acknowledge) {
            acknowledged = Math.max(acknowledged, acknowledge.position());
            acknowledge(session);
        } else if (session != null) {
            obeyInSession(command, session);
        }
    }

    private void obeyInSession(Command command, LogSession session) {
        if (command instanceof Command.Look) {
            events.accept(new Event.SlotSeen(source, session.slot()));
        } else if (command instanceof Command.Start given && start == null) {
            start = given;
            session.resumeFrom(given.resume());
            session.start(Math.max(next, given.position()), given.markSecret(), lastMark.max(given.lastMark()));
            streaming = true;
            next = Math.max(next, given.position());
            events.accept(new Event.SourceStreaming(source));
            acknowledge(session);
        } else if (command instanceof Command.Fail fail) {
            throw fail.failure();
        }
    }

    private void acknowledge(@Nullable LogSession session) {
        if (session != null && streaming && acknowledged > 0) {
            session.acknowledge(acknowledged);
            listener.acknowledged(sync, database, acknowledged);
        }
    }

    private void answer(LogSession session) {
        if (questions.isEmpty() || !streaming) {
            return;
        }
        long end = session.committedEnd();
        for (Iterator<Command.AskEnd> each = questions.iterator(); each.hasNext(); ) {
            events.accept(new Event.EndKnown(source, each.next().question(), end));
            each.remove();
        }
    }

    private void measureClock(LogSession session) {
        if (clockDue - System.nanoTime() <= 0) {
            clockDue = System.nanoTime() + CLOCK_NANOS;
            Duration offset = session.clockOffset();
            listener.clockOffset(sync, database, offset);
            events.accept(new Event.ClockMeasured(source, offset));
        }
    }

    /** Whether a failure says that another process streams from the slot. */
    static boolean isBusy(ReplicatorException failure) {
        return failure.code() == ErrorCode.SLOT_BUSY;
    }
}
