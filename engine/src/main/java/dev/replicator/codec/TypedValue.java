package dev.replicator.codec;

import dev.replicator.model.Row;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One column value as an object that code can compute with, and back to PostgreSQL's text form. For conflict handlers,
 * never on the hot path.
 *
 * <p>{@code int2}, {@code int4}, {@code int8} and {@code oid} become Long; {@code numeric} BigDecimal; {@code float4} and
 * {@code float8} Double; {@code bool} Boolean; {@code timestamptz} Instant; {@code timestamp} LocalDateTime; {@code date}
 * LocalDate; {@code bytea} byte[]; one-dimensional arrays of these List; everything else the text form as a String. A
 * numeric that is no number (NaN, infinities) becomes a Double, an infinite time the largest or smallest of its class.
 *
 * <p>Malformed input throws {@link IllegalArgumentException}. Any thread. Source: PostgreSQL's {@code numeric.c},
 * {@code datetime.c}, {@code arrayfuncs.c}.
 */
public final class TypedValue {
    private static final Instant EPOCH = Instant.parse("2000-01-01T00:00:00Z");
    private static final long MICROS = 1_000_000;
    /** Six digits behind the point at most, and no zeros at the end. */
    private static final DateTimeFormatter CLOCK = new DateTimeFormatterBuilder()
            .appendPattern("HH:mm:ss")
            .appendFraction(ChronoField.MICRO_OF_SECOND, 0, 6, true)
            .toFormatter(Locale.ROOT);

    private static final DateTimeFormatter WITHIN_YEAR =
            new DateTimeFormatterBuilder().appendPattern("MM-dd ").append(CLOCK).toFormatter(Locale.ROOT);
    /** Types other than these, and arrays of these, come through only as text. */
    private static final Set<String> BINARY = Set.of(
            "bool",
            "bytea",
            "int2",
            "int4",
            "int8",
            "oid",
            "float4",
            "float8",
            "numeric",
            "text",
            "varchar",
            "bpchar",
            "name",
            "uuid",
            "json",
            "jsonb",
            "date",
            "timestamp",
            "timestamptz");

    private TypedValue() {}

    /** Whether a value of this type (beneath domains, {@code _int4} for an array) can be read from its binary form. */
    public static boolean readsBinary(String type) {
        return BINARY.contains(type.startsWith("_") ? type.substring(1) : type);
    }

    /** The value of a column that is neither null nor absent there. */
    public static Object of(String type, Row row, int column) {
        boolean binary = row.kind(column) == Row.BINARY;
        try {
            ByteBuffer bytes = ByteBuffer.wrap(row.bytes(), row.start(column), row.length(column));
            return binary ? ofBinary(type, bytes.slice()) : ofText(type, row.text(column));
        } catch (RuntimeException e) {
            throw new IllegalArgumentException(
                    "column \"" + row.relation().columns().get(column).name() + "\" holds no readable " + type, e);
        }
    }

    /** From PostgreSQL's text form, of a session with the pinned settings. */
    public static Object ofText(String type, String text) {
        if (type.startsWith("_")) {
            return array(type.substring(1), text);
        }
        return switch (type) {
            case "int2", "int4", "int8", "oid" -> Long.parseLong(text);
            case "float4" -> widen(Float.parseFloat(text));
            case "float8" -> Double.parseDouble(text);
            case "numeric" ->
                switch (text) {
                    case "NaN", "Infinity", "-Infinity" -> Double.parseDouble(text);
                    default -> new BigDecimal(text);
                };
            case "bool" -> bool(text);
            case "date" -> date(CanonicalTime.parseDate(text));
            case "timestamp" -> timestamp(CanonicalTime.parseTimestamp(text));
            case "timestamptz" -> instant(CanonicalTime.parseTimestamp(text));
            case "bytea" -> HexFormat.of().parseHex(text, 2, text.length());
            default -> text;
        };
    }

    /** The double that reads like it: 0.1 stays 0.1. */
    private static Double widen(float value) {
        return Double.parseDouble(Float.toString(value));
    }

    private static Boolean bool(String text) {
        return switch (text) {
            case "t", "true" -> true;
            case "f", "false" -> false;
            default -> throw new IllegalArgumentException("not a bool");
        };
    }

    private static Object ofBinary(String type, ByteBuffer in) {
        if (type.startsWith("_")) {
            return array(type.substring(1), in);
        }
        return switch (type) {
            case "int2" -> (long) in.getShort();
            case "int4" -> (long) in.getInt();
            case "int8" -> in.getLong();
            case "oid" -> in.getInt() & 0xFFFFFFFFL;
            case "float4" -> widen(in.getFloat());
            case "float8" -> in.getDouble();
            case "numeric" -> numeric(in);
            case "bool" -> in.get() != 0;
            case "date" -> date(CanonicalTime.widenDate(in.getInt()));
            case "timestamp" -> timestamp(in.getLong());
            case "timestamptz" -> instant(in.getLong());
            case "bytea" -> bytes(in);
            case "uuid" -> new UUID(in.getLong(), in.getLong()).toString();
            case "jsonb" -> {
                in.get(); // the version of the format
                yield string(in);
            }
            case "text", "varchar", "bpchar", "name", "json" -> string(in);
            default -> throw new IllegalArgumentException("the binary form of " + type + " is not known");
        };
    }

    private static byte[] bytes(ByteBuffer in) {
        byte[] bytes = new byte[in.remaining()];
        in.get(bytes);
        return bytes;
    }

    private static String string(ByteBuffer in) {
        return StandardCharsets.UTF_8.decode(in).toString();
    }

    private static Object numeric(ByteBuffer in) {
        int count = in.getShort() & 0xFFFF;
        int weight = in.getShort();
        int sign = in.getShort() & 0xFFFF;
        int scale = in.getShort() & 0xFFFF;
        switch (sign) {
            case 0xC000:
                return Double.NaN;
            case 0xD000:
                return Double.POSITIVE_INFINITY;
            case 0xF000:
                return Double.NEGATIVE_INFINITY;
            default:
                BigInteger digits = BigInteger.ZERO;
                for (int i = 0; i < count; i++) {
                    digits = digits.multiply(BigInteger.valueOf(10_000)).add(BigInteger.valueOf(in.getShort()));
                }
                BigDecimal value = new BigDecimal(digits, 4 * (count - 1 - weight)).setScale(scale);
                return sign == 0 ? value : value.negate();
        }
    }

    private static LocalDate date(long days) {
        if (days == Long.MAX_VALUE || days == Long.MIN_VALUE) {
            return days > 0 ? LocalDate.MAX : LocalDate.MIN;
        }
        return LocalDate.of(2000, 1, 1).plusDays(days);
    }

    private static LocalDateTime timestamp(long micros) {
        if (micros == Long.MAX_VALUE || micros == Long.MIN_VALUE) {
            return micros > 0 ? LocalDateTime.MAX : LocalDateTime.MIN;
        }
        return LocalDateTime.ofInstant(instant(micros), ZoneOffset.UTC);
    }

    private static Instant instant(long micros) {
        if (micros == Long.MAX_VALUE || micros == Long.MIN_VALUE) {
            return micros > 0 ? Instant.MAX : Instant.MIN;
        }
        return EPOCH.plusSeconds(Math.floorDiv(micros, MICROS)).plusNanos(Math.floorMod(micros, MICROS) * 1000);
    }

    private static List<@Nullable Object> array(String element, ByteBuffer in) {
        int dimensions = in.getInt();
        in.getInt();
        in.getInt();
        List<@Nullable Object> values = new ArrayList<>();
        if (dimensions == 0) {
            return values;
        }
        if (dimensions != 1) {
            throw new IllegalArgumentException("an array of " + dimensions + " dimensions");
        }
        int size = in.getInt();
        in.getInt();
        for (int i = 0; i < size; i++) {
            int length = in.getInt();
            if (length < 0) {
                values.add(null);
            } else {
                values.add(ofBinary(element, in.slice(in.position(), length)));
                in.position(in.position() + length);
            }
        }
        return values;
    }

    private static List<@Nullable Object> array(String element, String text) {
        List<@Nullable Object> values = new ArrayList<>();
        if (!text.startsWith("{") || text.startsWith("{{")) {
            throw new IllegalArgumentException("not an array of one dimension");
        }
        int at = 1;
        while (text.charAt(at) != '}') {
            StringBuilder item = new StringBuilder();
            boolean quoted = text.charAt(at) == '"';
            at += quoted ? 1 : 0;
            while (quoted ? text.charAt(at) != '"' : text.charAt(at) != ',' && text.charAt(at) != '}') {
                at += text.charAt(at) == '\\' ? 1 : 0;
                item.append(text.charAt(at++));
            }
            at += quoted ? 1 : 0;
            at += text.charAt(at) == ',' ? 1 : 0;
            String value = item.toString();
            values.add(!quoted && value.equals("NULL") ? null : ofText(element, value));
        }
        return values;
    }

    /** PostgreSQL's text form of a value of {@link RowReader#value}, of this type or, for a List, with such elements. */
    static String toText(ValueType type, Object value) {
        if (value instanceof Double number && (type == ValueType.FLOAT4 || type == ValueType.FLOAT8)) {
            return FloatText.of(number, type == ValueType.FLOAT4);
        }
        if (value instanceof SpecialValue special) {
            String name = type == ValueType.NUMERIC ? "Infinity" : "infinity";
            return special == SpecialValue.NAN ? "NaN" : (special == SpecialValue.INFINITY ? name : "-" + name);
        }
        if (value instanceof LocalTime time) {
            return CLOCK.format(time);
        }
        return value instanceof UUID ? value.toString() : toText(value);
    }

    /** PostgreSQL's text form of a value that {@link #of} may have given; other classes throw. */
    public static String toText(Object value) {
        if (value instanceof Boolean bool) {
            return bool ? "t" : "f";
        }
        if (value instanceof BigDecimal decimal) {
            return decimal.toPlainString();
        }
        if (value instanceof Instant instant) {
            return isInfinite(instant, Instant.MIN, Instant.MAX)
                    ? infinity(instant.equals(Instant.MAX))
                    : time(LocalDateTime.ofInstant(instant, ZoneOffset.UTC), "+00");
        }
        if (value instanceof LocalDateTime time) {
            return isInfinite(time, LocalDateTime.MIN, LocalDateTime.MAX)
                    ? infinity(time.equals(LocalDateTime.MAX))
                    : time(time, "");
        }
        if (value instanceof LocalDate date) {
            return isInfinite(date, LocalDate.MIN, LocalDate.MAX)
                    ? infinity(date.equals(LocalDate.MAX))
                    : time(date.atStartOfDay(), "").replace(" 00:00:00", "");
        }
        if (value instanceof byte[] bytes) {
            return "\\x" + HexFormat.of().formatHex(bytes);
        }
        if (value instanceof List<?> list) {
            return array(list);
        }
        if (value instanceof String || value instanceof Number) {
            return value.toString();
        }
        throw new IllegalArgumentException("a value of " + value.getClass().getName() + " cannot be stored");
    }

    private static boolean isInfinite(Object value, Object smallest, Object largest) {
        return value.equals(smallest) || value.equals(largest);
    }

    private static String infinity(boolean positive) {
        return positive ? "infinity" : "-infinity";
    }

    private static String time(LocalDateTime time, String zone) {
        boolean beforeChrist = time.getYear() <= 0;
        // There is no year zero: the proleptic year 0 is 1 BC.
        return String.format(Locale.ROOT, "%04d-", beforeChrist ? 1 - time.getYear() : time.getYear())
                + WITHIN_YEAR.format(time)
                + zone
                + (beforeChrist ? " BC" : "");
    }

    private static String array(List<?> values) {
        StringBuilder text = new StringBuilder("{");
        for (@Nullable Object value : values) {
            text.append(text.length() == 1 ? "" : ",");
            if (value == null) {
                text.append("NULL");
            } else {
                text.append(quoted(toText(value)));
            }
        }
        return text.append('}').toString();
    }

    /** As array_out: in quotes only where that is needed. */
    private static String quoted(String element) {
        boolean plain = !element.isEmpty()
                && !element.equalsIgnoreCase("NULL")
                && element.chars().noneMatch(c -> "{},\"\\ \t\n\r\u000B\f".indexOf(c) >= 0);
        return plain ? element : '"' + element.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }
}
