package dev.replicator.spi;

import dev.replicator.model.Positions;
import dev.replicator.model.SourceState;
import dev.replicator.model.StoredPolicies;
import dev.replicator.model.TableName;
import java.util.List;
import java.util.Map;

/**
 * What a target said when its session started.
 *
 * @param fence the fence number this session holds
 * @param lastFence fence number of the session that wrote the progress row last; 0 if none did
 * @param lastBatch number of the batch that wrote the progress row last, within that session; 0 if none did
 * @param held V of its progress: the source positions it holds
 * @param states copies of the sources' stored states that its progress row keeps, in source order; {@link
 *     SourceState#none} where there is none
 * @param ownState masters only: the state stored on this database itself for its own slot; else none
 * @param logEnd masters only: the end of its own log when the fence had been taken; else 0
 * @param markSecret masters only: signs the marks in this database's log; else empty
 * @param quarantined how many changes are put aside there
 * @param policies masters only: the policies in force as they stand there; else none
 * @param copied of tables whose rows were copied: what they hold at least, where that is more than {@code held}
 */
public record TargetState(
        long fence,
        long lastFence,
        long lastBatch,
        Positions held,
        List<SourceState> states,
        SourceState ownState,
        long logEnd,
        byte[] markSecret,
        long quarantined,
        StoredPolicies policies,
        Map<TableName, Positions> copied) {

    /** No table was copied lately. */
    public TargetState(
            long fence,
            long lastFence,
            long lastBatch,
            Positions held,
            List<SourceState> states,
            SourceState ownState,
            long logEnd,
            byte[] markSecret,
            long quarantined,
            StoredPolicies policies) {
        this(fence, lastFence, lastBatch, held, states, ownState, logEnd, markSecret, quarantined, policies, Map.of());
    }

    /** Of a target that is no source and puts nothing aside. */
    public static TargetState ofReceiver(
            long fence, long lastFence, long lastBatch, Positions held, List<SourceState> states) {
        return new TargetState(
                fence, lastFence, lastBatch, held, states, SourceState.none(held.size()), 0, new byte[0]);
    }

    /** Nothing is put aside, and no policy is stored. */
    public TargetState(
            long fence,
            long lastFence,
            long lastBatch,
            Positions held,
            List<SourceState> states,
            SourceState ownState,
            long logEnd,
            byte[] markSecret) {
        this(fence, lastFence, lastBatch, held, states, ownState, logEnd, markSecret, 0, StoredPolicies.NONE);
    }

    /** The same, with what tables that were copied hold. */
    public TargetState withCopied(Map<TableName, Positions> tables) {
        return new TargetState(
                fence, lastFence, lastBatch, held, states, ownState, logEnd, markSecret, quarantined, policies, tables);
    }

    public TargetState {
        states = List.copyOf(states);
        copied = Map.copyOf(copied);
    }
}
