package dev.replicator.model;

/**
 * A log sequence number: a byte position in one server's write-ahead log, written {@code 16/B374D848}.
 *
 * <p>The hot path carries the raw {@code long}; this record is for borders, messages and tests. Comparison is
 * unsigned, as in PostgreSQL ({@code pg_lsn.c}).
 */
public record Lsn(long value) implements Comparable<Lsn> {

    /** "Invalid", as PostgreSQL's InvalidXLogRecPtr: before everything. */
    public static final Lsn ZERO = new Lsn(0);

    /** Parses PostgreSQL's text form; throws {@link IllegalArgumentException} when it is anything else. */
    public static Lsn parse(String text) {
        int slash = text.indexOf('/');
        if (slash < 1 || slash > 8 || text.length() - slash - 1 < 1 || text.length() - slash - 1 > 8) {
            throw new IllegalArgumentException("not a log sequence number: \"" + text + "\"");
        }
        try {
            long high = Long.parseLong(text.substring(0, slash), 16);
            long low = Long.parseLong(text.substring(slash + 1), 16);
            return new Lsn(high << 32 | low);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("not a log sequence number: \"" + text + "\"", e);
        }
    }

    /** PostgreSQL's text form of a raw position. */
    public static String format(long value) {
        return Long.toHexString(value >>> 32).toUpperCase(java.util.Locale.ROOT) + "/"
                + Long.toHexString(value & 0xFFFFFFFFL).toUpperCase(java.util.Locale.ROOT);
    }

    @Override
    public int compareTo(Lsn other) {
        return Long.compareUnsigned(value, other.value);
    }

    @Override
    public String toString() {
        return format(value);
    }
}
