package dev.replicator.spi;

import dev.replicator.model.ChangeKind;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One of several concurrent changes of a row, as a {@link ConflictHandler} sees it.
 *
 * <p>Rows are maps from column names to values, in the table's order, null for SQL NULL. Numbers are Long, BigDecimal
 * (numeric) or Double, booleans Boolean, timestamptz Instant, timestamp LocalDateTime, date LocalDate, bytea byte[],
 * one-dimensional arrays List, everything else PostgreSQL's text form as a String. A numeric that is no number is a
 * Double; an infinite time is the largest or smallest of its class.
 *
 * @param database short name of the database where it was made
 * @param commitTime when it was committed, by that database's clock
 * @param operation what it did
 * @param row the whole row as it was written; null if the change removed it
 * @param old the whole row as it stood before, where the log tells (REPLICA IDENTITY FULL); else null
 */
public record ConflictingChange(
        String database,
        Instant commitTime,
        ChangeKind operation,
        @Nullable Map<String, @Nullable Object> row,
        @Nullable Map<String, @Nullable Object> old) {}
