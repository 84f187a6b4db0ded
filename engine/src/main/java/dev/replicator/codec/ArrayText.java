package dev.replicator.codec;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * PostgreSQL's text form of an array, of any number of dimensions, as lists. Bounds in front ({@code [2:3]={...}}) are
 * dropped. For one thread, once. Source: PostgreSQL's {@code arrayfuncs.c}, array_out.
 */
final class ArrayText {
    private final String text;
    private final Function<String, Object> element;
    private final char delimiter;
    private int at;

    /** {@code delimiter}: a comma, but for box, whose own form has commas. */
    ArrayText(String text, char delimiter, Function<String, Object> element) {
        this.text = text;
        this.delimiter = delimiter;
        this.element = element;
        this.at = text.startsWith("[") ? text.indexOf('=') + 1 : 0;
    }

    List<@Nullable Object> list() {
        List<@Nullable Object> values = braces();
        if (at != text.length()) {
            throw new IllegalArgumentException("not an array");
        }
        return values;
    }

    private List<@Nullable Object> braces() {
        if (text.charAt(at++) != '{') {
            throw new IllegalArgumentException("not an array");
        }
        List<@Nullable Object> values = new ArrayList<>();
        while (text.charAt(at) != '}') {
            values.add(text.charAt(at) == '{' ? braces() : item());
            at += text.charAt(at) == delimiter ? 1 : 0;
        }
        at++;
        return values;
    }

    private @Nullable Object item() {
        StringBuilder item = new StringBuilder();
        boolean quoted = text.charAt(at) == '"';
        at += quoted ? 1 : 0;
        while (quoted ? text.charAt(at) != '"' : text.charAt(at) != delimiter && text.charAt(at) != '}') {
            at += text.charAt(at) == '\\' ? 1 : 0;
            item.append(text.charAt(at++));
        }
        at += quoted ? 1 : 0;
        String value = item.toString();
        return !quoted && value.equals("NULL") ? null : element.apply(value);
    }
}
