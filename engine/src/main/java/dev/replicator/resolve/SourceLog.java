package dev.replicator.resolve;

import dev.replicator.model.Mark;
import dev.replicator.model.MarkNumber;
import dev.replicator.model.Positions;
import dev.replicator.model.Resume;
import dev.replicator.model.SourceState;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What reading one source's log has shown so far: how far it is read, {@code H} and {@code V} at that place, and its
 * transactions that are not acknowledged.
 */
final class SourceLog {
    private final int source;
    /** Everything that committed below it has been read (or need not be). */
    long readEnd;
    /** End of the newest resolved transaction of this source. */
    long position;

    long highest;
    Positions held;
    /** Number of the last mark passed. */
    MarkNumber lastMark = MarkNumber.NONE;
    /** What the log is read on from behind what was read, where a position alone does not tell. */
    @Nullable
    Resume resume;

    /** Whether the source itself has said where its log is to be read from. */
    boolean met;
    /** End of the newest mark: past it, nothing that was read need be stored. */
    long markEnd;
    /** What is stored for it, here or in copies: the largest. */
    SourceState stored;

    private static final int MOST_MOMENTS = 4096;
    private static final long NONE = -1;

    private final Deque<Moment> history = new ArrayDeque<>();
    /** Where the first transaction commits that is not acknowledged; -1: none. */
    private long firstOpen = NONE;

    /**
     * H, V and the last mark as they stood after everything below {@code end}. Their number is limited: neighbours become one.
     *
     * @param from the end of the first of those that became one
     * @param commitLsn where the first transaction among them commits; -1: only marks
     */
    private record Moment(
            long from,
            long end,
            long highest,
            Positions held,
            MarkNumber lastMark,
            long commitLsn,
            @Nullable Resume resume) {
        Moment and(Moment next) {
            return new Moment(
                    from,
                    next.end,
                    next.highest,
                    next.held,
                    next.lastMark,
                    commitLsn == NONE ? next.commitLsn : commitLsn,
                    next.resume);
        }
    }

    SourceLog(int source, int sources) {
        this.source = source;
        this.held = Positions.zero(sources);
        this.stored = SourceState.none(sources);
    }

    /** Takes over a stored state that reaches further than what is known; nothing at or below it need be read again. */
    void adopt(SourceState state) {
        if (state.position() > stored.position()) {
            stored = state;
        }
        position = Math.max(position, state.position());
        if (!met && state.position() >= readEnd && state.position() > 0) {
            readEnd = state.position();
            highest = state.highest();
            held = state.held();
            lastMark = state.lastMark();
            history.clear();
            resume = state.resume();
            history.add(new Moment(readEnd, readEnd, highest, held, lastMark, NONE, resume));
        }
    }

    /** Passes a mark: joins V, and raises H if {@code raises}. */
    void pass(Mark mark, boolean raises) {
        held = held.join(mark.held());
        lastMark = lastMark.max(mark.number());
        highest = raises ? Math.max(highest, mark.highest()) : highest;
        if (mark.last()) {
            readEnd = Math.max(readEnd, mark.end());
            markEnd = Math.max(markEnd, mark.end());
            remember(mark.end(), NONE);
        }
    }

    /** The logical time of a transaction that commits now, and from here on. */
    long tick(long commitMicros) {
        highest = Math.max(commitMicros, highest + 1);
        return highest;
    }

    void passTransaction(Item item) {
        position = Math.max(position, item.end);
        readEnd = Math.max(readEnd, item.end);
        if (firstOpen == NONE) {
            firstOpen = item.commitLsn;
        }
        resume = item.resume;
        remember(item.end, item.commitLsn);
    }

    private void remember(long end, long commitLsn) {
        history.add(new Moment(end, end, highest, held, lastMark, commitLsn, resume));
        if (history.size() > MOST_MOMENTS) {
            thin();
        }
    }

    /** Neighbours become one, so that about half are left, each of about the same stretch of the log. */
    private void thin() {
        long stretch = (history.getLast().end - history.getFirst().end) / (MOST_MOMENTS / 2);
        List<Moment> kept = new ArrayList<>();
        for (Moment moment : history) {
            Moment last = kept.isEmpty() ? null : kept.get(kept.size() - 1);
            if (last != null && moment.end - last.from <= stretch) {
                kept.set(kept.size() - 1, last.and(moment));
            } else {
                kept.add(moment);
            }
        }
        history.clear();
        history.addAll(kept);
    }

    /** Where the first transaction commits that is not acknowledged; -1: there is none. */
    long firstOpen() {
        return firstOpen;
    }

    /** The state to store for acknowledging at {@code end}, or somewhat before it: H and V as they stood there. */
    SourceState stateAt(long end, Positions done) {
        Moment at = new Moment(0, 0, 0, Positions.zero(held.size()), MarkNumber.NONE, NONE, null);
        long position = end;
        for (Moment moment : history) {
            if (moment.end > end) {
                position = moment.from <= end ? at.end : end;
                break;
            }
            at = moment;
        }
        return new SourceState(position, at.highest, at.held, at.lastMark, done, at.resume);
    }

    /** The state was stored: what is older is forgotten. */
    void stored(SourceState state) {
        if (state.position() > stored.position()) {
            stored = state;
        }
        while (history.size() > 1 && secondOldest().end <= state.position()) {
            history.removeFirst();
        }
        firstOpen = NONE;
        for (Moment moment : history) {
            if (moment.end > state.position() && moment.commitLsn != NONE) {
                firstOpen = moment.commitLsn;
                return;
            }
        }
    }

    private Moment secondOldest() {
        var moments = history.iterator();
        moments.next();
        return moments.next();
    }

    @Override
    public String toString() {
        return "log of n" + source + " read to " + readEnd;
    }
}
