package dev.replicator.copy;

import dev.replicator.observe.CopyStatus;
import dev.replicator.spi.CopyRange;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Counts what is copied to one node. Thread-safe. */
final class CopyProgress {
    private final int tables;
    private final long begun = System.nanoTime();
    private int tablesDone;
    private long totalRows;
    private long earlierRows;
    private long rows;
    private long bytes;

    CopyProgress(int tables) {
        this.tables = tables;
    }

    synchronized void expect(Ranges.Size size, List<CopyRange> ranges) {
        totalRows += size.rows();
        boolean done = true;
        for (CopyRange range : ranges) {
            earlierRows += range.rows();
            done &= range.isDone();
        }
        tablesDone += done ? 1 : 0;
    }

    synchronized void tableDone() {
        tablesDone++;
    }

    synchronized void add(long moreRows, long moreBytes) {
        rows += moreRows;
        bytes += moreBytes;
    }

    synchronized CopyStatus status() {
        double seconds = Math.max(1e-3, (System.nanoTime() - begun) / 1e9);
        double rate = rows / seconds;
        long total = Math.max(totalRows, earlierRows + rows);
        @Nullable
        Duration remaining = rows == 0 ? null : Duration.ofMillis((long) ((total - earlierRows - rows) / rate * 1000));
        return new CopyStatus(tables, tablesDone, earlierRows + rows, total, bytes, rate, remaining);
    }

    synchronized String summary() {
        double seconds = (System.nanoTime() - begun) / 1e9;
        return String.format(
                Locale.ROOT,
                "%,d rows, %.1f MB, in %.1f s%s",
                rows,
                bytes / 1e6,
                seconds,
                earlierRows == 0 ? "" : String.format(Locale.ROOT, "; %,d rows were there already", earlierRows));
    }
}
