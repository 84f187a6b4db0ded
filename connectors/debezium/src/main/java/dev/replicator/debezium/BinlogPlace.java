package dev.replicator.debezium;

import dev.replicator.error.ReplicatorException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A place in a binary log as a position: the number of the file in the upper 28 bits, the byte in it in the lower 36. Any
 * thread. Source: MySQL Reference Manual, "The Binary Log": files are numbered upwards, and have 1 GiB but for one
 * transaction.
 */
final class BinlogPlace {
    private static final int OFFSET_BITS = 36;

    private BinlogPlace() {}

    static long of(String file, long offset) {
        String digits = file.substring(file.lastIndexOf('.') + 1);
        try {
            return Long.parseLong(digits) << OFFSET_BITS | offset;
        } catch (NumberFormatException e) {
            throw ReplicatorException.bug("a binary log is called \"" + file + "\"", e.toString());
        }
    }

    /** That of an offset of Debezium's. */
    static long of(Map<String, ?> offset) {
        @Nullable Object file = offset.get("file");
        @Nullable Object at = offset.get("pos");
        if (file == null || !(at instanceof Number number)) {
            throw ReplicatorException.bug("an offset names no place in a binary log", offset.toString());
        }
        return of(file.toString(), number.longValue());
    }
}
