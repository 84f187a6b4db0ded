package dev.replicator.model;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Databases that get the tables of a sync emptied and copied whole: when asked, and by a timetable. No log is read for
 * them.
 *
 * @param source the database that is copied
 * @param databases those that get the rows
 * @param emptying how the rows that stand there are removed
 * @param timetable when it is done without being asked
 */
public record FullCopy(DatabaseSpec source, List<DatabaseSpec> databases, Emptying emptying, Timetable timetable) {
    public FullCopy {
        databases = List.copyOf(databases);
    }

    /** How rows are removed, in the transaction that brings the new ones. */
    public enum Emptying {
        /** By DELETE: whoever reads meanwhile has the rows as they were, and never waits. */
        DELETE,
        /** By TRUNCATE: leaves nothing to be vacuumed, and whoever reads waits until the new rows are there. */
        TRUNCATE
    }

    /**
     * When it is due by itself; never if both are null.
     *
     * @param every so long after the last one was finished; at once if there was none
     * @param dailyAt every day at that time of this machine's zone
     */
    public record Timetable(
            @Nullable Duration every, @Nullable LocalTime dailyAt) {
        public static final Timetable NEVER = new Timetable(null, null);

        /**
         * When the next is due; empty: only when asked for. {@code last}: when the last one was finished, or null; {@code
         * begun}: since when this process watches.
         */
        public Optional<Instant> next(@Nullable Instant last, Instant begun, ZoneId zone) {
            if (every != null) {
                return Optional.of(last == null ? begun : last.plus(every));
            }
            if (dailyAt == null) {
                return Optional.empty();
            }
            Instant after = last == null ? begun : last;
            LocalDate day = after.atZone(zone).toLocalDate();
            Instant first = day.atTime(dailyAt).atZone(zone).toInstant();
            return Optional.of(
                    first.isAfter(after)
                            ? first
                            : day.plusDays(1).atTime(dailyAt).atZone(zone).toInstant());
        }
    }
}
