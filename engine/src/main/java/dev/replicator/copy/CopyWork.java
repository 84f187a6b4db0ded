package dev.replicator.copy;

import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.SyncSpec;
import dev.replicator.model.TableName;
import dev.replicator.spi.CopyRange;
import dev.replicator.spi.TableLoad;
import java.sql.Connection;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Ranges to be copied from one snapshot, and the threads that do it: one for each session of the snapshot. The first
 * failure ends all. Thread-safe where the threads meet.
 */
final class CopyWork {
    private final SyncSpec sync;
    private final String target;
    private final Snapshot snapshot;
    private final TableLoad load;
    private final CopyProgress progress;
    private final Deque<Part> parts;
    private final Map<TableName, Integer> left = new HashMap<>();
    private final Map<TableName, List<CopyRange>> done = new HashMap<>();
    private @Nullable RuntimeException failure;
    private @Nullable SourceTable failedTable;
    private boolean paused;

    /** One range of a table. */
    record Part(SourceTable table, CopyRange range) {}

    CopyWork(SyncSpec sync, String target, Snapshot snapshot, TableLoad load, List<Part> parts, CopyProgress progress) {
        this.sync = sync;
        this.target = target;
        this.snapshot = snapshot;
        this.load = load;
        this.progress = progress;
        this.parts = new ArrayDeque<>(parts);
        parts.forEach(part -> left.merge(part.table().table().name(), 1, Integer::sum));
    }

    /** What was copied, by table. After {@link #run}. */
    Map<TableName, List<CopyRange>> done() {
        return done;
    }

    /** The table at which it failed; null: at none in particular. */
    synchronized @Nullable SourceTable failedTable() {
        return failedTable;
    }

    /** Copies all; {@code told} is called now and then. False: it had to end before. */
    boolean run(InitialCopying.Control control, Runnable told) {
        List<TableLoad.Session> sessions = new ArrayList<>();
        List<Thread> threads = new ArrayList<>();
        try {
            for (int i = 0; i < Math.min(snapshot.sessions().size(), parts.size()); i++) {
                TableLoad.Session session = load.session(i);
                sessions.add(session);
                Connection source = snapshot.sessions().get(i);
                Thread thread = new Thread(() -> copySome(source, session), "copy-" + target + "-" + i);
                thread.setDaemon(true);
                threads.add(thread);
            }
            threads.forEach(Thread::start);
            boolean goesOn = true;
            while (goesOn && threads.stream().anyMatch(Thread::isAlive)) {
                told.run();
                goesOn = control.goOn();
                setPaused(control.isPaused());
            }
            if (!goesOn) {
                return false;
            }
            RuntimeException failed = failure();
            if (failed != null) {
                throw failed;
            }
            told.run();
            return true;
        } finally {
            end(sessions, threads);
        }
    }

    /** Sessions that are in the middle of something are ended by closing them. */
    private void end(List<TableLoad.Session> sessions, List<Thread> threads) {
        synchronized (this) {
            parts.clear();
            paused = false;
            notifyAll();
        }
        sessions.forEach(TableLoad.Session::close);
        for (Thread thread : threads) {
            try {
                thread.join(10_000);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private synchronized void setPaused(boolean on) {
        paused = on;
        notifyAll();
    }

    private synchronized @Nullable RuntimeException failure() {
        return failure;
    }

    private synchronized @Nullable Part next() {
        while (paused && failure == null) {
            try {
                wait();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return null;
            }
        }
        return failure == null ? parts.poll() : null;
    }

    private void copySome(Connection source, TableLoad.Session session) {
        @Nullable SourceTable table = null;
        try {
            for (Part part = next(); part != null; part = next()) {
                table = part.table();
                boolean binary = part.table().isBinary()
                        && session.takesBinary(
                                part.table().table(), part.table().columns());
                RangeRows rows = new RangeRows(source, part.table(), part.range(), binary, progress);
                long count = session.load(part.table().table(), part.range(), snapshot.held(), rows);
                done(part, count);
            }
        } catch (RuntimeException e) {
            failed(e, table);
        }
    }

    private synchronized void done(Part part, long rows) {
        CopyRange range = part.range();
        TableName table = part.table().table().name();
        done.computeIfAbsent(table, name -> new ArrayList<>())
                .add(new CopyRange(range.number(), range.lower(), range.upper(), rows, snapshot.held()));
        if (left.merge(table, -1, Integer::sum) == 0) {
            progress.tableDone();
        }
    }

    private synchronized void failed(RuntimeException e, @Nullable SourceTable table) {
        if (failure == null) {
            failedTable = table;
            failure = e instanceof ReplicatorException known
                    ? known.within("sync \"" + sync.name() + "\", database \"" + target + "\"")
                    : new ReplicatorException(
                            ReplicatorException.Kind.FATAL,
                            ErrorCode.INTERNAL,
                            "could not copy to database \"" + target + "\"",
                            String.valueOf(e),
                            null,
                            e);
        }
        parts.clear();
        notifyAll();
    }
}
