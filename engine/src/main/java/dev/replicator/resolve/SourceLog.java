package dev.replicator.resolve;

import dev.replicator.model.Mark;
import dev.replicator.model.Positions;
import dev.replicator.model.SourceState;
import java.util.ArrayDeque;
import java.util.Deque;

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
    /** Whether the source itself has said where its log is to be read from. */
    boolean met;
    /** Not yet acknowledged, oldest first. */
    final Deque<Item> open = new ArrayDeque<>();
    /** End of the newest mark: past it, nothing that was read need be stored. */
    long markEnd;
    /** What is stored for it, here or in copies: the largest. */
    SourceState stored;

    private final Deque<Moment> history = new ArrayDeque<>();

    /** H and V as they stood after everything below {@code end}. */
    private record Moment(long end, long highest, Positions held) {}

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
            history.clear();
            history.add(new Moment(readEnd, highest, held));
        }
    }

    /** Passes a mark: joins V, raises H. */
    void pass(Mark mark) {
        held = held.join(mark.held());
        highest = Math.max(highest, mark.highest());
        if (mark.last()) {
            readEnd = Math.max(readEnd, mark.end());
            markEnd = Math.max(markEnd, mark.end());
            remember(mark.end());
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
        open.add(item);
        remember(item.end);
    }

    private void remember(long end) {
        history.add(new Moment(end, highest, held));
    }

    /** The state to store for acknowledging at {@code end}: H and V as they stood there. */
    SourceState stateAt(long end, Positions done) {
        Moment at = new Moment(0, 0, Positions.zero(held.size()));
        for (Moment moment : history) {
            if (moment.end > end) {
                break;
            }
            at = moment;
        }
        return new SourceState(end, at.highest, at.held, done);
    }

    /** The state was stored: what is older is forgotten. */
    void stored(SourceState state) {
        if (state.position() > stored.position()) {
            stored = state;
        }
        while (!open.isEmpty() && open.peekFirst().commitLsn < state.position()) {
            open.removeFirst();
        }
        while (history.size() > 1 && secondOldest().end <= state.position()) {
            history.removeFirst();
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
