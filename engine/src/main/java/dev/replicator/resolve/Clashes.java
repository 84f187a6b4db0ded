package dev.replicator.resolve;

import dev.replicator.model.ChangeKind;
import dev.replicator.model.Conflict;
import dev.replicator.model.Key;
import dev.replicator.model.Operation;
import dev.replicator.policy.Exceptional;
import dev.replicator.spi.Correction;
import dev.replicator.spi.Refusal;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Decides between two rows of different keys that a unique constraint does not let stand together: the one that was
 * changed last stays, the other is to be deleted on the master where it was changed last.
 *
 * <p>The deletion is an ordinary change there. So all masters end equal whatever is decided, by whom, and how often; what
 * is said here makes it one sensible decision, the same for whoever of the two was refused. A row that is not in the
 * window any more is the older one if the other was changed after everything that has left the window; if not, nothing is
 * decided here.
 */
final class Clashes {
    private final ResolverSettings settings;
    private final Window window;

    Clashes(ResolverSettings settings, Window window) {
        this.settings = settings;
        this.window = window;
    }

    /** What is to be done, and on which master; {@link #UNKNOWN}: on the one where the row stands as it was refused. */
    record Decided(int master, Correction correction) {}

    static final int UNKNOWN = -1;

    /** {@code node}: where it was refused. Null: it cannot be decided. */
    @Nullable
    Decided judge(int node, Refusal refusal) {
        if (refusal.others().isEmpty()) {
            return null;
        }
        Version refused = newest(refusal.refused().requireKey());
        Version standing = newest(refusal.others().get(0).requireKey());
        if ((refused != null && refused.removesRow()) || (standing != null && standing.removesRow())) {
            // What has come since removes one of them.
            return null;
        }
        if (!isKnown(refused, standing)) {
            return null;
        }
        Operation inTheWay = refusal.others().get(0);
        // Whole, and as text: what was sent may be neither.
        Operation told = Operation.upsert(refusal.refused().requireKey(), refusal.row(), Operation.UNGUARDED);
        boolean standingLoses = standing == null || (refused != null && standing.compareTo(refused) < 0);
        Operation loser = standingLoses ? inTheWay : told;
        int where = standingLoses ? sourceOf(standing, node, refused) : refused == null ? UNKNOWN : refused.source();
        Conflict.Side lost = side(loser, standingLoses ? standing : refused, where);
        Conflict.Side won = side(standingLoses ? told : inTheWay, standingLoses ? refused : standing, where);
        Conflict conflict = new Conflict(
                "insert_exists",
                lost,
                won,
                "keep_latest",
                "keep_latest: both rows have the same value under \"" + refusal.constraint() + "\"; the one with key ("
                        + String.join(", ", won.key().table().keyColumns()) + ") that was changed later stays");
        Operation delete = Operation.delete(loser.requireKey(), loser.requireRow(), Operation.UNGUARDED);
        return new Decided(
                where,
                new Correction(
                        id(lost, won),
                        List.of(Operation.upsert(delete.requireKey(), delete.requireRow(), Operation.UNGUARDED)),
                        List.of(),
                        List.of(delete),
                        List.of(conflict),
                        conflict.reason()));
    }

    /** Whether it is known which of them was changed last; null: it has left the window, or was never in it. */
    private boolean isKnown(@Nullable Version a, @Nullable Version b) {
        if (a == null || b == null) {
            Version open = a == null ? b : a;
            return open != null && open.h > window.highestClosed();
        }
        return true;
    }

    /** The change with what the window knows of its rows. */
    Exceptional exceptional(int node, Refusal refusal) {
        return new Exceptional(
                settings.nodes().get(node),
                refusal,
                origin(refusal.refused(), refusal.commitMicros()),
                refusal.others().stream().map(other -> origin(other, 0)).toList());
    }

    private Exceptional.Origin origin(Operation row, long commitMicros) {
        Version version = newest(row.requireKey());
        ChangeKind kind = row.kind() == Operation.Kind.DELETE ? ChangeKind.DELETE : ChangeKind.UPDATE;
        return version == null
                ? new Exceptional.Origin("", 0, commitMicros, kind)
                : new Exceptional.Origin(
                        settings.nodes().get(version.source()),
                        version.lsn(),
                        version.commitMicros,
                        version.change.kind());
    }

    private int sourceOf(@Nullable Version standing, int node, @Nullable Version refused) {
        if (standing != null) {
            return standing.source();
        }
        return node < settings.sourceCount() || refused == null ? node : refused.source();
    }

    private @Nullable Version newest(Key key) {
        KeyState state = window.get(key);
        return state == null || state.versions.isEmpty() ? null : state.versions.get(state.versions.size() - 1);
    }

    private Conflict.Side side(Operation row, @Nullable Version version, int source) {
        return new Conflict.Side(
                settings.nodes().get(version == null ? Math.max(0, source) : version.source()),
                version == null ? 0 : version.lsn(),
                version == null ? 0 : version.commitMicros,
                version == null ? ChangeKind.UPDATE : version.change.kind(),
                row.requireKey(),
                row.requireRow());
    }

    private static String id(Conflict.Side lost, Conflict.Side won) {
        return String.format(
                Locale.ROOT,
                "keep_latest %s %x %016x < %s %x %016x",
                lost.database(),
                lost.commitLsn(),
                lost.key().hash(),
                won.database(),
                won.commitLsn(),
                won.key().hash());
    }
}
