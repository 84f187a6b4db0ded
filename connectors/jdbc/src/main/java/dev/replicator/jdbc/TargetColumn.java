package dev.replicator.jdbc;

/**
 * A column as the target has it.
 *
 * @param name as the target writes it
 * @param form what its values are
 * @param jdbcType of {@link java.sql.Types}
 * @param typeName the target's word
 * @param precision of a decimal: digits in all
 * @param scale of a decimal: digits behind the point
 * @param mayBeLeftOut whether a row can be inserted without it
 */
record TargetColumn(
        String name, Form form, int jdbcType, String typeName, int precision, int scale, boolean mayBeLeftOut) {
    /** How values are handed to the driver. */
    enum Form {
        BOOLEAN,
        INTEGER,
        DOUBLE,
        DECIMAL,
        TEXT,
        BYTES,
        DATE,
        TIME,
        TIMESTAMP,
        TIMESTAMP_WITH_ZONE
    }
}
