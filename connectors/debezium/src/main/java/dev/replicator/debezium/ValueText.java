package dev.replicator.debezium;

import dev.replicator.codec.FloatText;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.Locale;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;

/**
 * Values as Debezium tells them, in the text form of PostgreSQL. Source: Debezium documentation, "MySQL connector", "Data
 * type mappings"; PostgreSQL documentation, "Data Types". Any thread.
 */
final class ValueText {
    private static final long MICROS = 1_000_000;

    private ValueText() {}

    /** Of a value that is not null. */
    static String of(Schema schema, Object value) {
        String name = schema.name() == null ? "" : schema.name();
        return switch (name) {
            case "io.debezium.time.Date" ->
                LocalDate.ofEpochDay(((Number) value).longValue()).toString();
            case "io.debezium.time.MicroTime" -> time(((Number) value).longValue());
            case "io.debezium.time.Time" -> time(((Number) value).longValue() * 1000);
            case "io.debezium.time.Timestamp" -> timestamp(((Number) value).longValue() * 1000);
            case "io.debezium.time.MicroTimestamp" -> timestamp(((Number) value).longValue());
            case "io.debezium.time.ZonedTimestamp" -> zoned((String) value);
            case "io.debezium.data.Bits" -> bits(bytes(value), Integer.parseInt(parameter(schema, "length")));
            case "org.apache.kafka.connect.data.Decimal" -> ((BigDecimal) value).toPlainString();
            default ->
                name.startsWith("io.debezium.data.geometry.")
                        ? hex(bytes(((Struct) value).get("wkb")))
                        : plain(schema, value);
        };
    }

    private static String plain(Schema schema, Object value) {
        return switch (schema.type()) {
            case BOOLEAN -> (Boolean) value ? "t" : "f";
            case FLOAT32 -> FloatText.of(Double.parseDouble(value.toString()), true);
            case FLOAT64 -> FloatText.of((Double) value, false);
            case BYTES -> hex(bytes(value));
            default -> value.toString();
        };
    }

    private static String parameter(Schema schema, String name) {
        return schema.parameters() == null ? "1" : schema.parameters().getOrDefault(name, "1");
    }

    private static byte[] bytes(Object value) {
        if (value instanceof ByteBuffer buffer) {
            byte[] bytes = new byte[buffer.remaining()];
            buffer.duplicate().get(bytes);
            return bytes;
        }
        return (byte[]) value;
    }

    private static String hex(byte[] bytes) {
        return "\\x" + HexFormat.of().formatHex(bytes);
    }

    /** The lowest byte comes first. */
    private static String bits(byte[] bytes, int length) {
        StringBuilder text = new StringBuilder(length);
        for (int bit = length - 1; bit >= 0; bit--) {
            boolean set = bit / 8 < bytes.length && (bytes[bit / 8] >> bit % 8 & 1) == 1;
            text.append(set ? '1' : '0');
        }
        return text.toString();
    }

    /** MySQL's time is a span: it may be negative, or longer than a day. */
    private static String time(long micros) {
        long size = Math.abs(micros);
        long seconds = size / MICROS;
        return (micros < 0 ? "-" : "")
                + String.format(Locale.ROOT, "%02d:%02d:%02d", seconds / 3600, seconds / 60 % 60, seconds % 60)
                + fraction(size % MICROS);
    }

    private static String timestamp(long micros) {
        LocalDateTime time = LocalDateTime.ofInstant(Instant.EPOCH.plus(micros, ChronoUnit.MICROS), ZoneOffset.UTC);
        return text(time);
    }

    private static String zoned(String iso) {
        return text(OffsetDateTime.parse(iso).atZoneSameInstant(ZoneOffset.UTC).toLocalDateTime()) + "+00";
    }

    private static String text(LocalDateTime time) {
        return time.toLocalDate()
                + String.format(Locale.ROOT, " %02d:%02d:%02d", time.getHour(), time.getMinute(), time.getSecond())
                + fraction(time.getNano() / 1000);
    }

    private static String fraction(long micros) {
        return micros == 0
                ? ""
                : "." + String.format(Locale.ROOT, "%06d", micros).replaceFirst("0+$", "");
    }
}
