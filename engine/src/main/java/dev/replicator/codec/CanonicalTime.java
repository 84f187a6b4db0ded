package dev.replicator.codec;

import java.time.LocalDate;

/**
 * Dates and times as PostgreSQL counts them: days or microseconds since 2000-01-01, infinities as the smallest and
 * largest long. Parses the ISO output of sessions in time zone UTC, BC and years beyond 9999 included. Any thread.
 *
 * <p>Source: PostgreSQL's {@code datetime.c}, EncodeDateOnly and EncodeDateTime.
 */
final class CanonicalTime {
    private static final long EPOCH_DAY = LocalDate.of(2000, 1, 1).toEpochDay();
    private static final long MICROS_PER_SECOND = 1_000_000;
    private static final long MICROS_PER_DAY = 86_400 * MICROS_PER_SECOND;

    private CanonicalTime() {}

    /** A date's binary form, its infinities widened to a long's. */
    static long widenDate(int days) {
        return switch (days) {
            case Integer.MAX_VALUE -> Long.MAX_VALUE;
            case Integer.MIN_VALUE -> Long.MIN_VALUE;
            default -> days;
        };
    }

    static long parseDate(String text) {
        if (isInfinite(text)) {
            return infinity(text);
        }
        boolean beforeChrist = text.endsWith(" BC");
        return days(beforeChrist ? text.substring(0, text.length() - 3) : text, beforeChrist);
    }

    static long parseTimestamp(String text) {
        if (isInfinite(text)) {
            return infinity(text);
        }
        boolean beforeChrist = text.endsWith(" BC");
        String plain = beforeChrist ? text.substring(0, text.length() - 3) : text;
        int space = plain.indexOf(' ');
        String time = plain.substring(space + 1);
        int zone = Math.max(time.indexOf('+'), time.indexOf('-'));
        long offset = zone < 0 ? 0 : offsetMicros(time.substring(zone));
        String clock = zone < 0 ? time : time.substring(0, zone);
        return days(plain.substring(0, space), beforeChrist) * MICROS_PER_DAY + parseTime(clock) - offset;
    }

    /** Microseconds since midnight; 24:00:00 is a value of its own. */
    static long parseTime(String text) {
        if (text.length() < 8 || text.charAt(2) != ':' || text.charAt(5) != ':') {
            throw new IllegalArgumentException("not a time");
        }
        long seconds = (number(text, 0, 2) * 60 + number(text, 3, 5)) * 60 + number(text, 6, 8);
        long micros = 0;
        if (text.length() > 8) {
            int digits = text.length() - 9;
            if (text.charAt(8) != '.' || digits < 1 || digits > 6) {
                throw new IllegalArgumentException("not a time");
            }
            micros = number(text, 9, text.length());
            for (int i = digits; i < 6; i++) {
                micros *= 10;
            }
        }
        return seconds * MICROS_PER_SECOND + micros;
    }

    private static boolean isInfinite(String text) {
        return text.endsWith("infinity");
    }

    private static long infinity(String text) {
        return text.startsWith("-") ? Long.MIN_VALUE : Long.MAX_VALUE;
    }

    private static long days(String date, boolean beforeChrist) {
        int length = date.length();
        if (length < 10 || date.charAt(length - 3) != '-' || date.charAt(length - 6) != '-') {
            throw new IllegalArgumentException("not a date");
        }
        long year = number(date, 0, length - 6);
        int month = (int) number(date, length - 5, length - 3);
        int day = (int) number(date, length - 2, length);
        // There is no year zero: 1 BC is the proleptic year 0.
        return LocalDate.of((int) (beforeChrist ? 1 - year : year), month, day).toEpochDay() - EPOCH_DAY;
    }

    private static long offsetMicros(String zone) {
        long seconds = 0;
        long unit = 3600;
        for (String part : zone.substring(1).split(":", -1)) {
            seconds += number(part, 0, part.length()) * unit;
            unit /= 60;
        }
        return (zone.startsWith("-") ? -seconds : seconds) * MICROS_PER_SECOND;
    }

    private static long number(String text, int from, int to) {
        if (from >= to) {
            throw new IllegalArgumentException("not a number");
        }
        long value = 0;
        for (int i = from; i < to; i++) {
            int digit = text.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                throw new IllegalArgumentException("not a number");
            }
            value = value * 10 + digit;
        }
        return value;
    }
}
