package dev.replicator.jdbc;

import dev.replicator.codec.ColumnType;
import dev.replicator.codec.RowReader;
import dev.replicator.codec.SpecialValue;
import dev.replicator.codec.ValueType;
import dev.replicator.model.Row;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Values of rows as objects that a driver takes, by the form of the target's column: exactly, or not at all. What a column
 * cannot hold is written as the policy says, and never cut or rounded otherwise. Thread: any.
 */
final class Encoder {
    private final Dialect dialect;
    private final Unrepresentable policy;

    /** What is done with a value that a column cannot hold. */
    enum Unrepresentable {
        STOP,
        NULL,
        NEAREST
    }

    /** A value that a column cannot hold, where the policy is to stop. The message names the column and no value. */
    static final class NotHeld extends RuntimeException {
        private static final long serialVersionUID = 1;

        NotHeld(String column, String why) {
            super("Column \"" + column + "\" " + why);
        }
    }

    Encoder(Dialect dialect, Unrepresentable policy) {
        this.dialect = dialect;
        this.policy = policy;
    }

    /** Null for SQL NULL. */
    @Nullable
    Object encode(RowReader reader, Row row, int index, TargetColumn column) {
        if (row.isNull(index)) {
            return null;
        }
        ColumnType type = reader.type(index);
        return switch (column.form()) {
            case TEXT -> text(reader.text(row, index), column);
            case BYTES ->
                type.type() == ValueType.BYTEA
                        ? reader.value(row, index)
                        : reader.text(row, index).getBytes(StandardCharsets.UTF_8);
            default -> typed(value(reader, row, index), column);
        };
    }

    private @Nullable Object text(String text, TargetColumn column) {
        return text.isEmpty() && dialect.emptyIsNull() && !column.mayBeLeftOut()
                ? held(column, "cannot hold an empty text, which is NULL there", null)
                : text;
    }

    private static Object value(RowReader reader, Row row, int index) {
        Object value = reader.value(row, index);
        if (value == null) {
            throw new IllegalStateException("NULL has no value");
        }
        return value;
    }

    private @Nullable Object typed(Object value, TargetColumn column) {
        if (value instanceof SpecialValue special) {
            return special(special, column);
        }
        return switch (column.form()) {
            case BOOLEAN -> value instanceof Boolean ? value : mismatch(column);
            case INTEGER -> integer(value, column);
            case DOUBLE -> real(value, column);
            case DECIMAL -> decimal(value, column);
            case DATE -> value instanceof LocalDate date ? date(date, column) : mismatch(column);
            case TIME -> value instanceof LocalTime || value instanceof String ? value : mismatch(column);
            case TIMESTAMP -> timestamp(value, column);
            case TIMESTAMP_WITH_ZONE ->
                value instanceof Instant instant
                        ? stamp(utc(instant), column) instanceof LocalDateTime held
                                ? held.atOffset(ZoneOffset.UTC)
                                : null
                        : mismatch(column);
            case TEXT, BYTES -> throw new IllegalStateException("not reached");
        };
    }

    private @Nullable Object special(SpecialValue special, TargetColumn column) {
        if (column.form() == TargetColumn.Form.DOUBLE) {
            return real(
                    switch (special) {
                        case NAN -> Double.NaN;
                        case INFINITY -> Double.POSITIVE_INFINITY;
                        case NEGATIVE_INFINITY -> Double.NEGATIVE_INFINITY;
                    },
                    column);
        }
        boolean high = special == SpecialValue.INFINITY;
        Object nearest = switch (column.form()) {
            case DECIMAL -> special == SpecialValue.NAN ? null : limit(column, high);
            case DATE -> LocalDate.of(high ? dialect.lastYear() : dialect.firstYear(), high ? 12 : 1, high ? 31 : 1);
            case TIMESTAMP -> high ? latest() : earliest();
            case TIMESTAMP_WITH_ZONE -> (high ? latest() : earliest()).atOffset(ZoneOffset.UTC);
            default -> null;
        };
        return held(
                column, "cannot hold " + special.name().toLowerCase(Locale.ROOT).replace('_', ' '), nearest);
    }

    private @Nullable Object integer(Object value, TargetColumn column) {
        if (value instanceof Boolean bool) {
            return bool ? 1L : 0L;
        }
        if (value instanceof BigDecimal decimal) {
            try {
                return decimal.longValueExact();
            } catch (ArithmeticException e) {
                return held(column, "cannot hold a number with that many digits", null);
            }
        }
        return value instanceof Long ? value : mismatch(column);
    }

    private @Nullable Object real(Object value, TargetColumn column) {
        if (!(value instanceof Number number)) {
            return mismatch(column);
        }
        double real = number.doubleValue();
        if (value instanceof BigDecimal exact
                && (Double.isInfinite(real) || new BigDecimal(real).compareTo(exact) != 0)) {
            return held(column, "cannot hold that number exactly", Double.isInfinite(real) ? null : real);
        }
        if (Double.isNaN(real) && !dialect.holdsNaN()) {
            return held(column, "cannot hold NaN", null);
        }
        if (Double.isInfinite(real) && !dialect.holdsInfinity()) {
            return held(column, "cannot hold infinity", Math.copySign(Double.MAX_VALUE, real));
        }
        return real;
    }

    private @Nullable Object decimal(Object value, TargetColumn column) {
        BigDecimal decimal;
        if (value instanceof BigDecimal exact) {
            decimal = exact;
        } else if (value instanceof Long number) {
            decimal = BigDecimal.valueOf(number);
        } else if (value instanceof Boolean bool) {
            decimal = bool ? BigDecimal.ONE : BigDecimal.ZERO;
        } else if (value instanceof Double real && Double.isFinite(real)) {
            decimal = new BigDecimal(real.toString());
        } else {
            return value instanceof Double ? held(column, "cannot hold NaN or infinity", null) : mismatch(column);
        }
        BigDecimal plain = decimal.signum() == 0 ? BigDecimal.ZERO : decimal.stripTrailingZeros();
        if (column.precision() <= 0 && dialect.maxDigits() > 0 && plain.precision() > dialect.maxDigits()) {
            return held(column, "cannot hold a number with that many digits", null);
        }
        int whole = plain.precision() - plain.scale();
        if (column.precision() > 0 && whole > column.precision() - column.scale()) {
            return held(column, "cannot hold a number with that many digits", limit(column, decimal.signum() > 0));
        }
        if (column.precision() > 0 && plain.scale() > column.scale()) {
            BigDecimal rounded = decimal.setScale(column.scale(), RoundingMode.HALF_UP);
            return held(column, "cannot hold a number with that many decimals", rounded);
        }
        return plain.scale() < 0 ? plain.setScale(0) : decimal;
    }

    private static BigDecimal limit(TargetColumn column, boolean high) {
        BigDecimal largest = new BigDecimal("9".repeat(Math.max(1, column.precision()))).movePointLeft(column.scale());
        return high ? largest : largest.negate();
    }

    private @Nullable Object date(LocalDate date, TargetColumn column) {
        if (date.getYear() < dialect.firstYear()) {
            return held(column, "cannot hold a date that early", LocalDate.of(dialect.firstYear(), 1, 1));
        }
        if (date.getYear() > dialect.lastYear()) {
            return held(column, "cannot hold a date that late", LocalDate.of(dialect.lastYear(), 12, 31));
        }
        return date;
    }

    private @Nullable Object timestamp(Object value, TargetColumn column) {
        if (value instanceof LocalDateTime time) {
            return stamp(time, column);
        }
        if (value instanceof LocalDate date) {
            return stamp(date.atStartOfDay(), column);
        }
        return value instanceof Instant instant ? stamp(utc(instant), column) : mismatch(column);
    }

    private static LocalDateTime utc(Instant instant) {
        return LocalDateTime.ofInstant(instant, ZoneOffset.UTC);
    }

    private @Nullable Object stamp(LocalDateTime time, TargetColumn column) {
        if (time.getYear() < dialect.firstYear()) {
            return held(column, "cannot hold a time that early", earliest());
        }
        if (time.getYear() > dialect.lastYear()) {
            return held(column, "cannot hold a time that late", latest());
        }
        return time;
    }

    private LocalDateTime earliest() {
        return LocalDateTime.of(dialect.firstYear(), 1, 1, 0, 0);
    }

    private LocalDateTime latest() {
        return LocalDateTime.of(dialect.lastYear(), 12, 31, 23, 59, 59, 999_999_000);
    }

    private @Nullable Object mismatch(TargetColumn column) {
        return held(column, "is " + column.typeName() + " there, which cannot hold values of the source's type", null);
    }

    private @Nullable Object held(TargetColumn column, String why, @Nullable Object nearest) {
        return switch (policy) {
            case STOP -> throw new NotHeld(column.name(), why + ".");
            case NULL -> null;
            case NEAREST -> nearest;
        };
    }
}
