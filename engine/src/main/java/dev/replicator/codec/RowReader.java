package dev.replicator.codec;

import dev.replicator.model.Column;
import dev.replicator.model.Relation;
import dev.replicator.model.Row;
import dev.replicator.model.TableSchema;
import dev.replicator.model.TableSchema.SourceColumn;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.StringJoiner;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Typed views over the rows of one {@link Relation}, for connectors: the value of a column as the Java class that {@link
 * ValueType} names, or as PostgreSQL's text, whichever wire form it came in. Nothing is decoded that nobody asks for. Make
 * one per relation and keep it.
 *
 * <p>A value that does not read as its type throws {@link IllegalArgumentException}, which names the column, not the
 * value. Immutable; any thread. Source: PostgreSQL's {@code *out} and {@code *send} functions, under the pinned settings.
 */
public final class RowReader {
    private final Relation relation;
    private final ColumnType[] types;
    private final String[] typeNames;

    private RowReader(Relation relation, ColumnType[] types, String[] typeNames) {
        this.relation = relation;
        this.types = types;
        this.typeNames = typeNames;
    }

    /**
     * {@code schema}: tells what is beneath domains, and the labels of enums. A column it does not know (added since) has the
     * type that the stream names.
     */
    public static RowReader of(Relation relation, @Nullable TableSchema schema) {
        ColumnType[] types = new ColumnType[relation.size()];
        String[] names = new String[relation.size()];
        for (int c = 0; c < types.length; c++) {
            Column column = relation.columns().get(c);
            SourceColumn known =
                    schema == null ? null : schema.column(column.name()).orElse(null);
            names[c] = ValueType.plain(known == null ? column.type() : known.baseType());
            types[c] = known == null
                    ? ColumnType.of(column.name(), column.type(), column.typmod(), column.type(), List.of())
                    : ColumnType.of(known);
        }
        return new RowReader(relation, types, names);
    }

    public Relation relation() {
        return relation;
    }

    public ColumnType type(int column) {
        return types[column];
    }

    /** The value; null for SQL NULL. A column that is not carried, or a counter's increment, has no value: ask first. */
    public @Nullable Object value(Row row, int column) {
        byte kind = row.kind(column);
        if (kind == Row.NULL) {
            return null;
        }
        if (kind == Row.ABSENT) {
            throw new IllegalStateException("column \"" + types[column].name() + "\" is not carried");
        }
        try {
            return kind == Row.BINARY ? fromBinary(row, column) : fromText(column, row.text(column));
        } catch (RuntimeException e) {
            throw new IllegalArgumentException(
                    "column \"" + types[column].name() + "\" holds no readable " + typeNames[column], e);
        }
    }

    /** PostgreSQL's text form; not for NULL and ABSENT. */
    public String text(Row row, int column) {
        return row.kind(column) == Row.BINARY ? text(column, fromBinary(row, column)) : row.text(column);
    }

    private String text(int column, Object value) {
        ColumnType type = types[column];
        if (type.element() != null && value instanceof List<?> list) {
            List<@Nullable Object> texts = new ArrayList<>(list.size());
            list.forEach(element -> texts.add(element == null ? null : text(type.element(), element)));
            return TypedValue.toText(texts);
        }
        return TypedValue.toText(type.type(), value);
    }

    /** PostgreSQL's text form of an element of an array that {@link #value} gives. */
    public static String text(ValueType type, Object element) {
        return TypedValue.toText(type, element);
    }

    /** {@code (id, part)=(7, a)}: the key of a row, for a message about a row that somebody has to look at. */
    public String key(Row row) {
        StringJoiner names = new StringJoiner(", ", "(", ")");
        StringJoiner values = new StringJoiner(", ", "(", ")");
        for (int i = 0; i < relation.keySize(); i++) {
            int column = relation.keyColumn(i);
            names.add(types[column].name());
            values.add(row.isNull(column) || row.isAbsent(column) ? "?" : text(row, column));
        }
        return names + "=" + values;
    }

    private Object fromText(int column, String text) {
        ColumnType type = types[column];
        if (type.type() != ValueType.ARRAY) {
            return fromText(type.type(), typeNames[column], text);
        }
        char delimiter = "box".equals(type.elementName()) ? ';' : ',';
        return new ArrayText(text, delimiter, element -> fromText(type.element(), type.elementName(), element)).list();
    }

    private static Object fromText(@Nullable ValueType type, @Nullable String name, String text) {
        if (type == null || name == null) {
            return text;
        }
        return switch (type) {
            case TEXT, BPCHAR, JSON, JSONB, TIMETZ, INTERVAL, ENUM, OTHER, ARRAY -> text;
            case UUID -> UUID.fromString(text);
            case TIME -> time(text);
            default -> special(type, TypedValue.ofText(name, text));
        };
    }

    private static Object time(String text) {
        long micros = CanonicalTime.parseTime(text);
        return micros == 86_400_000_000L ? text : LocalTime.ofNanoOfDay(micros * 1000);
    }

    private Object fromBinary(Row row, int column) {
        ColumnType type = types[column];
        Object value = TypedValue.of(typeNames[column], row, column);
        if (type.type() == ValueType.ARRAY && value instanceof List<?> list) {
            List<@Nullable Object> converted = new ArrayList<>(list.size());
            for (@Nullable Object element : list) {
                converted.add(element == null ? null : refined(type.element(), element));
            }
            return converted;
        }
        return refined(type.type(), value);
    }

    private static Object refined(@Nullable ValueType type, Object value) {
        if (type == ValueType.UUID) {
            return UUID.fromString(value.toString());
        }
        return type == null ? value : special(type, value);
    }

    private static final Set<ValueType> WITH_SPECIALS =
            Set.copyOf(Arrays.asList(ValueType.NUMERIC, ValueType.DATE, ValueType.TIMESTAMP, ValueType.TIMESTAMPTZ));
    private static final Set<Object> LARGEST =
            Set.of(Double.POSITIVE_INFINITY, LocalDate.MAX, LocalDateTime.MAX, Instant.MAX);
    private static final Set<Object> SMALLEST =
            Set.of(Double.NEGATIVE_INFINITY, LocalDate.MIN, LocalDateTime.MIN, Instant.MIN);

    private static Object special(ValueType type, Object value) {
        if (!WITH_SPECIALS.contains(type)) {
            return value;
        }
        if (LARGEST.contains(value)) {
            return SpecialValue.INFINITY;
        }
        if (SMALLEST.contains(value)) {
            return SpecialValue.NEGATIVE_INFINITY;
        }
        return value instanceof Double ? SpecialValue.NAN : value;
    }
}
