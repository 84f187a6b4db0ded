package dev.replicator.resolve;

import dev.replicator.model.Column;
import dev.replicator.model.Key;
import dev.replicator.model.Operation;
import dev.replicator.model.Relation;
import dev.replicator.model.Row;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The state of a key as the replay of versions in version order, on the unknown closed row beneath.
 *
 * <p>An insert, a whole update, a delete and a TRUNCATE are resets: they state the row completely. An update with gaps
 * (unchanged TOAST columns) sets the columns it carries; on a missing row it is void. With a reset among the versions the
 * state is absolute, else relative. Immutable, pure.
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
    /** Updates with gaps after the reset, in version order. */
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
            if (version.reset) {
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
        Row row = last.change.requireRow();
        for (Version update : over) {
            row = row.overlay(update.change.requireRow());
        }
        return Operation.upsert(state.key, row, guard);
    }

    /**
     * The columns whose newest carrier satisfies {@code carrier} and is an update with gaps, as an UPDATE; null if there
     * is none.
     */
    @Nullable
    Operation columns(Key key, Predicate<Version> carrier, long guard) {
        if (over.isEmpty()) {
            return null;
        }
        if (over.size() == 1) {
            Version only = over.get(0);
            return carrier.test(only) && carriesAny(only)
                    ? Operation.update(key, only.change.requireRow(), guard)
                    : null;
        }
        Relation shape = over.get(over.size() - 1).change.requireRow().relation();
        Row.Builder builder = new Row.Builder(shape);
        boolean any = false;
        for (int c = 0; c < shape.size(); c++) {
            Column column = shape.columns().get(c);
            Version newest = carrierOf(column.name());
            if (newest != null && (shape.isKey(c) || carrier.test(newest))) {
                Row row = newest.change.requireRow();
                builder.copy(row, row.relation().indexOf(column.name()));
                any |= !shape.isKey(c);
            } else {
                builder.absent();
            }
        }
        return any ? Operation.update(key, builder.build(), guard) : null;
    }

    /** The version whose value of {@code column} stands, or null when none here carries it. */
    @Nullable
    Version carrierOf(String column) {
        for (int i = over.size() - 1; i >= 0; i--) {
            Row row = over.get(i).change.requireRow();
            int at = row.relation().indexOf(column);
            if (at >= 0 && !row.isAbsent(at)) {
                return over.get(i);
            }
        }
        return reset;
    }

    private static boolean carriesAny(Version update) {
        Row row = update.change.requireRow();
        for (int c = 0; c < row.relation().size(); c++) {
            if (!row.isAbsent(c) && !row.relation().isKey(c)) {
                return true;
            }
        }
        return false;
    }
}
