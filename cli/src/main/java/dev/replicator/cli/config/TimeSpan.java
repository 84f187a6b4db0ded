package dev.replicator.cli.config;

import java.time.Duration;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Lengths of time as they are written in a configuration file and shown to people: {@code 60s}, {@code 24h}. */
public final class TimeSpan {
    private static final Pattern FORM = Pattern.compile("(\\d{1,12})\\s*([A-Za-z]*)");

    private TimeSpan() {}

    /** Throws {@link IllegalArgumentException} with a sentence for a person. */
    public static Duration parse(String text) {
        Matcher form = FORM.matcher(text.strip());
        if (!form.matches()) {
            throw new IllegalArgumentException(
                    "\"" + text
                            + "\" is not a length of time; write a whole number and a unit, for instance 500ms, 60s, 5min, 24h or 7d");
        }
        long number = Long.parseLong(form.group(1));
        return switch (form.group(2)) {
            case "ms" -> Duration.ofMillis(number);
            case "s" -> Duration.ofSeconds(number);
            case "min" -> Duration.ofMinutes(number);
            case "h" -> Duration.ofHours(number);
            case "d" -> Duration.ofDays(number);
            case "" ->
                throw new IllegalArgumentException("length of time \"" + text
                        + "\" has no unit; write one of ms, s, min, h, d, for instance " + text.strip() + "s");
            default ->
                throw new IllegalArgumentException(
                        "length of time \"" + text + "\" has an unknown unit; units are ms, s, min, h and d"
                                + nearest(form.group(1), form.group(2)));
        };
    }

    private static String nearest(String number, String unit) {
        String lower = unit.toLowerCase(Locale.ROOT);
        String meant = lower.startsWith("ms") || lower.startsWith("mil")
                ? "ms"
                : lower.startsWith("s") ? "s" : lower.startsWith("m") ? "min" : lower.startsWith("h") ? "h" : "d";
        return lower.startsWith("d") || !meant.equals("d") ? ", did you mean \"" + number + meant + "\"?" : "";
    }

    /** For people, two units at most: {@code 3ms}, {@code 1.4s}, {@code 2min 5s}, {@code 3h 20min}, {@code 4d 1h}. */
    public static String format(Duration span) {
        if (span.isNegative()) {
            return "-" + format(span.negated());
        }
        long millis = span.toMillis();
        if (millis < 1000) {
            return millis + "ms";
        }
        long seconds = span.toSeconds();
        if (seconds < 10 && millis % 1000 != 0) {
            return String.format(Locale.ROOT, "%.1fs", millis / 1000.0);
        }
        if (seconds < 60) {
            return seconds + "s";
        }
        if (seconds < 3600) {
            return two(seconds / 60, "min", seconds % 60, "s");
        }
        if (seconds < 86_400) {
            return two(seconds / 3600, "h", seconds % 3600 / 60, "min");
        }
        return two(seconds / 86_400, "d", seconds % 86_400 / 3600, "h");
    }

    private static String two(long large, String largeUnit, long small, String smallUnit) {
        return large + largeUnit + (small == 0 ? "" : " " + small + smallUnit);
    }
}
