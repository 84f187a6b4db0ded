package dev.replicator.handlers.script;

import dev.replicator.codec.TypedValue;
import dev.replicator.handlers.HandlerFailure;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.mozilla.javascript.Context;
import org.mozilla.javascript.NativeArray;
import org.mozilla.javascript.NativeObject;
import org.mozilla.javascript.Scriptable;
import org.mozilla.javascript.ScriptableObject;

/**
 * Values of columns as scripts have them, and back. Numbers become numbers where a script's numbers are exact, else BigInt;
 * what is neither is refused rather than rounded. Booleans are booleans, one-dimensional arrays arrays, everything else
 * PostgreSQL's text form, times always with six digits, in UTC, so that they compare as strings.
 */
final class ScriptValues {
    /** Decimals of so many digits survive the way through a double. */
    private static final int EXACT_DIGITS = 15;

    private static final long LARGEST_EXACT = 1L << 53;

    private ScriptValues() {}

    static @Nullable Object toScript(@Nullable Object value, Context context, Scriptable scope) {
        if (value instanceof Long number) {
            return Math.abs(number) <= LARGEST_EXACT ? (Object) number.doubleValue() : BigInteger.valueOf(number);
        }
        if (value instanceof BigDecimal decimal) {
            return number(decimal);
        }
        if (value instanceof List<?> list) {
            Object[] items =
                    list.stream().map(item -> toScript(item, context, scope)).toArray();
            return context.newArray(scope, items);
        }
        return value == null || value instanceof Boolean || value instanceof Double ? value : TypedValue.toText(value);
    }

    private static Object number(BigDecimal decimal) {
        BigDecimal plain = decimal.stripTrailingZeros();
        if (plain.precision() <= EXACT_DIGITS && Math.abs(plain.scale()) < 300) {
            return plain.doubleValue();
        }
        if (plain.scale() <= 0) {
            return plain.toBigIntegerExact();
        }
        throw new HandlerFailure(
                "it read a numeric of more than " + EXACT_DIGITS + " digits, which it cannot hold exactly");
    }

    /** The columns of an object that a script made. */
    static Map<String, @Nullable Object> columns(Object object) {
        if (object instanceof ChangeObject.RowObject row) {
            return row.values();
        }
        if (!(object instanceof NativeObject columns)) {
            throw new HandlerFailure("it gave no object of columns");
        }
        Map<String, @Nullable Object> values = new LinkedHashMap<>();
        for (Object id : columns.getIds()) {
            values.put(id.toString(), toJava(ScriptableObject.getProperty(columns, id.toString())));
        }
        return values;
    }

    static @Nullable Object toJava(@Nullable Object value) {
        if (value == null || value instanceof Boolean || value instanceof BigInteger) {
            return value;
        }
        if (value instanceof Number number) {
            return number.doubleValue();
        }
        if (value instanceof CharSequence text) {
            return text.toString();
        }
        if (value instanceof NativeArray array) {
            List<@Nullable Object> items = new ArrayList<>();
            for (Object item : (Iterable<?>) array) {
                items.add(toJava(item));
            }
            return items;
        }
        throw new HandlerFailure("it set a column to something that is no value");
    }
}
