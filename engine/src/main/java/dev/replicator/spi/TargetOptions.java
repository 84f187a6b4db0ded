package dev.replicator.spi;

import dev.replicator.model.DatabaseSpec;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * The options of one database, read by name. They have been validated, and defaults stand in for what is not written, so
 * that a name the factory does not declare is a mistake of the connector.
 */
public final class TargetOptions {
    /** Whether tables that are missing are created from the source's schema. */
    public static final TargetOption CREATE_TABLES =
            TargetOption.flag("create_tables", false, "Create tables and columns that are missing, with mapped types.");

    /** What becomes of a value that the target's type cannot hold. */
    public static final TargetOption UNREPRESENTABLE = TargetOption.choice(
            "unrepresentable",
            List.of("stop", "null", "nearest"),
            "What becomes of a value that the target cannot hold (NaN, infinity, out of range): stop the database, named;"
                    + " write NULL; or write the nearest value there is, NULL for NaN.");

    private final Map<String, String> values;

    private TargetOptions(Map<String, String> values) {
        this.values = values;
    }

    public static TargetOptions of(DatabaseSpec database) {
        return new TargetOptions(database.options());
    }

    /** Empty where nothing is set and there is no default. */
    public String text(String name) {
        String value = values.get(name);
        if (value == null) {
            throw new IllegalArgumentException("there is no option \"" + name + "\"");
        }
        return value;
    }

    public boolean flag(String name) {
        return Boolean.parseBoolean(text(name));
    }

    /** Of a NUMBER, or of BYTES. */
    public long number(String name) {
        return Long.parseLong(text(name));
    }

    public Duration time(String name) {
        return Duration.ofMillis(number(name));
    }
}
