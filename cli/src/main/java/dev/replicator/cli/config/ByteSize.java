package dev.replicator.cli.config;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A number of bytes, written with a binary unit: {@code 512MiB}, {@code 20GiB}. */
public record ByteSize(long bytes) {
    private static final Pattern FORM = Pattern.compile("(\\d{1,18})\\s*([A-Za-z]*)");
    private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};

    /** Throws {@link IllegalArgumentException} with a sentence for a person. */
    public static ByteSize parse(String text) {
        Matcher form = FORM.matcher(text.strip());
        if (!form.matches()) {
            throw new IllegalArgumentException(
                    "\"" + text + "\" is not a size; write a whole number and a unit, for instance 512MiB or 20GiB");
        }
        String unit = form.group(2);
        if (unit.isEmpty()) {
            throw new IllegalArgumentException("size \"" + text
                    + "\" has no unit; write one of B, KiB, MiB, GiB, TiB, for instance " + text.strip() + "MiB");
        }
        long factor = 1;
        for (String known : UNITS) {
            if (known.equals(unit)) {
                try {
                    return new ByteSize(Math.multiplyExact(Long.parseLong(form.group(1)), factor));
                } catch (ArithmeticException e) {
                    throw new IllegalArgumentException("size \"" + text + "\" is too large", e);
                }
            }
            factor *= 1024;
        }
        throw new IllegalArgumentException(
                "size \"" + text + "\" has an unknown unit; sizes are written with B, KiB, MiB,"
                        + " GiB or TiB (powers of 1024)" + nearest(form.group(1), unit));
    }

    private static String nearest(String number, String unit) {
        String first = unit.substring(0, 1).toUpperCase(Locale.ROOT);
        for (String known : UNITS) {
            if (known.startsWith(first)) {
                return ", did you mean \"" + number + known + "\"?";
            }
        }
        return "";
    }

    /** For people: three digits at least, one unit. */
    public static String format(long bytes) {
        if (bytes < 1024) {
            return bytes + " B";
        }
        double value = bytes;
        int unit = 0;
        while (value >= 1024 && unit < UNITS.length - 1) {
            value /= 1024;
            unit++;
        }
        return String.format(
                Locale.ROOT, value < 10 ? "%.2f %s" : value < 100 ? "%.1f %s" : "%.0f %s", value, UNITS[unit]);
    }

    /** As it is written in a configuration file. */
    @Override
    public String toString() {
        long value = bytes;
        int unit = 0;
        while (value != 0 && value % 1024 == 0 && unit < UNITS.length - 1) {
            value /= 1024;
            unit++;
        }
        return value + UNITS[unit];
    }
}
