package dev.replicator.resolve;

import dev.replicator.model.Key;
import dev.replicator.model.Operation;
import dev.replicator.model.Relation;
import dev.replicator.model.Row;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The state of a key as the replay of versions in version order, on the unknown closed row beneath.
 *
 * <p>A reset states or removes the row: an insert, a delete, a TRUNCATE, and under plain {@code latest} a whole update.
 * Any other update sets the columns it carries and adds to counters; where no row is, one that is known whole makes it,
 * and one with gaps is void. With a reset among the versions the state is absolute, else relative. Immutable, pure.
 */
final class Replay {
    enum Status {
        /** Nothing absolute is known: the closed row, plus the columns of {@code over}. */
        CLOSED,
        ROW,
        NONE
    }

    private static final Replay NOTHING = new Replay(Status.CLOSED, null, List.of());

    final Status status;
    /** The last reset; null if there is none. */
    final @Nullable Version reset;
    /** Updates after the reset that are none, in version order. */
    private final List<Version> over;

    private Replay(Status status, @Nullable Version reset, List<Version> over) {
        this.status = status;
        this.reset = reset;
        this.over = over;
    }

    /** Replays {@code versions} from {@code from} on, leaving {@code without} out. */
    static Replay of(List<Version> versions, @Nullable Version from, @Nullable Version without) {
        Status status = Status.CLOSED;
        Version reset = null;
        List<Version> over = List.of();
        for (Version version : versions) {
            if (version == without || (from != null && version.compareTo(from) < 0)) {
                continue;
            }
            if (version.isReset() || (status == Status.NONE && version.makesRow())) {
                status = version.removesRow() ? Status.NONE : Status.ROW;
                reset = version;
                over = List.of();
            } else if (status != Status.NONE) {
                if (over.isEmpty()) {
                    over = new ArrayList<>(2);
                }
                over.add(version);
            }
        }
        return reset == null && over.isEmpty() ? NOTHING : new Replay(status, reset, over);
    }

    /**
     * The state of a key, of the versions that may still matter: those that are not done, and the done ones concurrent
     * with one that is not; everything from the smallest of them on.
     */
    static Replay compose(KeyState key, @Nullable Version without) {
        Version from = null;
        boolean anyDone = false;
        for (Version version : key.versions) {
            if (version.isDone()) {
                anyDone = true;
            } else if (from == null) {
                from = version;
            }
        }
        if (from == null) {
            return NOTHING;
        }
        return of(key.versions, anyDone ? earliestRelevant(key, from) : null, without);
    }

    private static Version earliestRelevant(KeyState key, Version earliestOpen) {
        Version earliest = earliestOpen;
        for (Version version : key.versions) {
            if (version.isDone() && version.compareTo(earliest) < 0) {
                for (Version open : key.versions) {
                    if (!open.isDone() && Seen.concurrent(key, version, open)) {
                        earliest = version;
                        break;
                    }
                }
            }
        }
        return earliest;
    }

    boolean isAbsolute() {
        return status != Status.CLOSED;
    }

    /** Whether the state is exactly what {@code version} wrote. */
    boolean isExactly(Version version) {
        return reset == version && over.isEmpty();
    }

    /** The whole state as an operation: upsert or delete. Only for an absolute state. */
    Operation absolute(KeyState state, long guard) {
        Version last = reset;
        if (last == null || status == Status.CLOSED) {
            throw new IllegalStateException("the state of " + state.key + " is relative");
        }
        if (status == Status.NONE) {
            Row deleted = last.change.row();
            return Operation.delete(state.key, deleted == null ? state.keyRow() : deleted, guard);
        }
        return Operation.upsert(state.key, Objects.requireNonNull(known()), guard);
    }

    /** What is known of the row: all of it if the state is absolute, else what updates carry; null: no row, or nothing. */
    @Nullable
    Row known() {
        Row row = reset == null || status == Status.NONE ? null : reset.row();
        for (Version update : over) {
            row = row == null ? update.carried() : row.overlay(update.carried());
        }
        return row;
    }

    /**
     * What the updates after the reset come to, as an UPDATE: of the columns those whose newest carrier satisfies {@code
     * sets}, of the increments those of versions that satisfy {@code adds}; null if there is none.
     */
    @Nullable
    Operation columns(Key key, Predicate<Version> sets, Predicate<Version> adds, long guard) {
        Row all = null;
        boolean any = false;
        for (Version update : over) {
            Row carried = update.carried();
            Relation shape = carried.relation();
            Row.Builder part = new Row.Builder(shape);
            boolean isIn = false;
            for (int c = 0; c < shape.size(); c++) {
                boolean takes = carried.isAdded(c)
                        ? adds.test(update)
                        : sets.test(update) && carrierOf(shape.columns().get(c).name()) == update;
                if (shape.isKey(c) || (takes && !carried.isAbsent(c))) {
                    part.copy(carried, c);
                    isIn |= !shape.isKey(c);
                } else {
                    part.absent();
                }
            }
            if (isIn || all == null) {
                Row row = part.build();
                all = all == null ? row : all.overlay(row);
            }
            any |= isIn;
        }
        return any && all != null ? Operation.update(key, all, guard) : null;
    }

    /** Whether the row, or a column of it, is as this version left it. */
    boolean standsOf(Version version) {
        if (version == reset || !over.contains(version)) {
            return version == reset;
        }
        Row row = Objects.requireNonNull(version.effect.carried(), "an update that is no reset");
        for (int c = 0; c < row.relation().size(); c++) {
            if (!row.isAbsent(c)
                    && !row.relation().isKey(c)
                    && carrierOf(row.relation().columns().get(c).name()) == version) {
                return true;
            }
        }
        return false;
    }

    /** The version whose value of {@code column} stands, or null when none here states one. */
    @Nullable
    Version carrierOf(String column) {
        for (int i = over.size() - 1; i >= 0; i--) {
            Row row = over.get(i).carried();
            int at = row.relation().indexOf(column);
            if (at >= 0 && !row.isAbsent(at) && !row.isAdded(at)) {
                return over.get(i);
            }
        }
        return reset;
    }

    /** The last reset, if the version is none of the updates after it; else null. */
    @Nullable
    Version resetAfter(Version version) {
        return reset == version || over.contains(version) ? null : reset;
    }
}
