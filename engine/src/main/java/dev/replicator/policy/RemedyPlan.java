package dev.replicator.policy;

import dev.replicator.model.ChangeKind;
import dev.replicator.model.Conflict;
import dev.replicator.model.Key;
import dev.replicator.model.Operation;
import dev.replicator.model.Row;
import dev.replicator.policy.Exceptional.Origin;
import dev.replicator.spi.Correction;
import dev.replicator.spi.Refusal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Makes of a remedy what a master is told to do, so that it is done only where the rows still are what was looked at.
 * Immutable, pure.
 */
public final class RemedyPlan {
    private final Exceptional refused;
    private final Refusal refusal;
    private final String unknown;

    /** {@code unknown}: the database to name where none is known. */
    public RemedyPlan(Exceptional refused, String unknown) {
        this.refused = refused;
        this.refusal = refused.refusal();
        this.unknown = unknown;
    }

    /**
     * Identifies the question: the same rows under the same constraint, whichever of them was refused, by whichever
     * database.
     */
    public static String id(Refusal refusal) {
        List<String> rows = new ArrayList<>();
        rows.add(identity(refusal.refused().requireKey(), refusal.row()));
        refusal.others().forEach(other -> rows.add(identity(other.requireKey(), other.requireRow())));
        rows.sort(null);
        return (refusal.constraint() == null ? refusal.sqlState() : refusal.constraint()) + " "
                + String.join(" ", rows);
    }

    private static String identity(Key key, Row row) {
        long values = 17;
        for (int c = 0; c < row.relation().size(); c++) {
            // By name: databases may have their columns in another order.
            long one = row.relation().columns().get(c).name().hashCode();
            one = one * 0x9E3779B97F4A7C15L + row.kind(c);
            if (!row.isNull(c) && !row.isAbsent(c)) {
                for (int i = row.start(c); i < row.start(c) + row.length(c); i++) {
                    one = (one ^ row.bytes()[i]) * 0x100000001B3L;
                }
            }
            values += one * 0xD6E8FEB86659FD93L;
        }
        return String.format(Locale.ROOT, "%s:%016x:%016x", key.table().name(), key.hash(), values);
    }

    /** What is to be done. */
    public Correction correction(Remedy.Changes remedy) {
        List<Operation> standing = new ArrayList<>();
        List<Operation> missing = new ArrayList<>();
        List<Conflict> conflicts = new ArrayList<>();
        if (refusal.isOrphan()) {
            standing.add(asItWas(refusal.refused().requireKey(), refusal.row()));
            missing.addAll(refusal.others());
        }
        for (Operation change : remedy.changes()) {
            Key key = change.requireKey();
            if (key.equals(refusal.refused().requireKey())) {
                if (!refusal.isOrphan()) {
                    standing.add(asItWas(key, refusal.row()));
                }
                conflicts.add(conflict(change, side(key, refusal.row(), refused.refused()), remedy));
            }
            for (int i = 0; i < refusal.others().size(); i++) {
                Operation other = refusal.others().get(i);
                if (key.equals(other.requireKey())) {
                    if (other.kind() == Operation.Kind.UPSERT) {
                        standing.add(other);
                    }
                    conflicts.add(conflict(
                            change,
                            side(key, other.requireRow(), refused.others().get(i)),
                            remedy));
                }
            }
        }
        if (remedy.changes().isEmpty()) {
            Conflict.Side row = side(refusal.refused().requireKey(), refusal.row(), refused.refused());
            conflicts.add(new Conflict(type(), row, beside(row.key()), remedy.policy(), remedy.reason()));
        }
        return new Correction(id(refusal), standing, missing, remedy.changes(), conflicts, remedy.reason());
    }

    private static Operation asItWas(Key key, Row row) {
        return Operation.upsert(key, row, Operation.UNGUARDED);
    }

    private Conflict conflict(Operation change, Conflict.Side loser, Remedy.Changes remedy) {
        Conflict.Side winner = change.kind() == Operation.Kind.DELETE
                ? beside(loser.key())
                : new Conflict.Side(
                        loser.database(),
                        loser.commitLsn(),
                        loser.commitMicros(),
                        loser.kind() == ChangeKind.DELETE ? ChangeKind.INSERT : ChangeKind.UPDATE,
                        loser.key(),
                        change.requireRow());
        return new Conflict(type(), loser, winner, remedy.policy(), remedy.reason());
    }

    /** Another row that was looked at, or, if there is none, that the row was removed. */
    private Conflict.Side beside(Key key) {
        if (!key.equals(refusal.refused().requireKey())) {
            return side(refusal.refused().requireKey(), refusal.row(), refused.refused());
        }
        for (int i = 0; i < refusal.others().size(); i++) {
            Operation other = refusal.others().get(i);
            return side(other.requireKey(), other.requireRow(), refused.others().get(i));
        }
        return side(key, null, new Origin("", 0, 0, ChangeKind.DELETE));
    }

    private Conflict.Side side(Key key, @Nullable Row row, Origin origin) {
        return new Conflict.Side(
                origin.database().isEmpty() ? unknown : origin.database(),
                origin.commitLsn(),
                origin.commitMicros(),
                origin.kind(),
                key,
                row);
    }

    /** PostgreSQL's conflict type, or the name of the violation's SQLSTATE. */
    private String type() {
        return switch (refusal.sqlState()) {
            case "23505" -> "insert_exists";
            case "23P01" -> "exclusion_violation";
            case "23514" -> "check_violation";
            case "23502" -> "not_null_violation";
            case Refusal.FOREIGN_KEY, "23001" -> "foreign_key_violation";
            default -> "data_exception";
        };
    }
}
