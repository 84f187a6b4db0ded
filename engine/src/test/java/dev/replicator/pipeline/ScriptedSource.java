package dev.replicator.pipeline;

import dev.replicator.codec.SpooledChanges;
import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.Change;
import dev.replicator.model.Column;
import dev.replicator.model.Key;
import dev.replicator.model.LogEntry;
import dev.replicator.model.MarkNumber;
import dev.replicator.model.Reached;
import dev.replicator.model.Relation;
import dev.replicator.model.Row;
import dev.replicator.model.Table;
import dev.replicator.model.TableName;
import dev.replicator.model.Transaction;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A source whose log is a list: transactions that insert rows numbered from 1. It can be cut off, be away, and have its
 * slot held by somebody else. A session hands out one entry per poll, from where it was started. Thread-safe.
 */
final class ScriptedSource implements LogSource {
    static final Table TABLE = new Table(0, new TableName("public", "t"), List.of("id"), List.of("int4"));
    private static final Relation RELATION = new Relation(TABLE, List.of(new Column("id", 23, "int4", -1)));
    private static final long STEP = 100;

    private final List<Long> commits = new ArrayList<>();
    private long end = STEP;
    private long handedOut;
    private long acknowledged;
    private int connects;
    private int cuts;
    private String holder = "";
    private @Nullable ReplicatorException away;

    /** Commits so many transactions of one row each; returns the end of the log. */
    synchronized long commit(int count) {
        for (int i = 0; i < count; i++) {
            commits.add(end);
            end += STEP;
        }
        notifyAll();
        return end;
    }

    /** Breaks the connection that is open. */
    synchronized void cut() {
        cuts++;
        notifyAll();
    }

    /** Lets every connection fail so from now on; null: it is back. */
    synchronized void away(@Nullable ReplicatorException failure) {
        away = failure;
        cut();
    }

    synchronized void heldBy(String who) {
        holder = who;
    }

    /** Entries that were given to a reader. */
    synchronized long handedOut() {
        return handedOut;
    }

    synchronized long acknowledged() {
        return acknowledged;
    }

    synchronized int connects() {
        return connects;
    }

    static ReplicatorException lost() {
        return ReplicatorException.retryable(ErrorCode.CONNECTION, "could not reach it", null, null);
    }

    private Transaction transaction(int index) {
        long lsn = commits.get(index);
        Row row = new Row.Builder(RELATION).text(Integer.toString(index + 1)).build();
        Key key = new Key(TABLE, new byte[] {(byte) (index >> 16), (byte) (index >> 8), (byte) index}, index);
        return new Transaction(lsn, lsn + 50, lsn, index, null, SpooledChanges.of(Change.insert(key, row)));
    }

    @Override
    public synchronized LogSession connect() {
        connects++;
        if (away != null) {
            throw away;
        }
        return new Session(cuts);
    }

    private final class Session implements LogSession {
        private final int cutsBefore;
        private int next;
        private long told;
        private boolean woken;

        private Session(int cutsBefore) {
            this.cutsBefore = cutsBefore;
        }

        private void check() {
            if (cuts != cutsBefore) {
                throw lost();
            }
        }

        @Override
        public Slot slot() {
            synchronized (ScriptedSource.this) {
                check();
                return new Slot(holder, STEP);
            }
        }

        @Override
        public void start(long position, byte[] markSecret, MarkNumber lastMark) {
            synchronized (ScriptedSource.this) {
                check();
                while (next < commits.size() && commits.get(next) < position) {
                    next++;
                }
            }
        }

        @Override
        public void poll(Duration maxWait, Consumer<LogEntry> handler) {
            LogEntry entry = null;
            synchronized (ScriptedSource.this) {
                check();
                // As a server does that has nothing more to send: it says how far it has read, and is silent then.
                if (next == commits.size() && told == end && !woken) {
                    try {
                        ScriptedSource.this.wait(maxWait.toMillis());
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                }
                woken = false;
                check();
                if (next < commits.size()) {
                    handedOut++;
                    entry = transaction(next++);
                } else {
                    told = end;
                }
            }
            if (entry != null) {
                handler.accept(entry);
            } else {
                handler.accept(new Reached(serverEnd()));
            }
        }

        @Override
        public void feedback() {
            check();
        }

        @Override
        public void acknowledge(long position) {
            synchronized (ScriptedSource.this) {
                acknowledged = position;
            }
        }

        @Override
        public long serverEnd() {
            synchronized (ScriptedSource.this) {
                return end;
            }
        }

        @Override
        public long committedEnd() {
            wakeUp();
            return serverEnd();
        }

        @Override
        public Duration clockOffset() {
            return Duration.ZERO;
        }

        @Override
        public void wakeUp() {
            synchronized (ScriptedSource.this) {
                woken = true;
                ScriptedSource.this.notifyAll();
            }
        }

        @Override
        public void close() {}
    }
}
