package dev.replicator.policy;

import dev.replicator.model.ChangeKind;
import dev.replicator.model.Key;
import dev.replicator.model.Operation;
import dev.replicator.policy.Exceptional.Origin;
import dev.replicator.spi.Refusal;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Decides {@code keep_latest} for changes that are known only from where they were put aside, because every database has
 * long taken or refused them: by the commit times that are stored there.
 *
 * <p>Of two rows that clash each is refused by some database, so each is told of with its time, sooner or later. A row that
 * nobody has refused some seconds after the other was told of is the older one: every database had it first. Not thread-safe.
 */
public final class StoredLatest {
    private static final int REMEMBERED = 10_000;
    /** So long after the first time nobody has refused the other row. */
    private static final long PATIENCE_NANOS = 10_000_000_000L;

    /** A refused change: when it was committed, and when it was told of first. */
    private record Told(long commitMicros, long since) {}

    private final Map<Key, Told> told = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, Told> eldest) {
            return size() > REMEMBERED;
        }
    };

    /** Null: it cannot be decided, or not yet. {@code now}: nanoseconds of a clock that only goes forward. */
    public Remedy.@Nullable Changes judge(Exceptional refused, long now) {
        Refusal refusal = refused.refusal();
        if (refusal.others().size() != 1
                || isRemoval(refused.refused())
                || isRemoval(refused.others().get(0))) {
            return null;
        }
        Key mine = refusal.refused().requireKey();
        Operation standing = refusal.others().get(0);
        long myTime = refused.refused().commitMicros();
        Told before = told.get(mine);
        // What is stored is the time of a batch, which may have held later changes, too.
        long earliest = before == null || before.commitMicros() == 0 ? myTime : Math.min(myTime, before.commitMicros());
        told.put(mine, new Told(earliest, before == null ? now : before.since()));
        boolean isOlder = before != null && now - before.since() >= PATIENCE_NANOS;
        long itsTime = refused.others().get(0).commitMicros();
        if (itsTime == 0) {
            Told its = told.get(standing.requireKey());
            itsTime = its == null ? 0 : its.commitMicros();
        }
        if (earliest == 0 || itsTime == 0 && !isOlder) {
            return null;
        }
        int byTime = Long.compare(earliest, itsTime);
        boolean standingLoses = byTime != 0
                ? byTime > 0
                : Long.compareUnsigned(mine.hash(), standing.requireKey().hash()) > 0;
        Operation delete = standingLoses
                ? Operation.delete(standing.requireKey(), standing.requireRow(), Operation.UNGUARDED)
                : Operation.delete(mine, refusal.row(), Operation.UNGUARDED);
        return new Remedy.Changes(
                List.of(delete),
                "keep_latest",
                "keep_latest: both rows have the same value under \"" + refusal.constraint() + "\"; the one with key ("
                        + String.join(", ", mine.table().keyColumns()) + ") that was changed later stays");
    }

    private static boolean isRemoval(Origin origin) {
        return origin.kind() == ChangeKind.DELETE || origin.kind() == ChangeKind.TRUNCATE;
    }
}
