package dev.replicator.spi;

import java.util.List;

/**
 * An option of a database of one kind, as the configuration file may hold it.
 *
 * @param name lower case, words joined by underscores
 * @param form what values look like
 * @param words the words of a CHOICE, else empty
 * @param byDefault the value when nothing is written, in the form a person writes; empty: there is none
 * @param description one sentence for a person, with the unit
 */
public record TargetOption(String name, Form form, List<String> words, String byDefault, String description) {
    public TargetOption {
        words = List.copyOf(words);
    }

    /** What a value looks like in the file, and, once read, in {@link dev.replicator.model.DatabaseSpec#options()}. */
    public enum Form {
        /** Any text. */
        TEXT,
        /** {@code true} or {@code false}. */
        FLAG,
        /** A whole number that is not negative. */
        NUMBER,
        /** One of the words. */
        CHOICE,
        /** {@code 64MiB}; read: a number of bytes. */
        BYTES,
        /** {@code 5s}; read: a number of milliseconds. */
        TIME
    }

    public static TargetOption text(String name, String byDefault, String description) {
        return new TargetOption(name, Form.TEXT, List.of(), byDefault, description);
    }

    public static TargetOption flag(String name, boolean byDefault, String description) {
        return new TargetOption(name, Form.FLAG, List.of(), String.valueOf(byDefault), description);
    }

    public static TargetOption number(String name, long byDefault, String description) {
        return new TargetOption(name, Form.NUMBER, List.of(), String.valueOf(byDefault), description);
    }

    /** The first word is the default. */
    public static TargetOption choice(String name, List<String> words, String description) {
        return new TargetOption(name, Form.CHOICE, words, words.get(0), description);
    }

    /** {@code byDefault}: as a person writes it, {@code 64MiB}. */
    public static TargetOption bytes(String name, String byDefault, String description) {
        return new TargetOption(name, Form.BYTES, List.of(), byDefault, description);
    }

    /** {@code byDefault}: as a person writes it, {@code 5s}. */
    public static TargetOption time(String name, String byDefault, String description) {
        return new TargetOption(name, Form.TIME, List.of(), byDefault, description);
    }
}
