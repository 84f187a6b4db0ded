package dev.replicator.model;

import org.jspecify.annotations.Nullable;

/**
 * What is stored durably before a source's slot is acknowledged, and where reading starts after a restart.
 *
 * @param position a: transactions that committed below it need not be read again
 * @param highest H: the logical time of this source's log at that position
 * @param held V: what this source's log had shown it to hold at that position
 * @param lastMark number of the last mark below that position; one read from there on counts only if it is above
 * @param done Q, for all sources: versions below it count as seen and known but are never a reason to send
 * @param resume what a log is read on from that a position alone does not tell; else null
 */
public record SourceState(
        long position,
        long highest,
        Positions held,
        MarkNumber lastMark,
        Positions done,
        @Nullable Resume resume) {
    /** Of a log whose positions say it all. */
    public SourceState(long position, long highest, Positions held, MarkNumber lastMark, Positions done) {
        this(position, highest, held, lastMark, done, null);
    }

    /** The same, with what is done. */
    public SourceState withDone(Positions all) {
        return new SourceState(position, highest, held, lastMark, all, resume);
    }

    public static SourceState none(int sources) {
        return new SourceState(0, 0, Positions.zero(sources), MarkNumber.NONE, Positions.zero(sources));
    }
}
