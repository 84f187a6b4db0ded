package dev.replicator.observe;

import dev.replicator.error.ReplicatorException;
import dev.replicator.model.Conflict;
import dev.replicator.model.SyncSpec;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Keeps what one sync's status shows, out of its events. Events of other syncs are ignored.
 *
 * <p>Thread-safe: one lock, held for a few field writes.
 */
public final class StatusListener implements Listener {
    private final SyncSpec sync;
    private final InstantSource clock;
    private final Map<String, Board> boards = new LinkedHashMap<>();
    private final Map<String, Long> conflicts = new TreeMap<>();

    public StatusListener(SyncSpec sync, InstantSource clock) {
        this.sync = sync;
        this.clock = clock;
        for (int node = 0; node < sync.nodeCount(); node++) {
            boolean reads = node < sync.sourceCount();
            boolean applies = !reads || sync.isMultiMaster();
            boards.put(sync.node(node).name(), new Board(reads, applies));
        }
    }

    /**
     * What the events so far add up to; the slots are not looked at.
     *
     * @param paused whether a pause is in force
     * @param waitReason why the sync as a whole waits, or null
     */
    public synchronized SyncStatus status(boolean paused, @Nullable String waitReason) {
        List<DatabaseStatus> databases = new ArrayList<>();
        boards.forEach((name, board) -> databases.add(board.status(name, clock.instant())));
        return new SyncStatus(sync.name(), paused, waitReason, databases, conflicts);
    }

    @Override
    public synchronized void stateChanged(String syncName, String database, Side side, State state, String reason) {
        Board board = board(syncName, database);
        if (board != null) {
            SideBoard half = board.side(side);
            half.state = state;
            half.reason = reason;
            if (state == State.STREAMING || state == State.JOINING) {
                board.overcome(side);
            }
        }
    }

    @Override
    public synchronized void read(
            String syncName, String database, long transactions, long rows, long end, long serverEnd, long micros) {
        Board board = board(syncName, database);
        if (board != null) {
            board.source.count(transactions, rows);
            board.overcome(Side.SOURCE);
            board.position = end;
            board.serverEnd = serverEnd;
        }
    }

    @Override
    public synchronized void applied(
            String syncName, String database, long transactions, long rows, Duration took, long newestCommitMicros) {
        Board board = board(syncName, database);
        if (board != null) {
            board.target.count(transactions, rows);
            board.overcome(Side.TARGET);
            board.batches++;
        }
    }

    @Override
    public synchronized void copying(String syncName, String database, @Nullable CopyStatus copy) {
        Board board = board(syncName, database);
        if (board != null) {
            board.copy = copy;
        }
    }

    @Override
    public synchronized void quarantined(String syncName, String database, long changes) {
        Board board = board(syncName, database);
        if (board != null) {
            board.quarantined = changes;
        }
    }

    @Override
    public synchronized void waiting(
            String syncName, String database, long transactions, long bytes, long oldestCommitMicros) {
        Board board = board(syncName, database);
        if (board != null) {
            board.waitingTransactions = transactions;
            board.waitingBytes = bytes;
            board.oldestMicros = oldestCommitMicros;
        }
    }

    @Override
    public synchronized void conflict(String syncName, Conflict conflict) {
        if (syncName.equals(sync.name())) {
            conflicts.merge(conflict.type(), 1L, Long::sum);
            Board loser = boards.get(conflict.loser().database());
            if (loser != null) {
                loser.conflicts++;
            }
        }
    }

    @Override
    public synchronized void acknowledged(String syncName, String database, long position) {
        Board board = board(syncName, database);
        if (board != null) {
            board.acknowledged = position;
        }
    }

    @Override
    public synchronized void failed(
            String syncName, String database, Side side, ReplicatorException error, @Nullable Duration retryIn) {
        Board board = board(syncName, database);
        if (board != null) {
            board.failed(side, error, clock.instant());
        }
    }

    @Override
    public synchronized void clockOffset(String syncName, String database, Duration offset) {
        Board board = board(syncName, database);
        if (board != null) {
            board.clockOffset = offset;
        }
    }

    @Override
    public synchronized void waitReason(String syncName, String database, @Nullable String reason) {
        Board board = board(syncName, database);
        if (board != null) {
            board.waitReason = reason;
        }
    }

    private @Nullable Board board(String syncName, String database) {
        return syncName.equals(sync.name()) ? boards.get(database) : null;
    }

    /** What reading and applying have in common. */
    private static final class SideBoard {
        private State state = State.STOPPED;
        private String reason = "";
        private long transactions;
        private long rows;

        private void count(long moreTransactions, long moreRows) {
            transactions += moreTransactions;
            rows += moreRows;
        }
    }

    private static final class Board {
        private final boolean reads;
        private final boolean applies;
        private final SideBoard source = new SideBoard();
        private final SideBoard target = new SideBoard();
        private long position;
        private long serverEnd;
        private long acknowledged;
        private long conflicts;
        private long batches;
        private long waitingTransactions;
        private long quarantined;
        private long waitingBytes;
        private long oldestMicros;
        private @Nullable CopyStatus copy;
        private @Nullable Duration clockOffset;
        private @Nullable String waitReason;
        private @Nullable ErrorStatus error;
        private Side errorSide = Side.SOURCE;

        private Board(boolean reads, boolean applies) {
            this.reads = reads;
            this.applies = applies;
        }

        private SideBoard side(Side side) {
            return side == Side.SOURCE ? source : target;
        }

        private void failed(Side side, ReplicatorException failure, Instant now) {
            boolean again = error != null
                    && error.current()
                    && errorSide == side
                    && error.primary().equals(failure.primary());
            error = ErrorStatus.of(failure, now, again && error != null ? error.count() + 1 : 1, true);
            errorSide = side;
        }

        private void overcome(Side side) {
            if (error != null && error.current() && errorSide == side) {
                error = error.overcome();
            }
        }

        private DatabaseStatus status(String name, Instant now) {
            return new DatabaseStatus(
                    name,
                    reads ? reading() : null,
                    applies ? applying(now) : null,
                    waitReason,
                    null,
                    clockOffset,
                    error);
        }

        private SourceStatus reading() {
            return new SourceStatus(
                    source.state,
                    source.reason,
                    position,
                    serverEnd,
                    acknowledged,
                    source.transactions,
                    source.rows,
                    conflicts);
        }

        private TargetStatus applying(Instant now) {
            long nowMicros = now.getEpochSecond() * 1_000_000L + now.getNano() / 1000;
            boolean waits = waitingTransactions > 0 && oldestMicros > 0;
            return new TargetStatus(
                    copy == null || target.state != State.STARTING ? target.state : State.COPYING,
                    copy == null || target.state != State.STARTING ? target.reason : copy.inWords(),
                    target.transactions,
                    target.rows,
                    batches,
                    waitingTransactions,
                    waitingBytes,
                    waits ? Math.max(0, nowMicros - oldestMicros) : 0,
                    quarantined,
                    copy);
        }
    }
}
