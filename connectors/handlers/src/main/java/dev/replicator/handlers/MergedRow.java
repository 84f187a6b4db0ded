package dev.replicator.handlers;

import dev.replicator.codec.TypedValue;
import dev.replicator.handlers.TableColumns.ColumnType;
import dev.replicator.model.Row;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Makes a row of a base row and the values a handler wants instead, checked against the table's columns: what a database
 * would refuse is a {@link HandlerFailure} here.
 */
final class MergedRow {
    private final TableColumns table;
    private final List<Row> rows;

    /** {@code rows}: of the changes concerned; a value that one of them has is taken from there as it is. */
    MergedRow(TableColumns table, List<Row> rows) {
        this.table = table;
        this.rows = rows;
    }

    Row of(Row base, Map<String, @Nullable Object> values) {
        Map<String, ColumnType> columns = table.byName();
        for (String name : values.keySet()) {
            if (!columns.containsKey(name)) {
                throw new HandlerFailure("it sets column \"" + name + "\", which the table does not have");
            }
        }
        Row.Builder builder = new Row.Builder(base.relation());
        for (int c = 0; c < base.relation().size(); c++) {
            ColumnType column = columns.get(base.relation().columns().get(c).name());
            if (column == null || !values.containsKey(column.name())) {
                builder.copy(base, c);
            } else {
                put(builder, base, c, column, values.get(column.name()));
            }
        }
        return builder.build();
    }

    private void put(Row.Builder builder, Row base, int c, ColumnType column, @Nullable Object wanted) {
        if (wanted == null) {
            if (!column.nullable()) {
                throw new HandlerFailure("it sets column \"" + column.name() + "\" to null, which is NOT NULL");
            }
            builder.nil();
            return;
        }
        String text = text(column, wanted);
        Object value = value(column, text);
        for (Row row : rows) {
            int at = row.relation().indexOf(column.name());
            if (at >= 0 && !row.isNull(at) && !row.isAbsent(at) && same(value, TypedValue.of(column.type(), row, at))) {
                if (column.key() && row != base && !base.sameValue(c, row, at)) {
                    break;
                }
                builder.copy(row, at);
                return;
            }
        }
        if (column.key()) {
            throw new HandlerFailure("it changes key column \"" + column.name() + "\"");
        }
        builder.text(text);
    }

    /** Lists and arrays of bytes by content, decimals by value. */
    private static boolean same(Object a, Object b) {
        return a instanceof BigDecimal decimal && b instanceof BigDecimal other
                ? decimal.compareTo(other) == 0
                : Objects.deepEquals(a, b);
    }

    /** A value in the text form that the column takes. */
    static String textFor(ColumnType column, Object wanted) {
        String text = text(column, wanted);
        value(column, text);
        return text;
    }

    private static String text(ColumnType column, Object wanted) {
        try {
            return TypedValue.toText(fit(column.type(), wanted));
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw unfit(column);
        }
    }

    /** Languages have fewer kinds of numbers and times than PostgreSQL: the one that the column wants. */
    private static Object fit(String type, Object wanted) {
        if (wanted instanceof List<?> list && type.startsWith("_")) {
            List<@Nullable Object> items = new ArrayList<>();
            for (@Nullable Object item : list) {
                items.add(item == null ? null : fit(type.substring(1), item));
            }
            return items;
        }
        return switch (type) {
            case "int2", "int4", "int8", "oid" -> wanted instanceof Number number ? whole(number) : wanted;
            case "numeric" -> wanted instanceof Number number ? decimal(number) : wanted;
            case "date" ->
                wanted instanceof Instant instant && !isInfinite(instant)
                        ? LocalDate.ofInstant(instant, ZoneOffset.UTC)
                        : wanted;
            case "timestamp" ->
                wanted instanceof Instant instant && !isInfinite(instant)
                        ? LocalDateTime.ofInstant(instant, ZoneOffset.UTC)
                        : wanted;
            default -> wanted;
        };
    }

    private static boolean isInfinite(Instant instant) {
        return instant.equals(Instant.MAX) || instant.equals(Instant.MIN);
    }

    private static Long whole(Number number) {
        if (number instanceof Double floating) {
            return new BigDecimal(floating).longValueExact();
        }
        return number instanceof BigDecimal decimal
                ? decimal.longValueExact()
                : number instanceof BigInteger big ? big.longValueExact() : number.longValue();
    }

    private static Number decimal(Number number) {
        if (number instanceof Double floating) {
            return floating.isNaN() || floating.isInfinite() ? floating : new BigDecimal(floating.toString());
        }
        return number;
    }

    /** Reads the text back as the column would; a database would refuse what fails here. */
    private static Object value(ColumnType column, String text) {
        try {
            Object value = TypedValue.ofText(column.type(), text);
            boolean fits = switch (column.type()) {
                case "int2" -> (Long) value >= Short.MIN_VALUE && (Long) value <= Short.MAX_VALUE;
                case "int4" -> (Long) value >= Integer.MIN_VALUE && (Long) value <= Integer.MAX_VALUE;
                case "oid" -> (Long) value >= 0 && (Long) value <= 0xFFFFFFFFL;
                case "varchar", "bpchar" ->
                    column.typmod() < 0 || text.codePointCount(0, text.length()) <= column.typmod() - 4;
                case "enum" -> column.labels().contains(text);
                case "uuid" -> UUID.fromString(text).toString().equals(text);
                default -> text.indexOf(0) < 0;
            };
            if (fits) {
                return value;
            }
        } catch (RuntimeException e) {
            // Said below: what it is that the column does not take.
        }
        throw unfit(column);
    }

    private static HandlerFailure unfit(ColumnType column) {
        return new HandlerFailure("it sets column \"" + column.name() + "\" to something that is no "
                + (column.declared().isEmpty() ? column.type() : column.declared()));
    }
}
