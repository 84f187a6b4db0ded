package dev.replicator.handlers.expression;

import dev.cel.common.values.CelByteString;
import dev.cel.common.values.NullValue;
import dev.replicator.handlers.HandlerFailure;
import dev.replicator.spi.Answer;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.AbstractMap;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A value of type {@code row}: one of the rows in conflict, one merged of them, or an answer that is no row. The language
 * reads fields from it as from a map.
 */
final class ExpressionRow extends AbstractMap<String, Object> {
    private final Map<String, @Nullable Object> values;
    private final Map<String, @Nullable Object> changed;
    private final @Nullable Answer answer;
    /** Which change's row it is, or is based on. */
    private final int index;

    private ExpressionRow(
            Map<String, @Nullable Object> values,
            Map<String, @Nullable Object> changed,
            int index,
            @Nullable Answer answer) {
        this.values = values;
        this.changed = changed;
        this.index = index;
        this.answer = answer;
    }

    static ExpressionRow of(Map<String, @Nullable Object> values, int index) {
        return new ExpressionRow(values, Map.of(), index, null);
    }

    static ExpressionRow of(Answer answer) {
        return new ExpressionRow(Map.of(), Map.of(), -1, answer);
    }

    /** The function {@code merge}: a row with other values in some columns. */
    static ExpressionRow merge(Map<?, ?> row, Map<?, ?> columns) {
        ExpressionRow base = (ExpressionRow) row;
        if (base.answer != null) {
            throw new HandlerFailure("it merged into what is no row");
        }
        Map<String, @Nullable Object> changed = new LinkedHashMap<>(base.changed);
        columns.forEach((name, value) -> changed.put((String) name, toJava(value)));
        return base.with(changed);
    }

    ExpressionRow with(Map<String, @Nullable Object> columns) {
        return new ExpressionRow(values, columns, index, null);
    }

    /** What it answers when it is the result. */
    Answer answer() {
        if (answer != null) {
            return answer;
        }
        return changed.isEmpty() ? new Answer.Take(index) : new Answer.Merge(index, changed);
    }

    @Override
    public boolean containsKey(Object column) {
        return values.containsKey(column);
    }

    @Override
    public Object get(Object column) {
        return toExpression(changed.containsKey(column) ? changed.get(column) : values.get(column));
    }

    @Override
    public Set<Entry<String, Object>> entrySet() {
        Map<String, Object> entries = new LinkedHashMap<>();
        values.keySet().forEach(column -> entries.put(column, get(column)));
        return entries.entrySet();
    }

    private static Object toExpression(@Nullable Object value) {
        if (value == null) {
            return NullValue.NULL_VALUE;
        }
        if (value instanceof LocalDateTime time) {
            return time.equals(LocalDateTime.MAX)
                    ? Instant.MAX
                    : time.equals(LocalDateTime.MIN) ? Instant.MIN : time.toInstant(ZoneOffset.UTC);
        }
        if (value instanceof LocalDate date) {
            return date.equals(LocalDate.MAX)
                    ? Instant.MAX
                    : date.equals(LocalDate.MIN)
                            ? Instant.MIN
                            : date.atStartOfDay().toInstant(ZoneOffset.UTC);
        }
        if (value instanceof BigDecimal decimal) {
            return new Decimal(decimal);
        }
        if (value instanceof byte[] bytes) {
            return CelByteString.of(bytes);
        }
        if (value instanceof List<?> list) {
            List<Object> items = new ArrayList<>();
            list.forEach(item -> items.add(toExpression(item)));
            return items;
        }
        return value;
    }

    /** A result as a handler answers it. */
    static @Nullable Object toJava(@Nullable Object value) {
        if (value == null || value instanceof NullValue) {
            return null;
        }
        if (value instanceof Decimal decimal) {
            return decimal.value();
        }
        if (value instanceof CelByteString bytes) {
            return bytes.toByteArray();
        }
        if (value instanceof List<?> list) {
            List<@Nullable Object> items = new ArrayList<>();
            list.forEach(item -> items.add(toJava(item)));
            return items;
        }
        return value;
    }
}
