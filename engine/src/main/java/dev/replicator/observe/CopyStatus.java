package dev.replicator.observe;

import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * How far the copying of tables to one database is.
 *
 * @param tables how many are to be copied
 * @param tablesDone how many of them are there whole
 * @param rows copied so far, those of an earlier process included
 * @param totalRows how many there are, as the server estimates
 * @param bytes copied by this process
 * @param rowsPerSecond of this process
 * @param remaining how long the rest takes at that rate; null while that is unknown
 */
public record CopyStatus(
        int tables,
        int tablesDone,
        long rows,
        long totalRows,
        long bytes,
        double rowsPerSecond,
        @Nullable Duration remaining) {

    /** As it stands in the status. */
    public String inWords() {
        return String.format(
                Locale.ROOT,
                "copies table %d of %d: %,d of about %,d rows, %,.1f MB, %,.0f rows/s%s",
                Math.min(tables, tablesDone + 1),
                tables,
                rows,
                totalRows,
                bytes / 1e6,
                rowsPerSecond,
                remaining == null ? "" : ", " + remaining.toSeconds() + " s to go");
    }
}
