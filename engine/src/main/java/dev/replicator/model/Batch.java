package dev.replicator.model;

import java.util.List;

/**
 * What a target writes in one transaction of its own: a run of whole source transactions, and the progress they make.
 *
 * @param number counts up within one session of the target
 * @param chunks the work, in order; iterate once per attempt
 * @param held V of this batch: to be joined with what the target's progress holds
 * @param highest H of this batch
 * @param conflicts history entries to store with it; only Postgres masters get any
 * @param states copies of all sources' stored states (null entry: unknown), to be kept with the progress, the larger one
 *     staying; empty when there is no news
 * @param commitMicros commit time of the newest transaction in it, for the replication origin; 0 when unknown
 * @param provenance which source transactions the changes were made in
 * @param joined tables of which it says how they came there, instead of what was stored; only for targets that are filled by
 *     batches
 */
public record Batch(
        long number,
        Iterable<Chunk> chunks,
        Positions held,
        long highest,
        List<Conflict> conflicts,
        List<SourceState> states,
        long commitMicros,
        Provenance provenance,
        List<JoinedTable> joined) {

    /** Of changes that the sources have made. */
    public Batch(
            long number,
            Iterable<Chunk> chunks,
            Positions held,
            long highest,
            List<Conflict> conflicts,
            List<SourceState> states,
            long commitMicros,
            Provenance provenance) {
        this(number, chunks, held, highest, conflicts, states, commitMicros, provenance, List.of());
    }

    /** A batch whose transactions are not known. */
    public Batch(
            long number,
            Iterable<Chunk> chunks,
            Positions held,
            long highest,
            List<Conflict> conflicts,
            List<SourceState> states,
            long commitMicros) {
        this(number, chunks, held, highest, conflicts, states, commitMicros, Provenance.UNKNOWN);
    }
}
