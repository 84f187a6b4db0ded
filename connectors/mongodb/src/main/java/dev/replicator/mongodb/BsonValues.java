package dev.replicator.mongodb;

import dev.replicator.codec.ColumnType;
import dev.replicator.codec.RowReader;
import dev.replicator.codec.SpecialValue;
import dev.replicator.codec.ValueType;
import dev.replicator.model.Row;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoField;
import java.time.temporal.Temporal;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.bson.BsonArray;
import org.bson.BsonBinary;
import org.bson.BsonBoolean;
import org.bson.BsonDateTime;
import org.bson.BsonDecimal128;
import org.bson.BsonDouble;
import org.bson.BsonInt32;
import org.bson.BsonInt64;
import org.bson.BsonNull;
import org.bson.BsonString;
import org.bson.BsonValue;
import org.bson.types.Decimal128;
import org.jspecify.annotations.Nullable;

/** The type map: PostgreSQL's values as BSON. Immutable; any thread. */
final class BsonValues {
    private static final int DIGITS = MathContext.DECIMAL128.getPrecision();
    /** Of the last digit, and of the first. */
    private static final int SMALLEST_EXPONENT = -6176;

    private static final int LARGEST_EXPONENT = 6144;

    private final MongoOptions.Times times;
    private final String unrepresentable;

    /** {@code unrepresentable}: {@code stop} (throws {@link Unrepresentable}), {@code null} or {@code nearest}. */
    BsonValues(MongoOptions.Times times, String unrepresentable) {
        this.times = times;
        this.unrepresentable = unrepresentable;
    }

    /** A value that BSON cannot hold. */
    static final class Unrepresentable extends RuntimeException {
        private static final long serialVersionUID = 1;

        Unrepresentable(String column) {
            super(column);
        }
    }

    BsonValue of(RowReader reader, Row row, int column) {
        if (row.isNull(column)) {
            return BsonNull.VALUE;
        }
        ColumnType type = reader.type(column);
        if (isTime(type.type()) && times == MongoOptions.Times.TEXT) {
            return new BsonString(reader.text(row, column));
        }
        return type.type() == ValueType.ARRAY
                ? array(type, (List<?>) Objects.requireNonNull(reader.value(row, column)))
                : of(type.name(), type.type(), reader.value(row, column));
    }

    /** Part of an {@code _id}: equal keys have equal values, and others have not. */
    BsonValue ofKey(RowReader reader, Row row, int column) {
        ValueType type = reader.type(column).type();
        return switch (type) {
            case DATE, TIMESTAMP, TIMESTAMPTZ, JSON, JSONB, ARRAY -> new BsonString(reader.text(row, column));
            case BPCHAR -> new BsonString(reader.text(row, column).replaceFirst(" +$", ""));
            case NUMERIC ->
                reader.value(row, column) instanceof BigDecimal number ? numericKey(number) : of(reader, row, column);
            default -> of(reader, row, column);
        };
    }

    /** Text where Decimal128 has too few digits: such a number equals none that it can hold. */
    private static BsonValue numericKey(BigDecimal number) {
        BigDecimal plain = number.signum() == 0 ? BigDecimal.ZERO : number.stripTrailingZeros();
        return fits(plain) ? decimal(plain) : new BsonString(plain.toPlainString());
    }

    private static boolean isTime(ValueType type) {
        return type == ValueType.DATE || type == ValueType.TIMESTAMP || type == ValueType.TIMESTAMPTZ;
    }

    private BsonValue of(String column, ValueType type, @Nullable Object value) {
        if (value == null) {
            return BsonNull.VALUE;
        }
        return switch (type) {
            case BOOL -> BsonBoolean.valueOf((Boolean) value);
            case INT2, INT4 -> new BsonInt32(((Long) value).intValue());
            case INT8, OID -> new BsonInt64((Long) value);
            case FLOAT4, FLOAT8 -> new BsonDouble((Double) value);
            case NUMERIC -> numeric(column, value);
            case BYTEA -> new BsonBinary((byte[]) value);
            case UUID -> new BsonBinary((UUID) value);
            case JSON, JSONB -> json(column, (String) value);
            case DATE, TIMESTAMP, TIMESTAMPTZ -> time(column, type, value);
            case TEXT, BPCHAR, TIME, TIMETZ, INTERVAL, ENUM, ARRAY, OTHER ->
                new BsonString(RowReader.text(type, value));
        };
    }

    /** Dimensions are arrays in arrays. Microseconds have no field of their own here. */
    private BsonValue array(ColumnType type, List<?> values) {
        BsonArray array = new BsonArray();
        for (Object value : values) {
            if (value instanceof List<?> list) {
                array.add(array(type, list));
            } else {
                ValueType element = type.element() == null ? ValueType.OTHER : type.element();
                BsonValue converted = of(type.name(), element, value);
                boolean cut = times == MongoOptions.Times.DATE && micros(value) != 0;
                array.add(cut ? instead(type.name(), converted) : converted);
            }
        }
        return array;
    }

    private BsonValue json(String column, String text) {
        try {
            return JsonValues.parse(text);
        } catch (JsonValues.NotInBson e) {
            return instead(column, BsonNull.VALUE);
        }
    }

    private BsonValue numeric(String column, Object value) {
        if (value instanceof BigDecimal number) {
            return number(column, number);
        }
        return new BsonDecimal128(
                switch ((SpecialValue) value) {
                    case NAN -> Decimal128.NaN;
                    case INFINITY -> Decimal128.POSITIVE_INFINITY;
                    case NEGATIVE_INFINITY -> Decimal128.NEGATIVE_INFINITY;
                });
    }

    private BsonValue number(String column, BigDecimal number) {
        return fits(number) ? decimal(number) : instead(column, new BsonDecimal128(nearest(number)));
    }

    /** With its scale: 1.00 keeps its zeros. */
    static boolean fits(BigDecimal number) {
        BigDecimal shortest = shortest(number);
        return shortest.precision() <= DIGITS
                && -shortest.scale() >= SMALLEST_EXPONENT
                && shortest.precision() - shortest.scale() - 1 <= LARGEST_EXPONENT;
    }

    /** One that {@link #fits}. */
    static BsonDecimal128 decimal(BigDecimal number) {
        return new BsonDecimal128(new Decimal128(shortest(number)));
    }

    /** Zeros before the point need no digits. */
    private static BigDecimal shortest(BigDecimal number) {
        return number.precision() > DIGITS && number.scale() <= 0 ? number.stripTrailingZeros() : number;
    }

    private static Decimal128 nearest(BigDecimal number) {
        BigDecimal rounded = number.round(MathContext.DECIMAL128);
        if (-rounded.scale() < SMALLEST_EXPONENT) {
            rounded = rounded.setScale(-SMALLEST_EXPONENT, RoundingMode.HALF_EVEN);
        }
        if (rounded.signum() != 0 && rounded.precision() - rounded.scale() - 1 > LARGEST_EXPONENT) {
            return number.signum() > 0 ? Decimal128.POSITIVE_INFINITY : Decimal128.NEGATIVE_INFINITY;
        }
        return new Decimal128(rounded);
    }

    /** What is added to a counter; its type is the column's. */
    BsonValue increment(ColumnType type, String text) {
        return type.type() == ValueType.NUMERIC
                ? number(type.name(), new BigDecimal(text))
                : of(type.name(), type.type(), Long.parseLong(text));
    }

    /** NULL stays NULL, and what is no number, or none to count with, stays what it is. */
    BsonValue sum(String column, BsonValue now, BsonValue increment) {
        if (now.isInt32() || now.isInt64()) {
            long sum = Math.addExact(
                    now.asNumber().longValue(), increment.asNumber().longValue());
            return increment.isInt32() ? new BsonInt32(Math.toIntExact(sum)) : new BsonInt64(sum);
        }
        if (now.isDecimal128() && !isSpecial(now.asDecimal128().getValue())) {
            return number(column, exact(now).add(exact(increment)));
        }
        return now;
    }

    private static boolean isSpecial(Decimal128 number) {
        return number.isNaN() || number.isInfinite();
    }

    private static BigDecimal exact(BsonValue number) {
        // Not by bigDecimalValue(), which refuses -0.
        return number.isDecimal128()
                ? new BigDecimal(number.asDecimal128().getValue().toString())
                : BigDecimal.valueOf(number.asNumber().longValue());
    }

    /** Those beyond the milliseconds, 0 to 999. */
    static int micros(@Nullable Object value) {
        return value instanceof Temporal time && time.isSupported(ChronoField.MICRO_OF_SECOND)
                ? time.get(ChronoField.MICRO_OF_SECOND) % 1000
                : 0;
    }

    private BsonValue time(String column, ValueType type, Object value) {
        if (times == MongoOptions.Times.TEXT) {
            return new BsonString(RowReader.text(type, value));
        }
        if (value instanceof SpecialValue special) {
            return instead(
                    column, new BsonDateTime(special == SpecialValue.INFINITY ? Long.MAX_VALUE : Long.MIN_VALUE));
        }
        if (value instanceof LocalDate date) {
            return new BsonDateTime(
                    date.atStartOfDay().toInstant(ZoneOffset.UTC).toEpochMilli());
        }
        Instant instant = value instanceof LocalDateTime time ? time.toInstant(ZoneOffset.UTC) : (Instant) value;
        return new BsonDateTime(instant.toEpochMilli());
    }

    private BsonValue instead(String column, BsonValue nearest) {
        return switch (unrepresentable) {
            case "null" -> BsonNull.VALUE;
            case "nearest" -> nearest;
            default -> throw new Unrepresentable(column);
        };
    }
}
