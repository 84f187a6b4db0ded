package dev.replicator.opensearch;

import dev.replicator.model.TableName;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What the indices of a sync are called: a template such as <code>shake-{table}</code>.
 *
 * <p>Unambiguous: of what is put in, ASCII digits, small letters, {@code _}, {@code -} and {@code .} stay as they are; every
 * other character, capitals included, is written as {@code ~} and the two hexadecimal digits of each of its UTF-8 bytes.
 * So is what the template itself has besides letters, digits and _, and at the beginning of a name {@code _}, {@code -} and
 * {@code .}, which the server does not allow there. Immutable; any thread.
 */
final class IndexNames {
    /** Bytes of a name; a limit of the server. */
    static final int LONGEST = 255;

    private static final List<String> PLACES = List.of("{schema}", "{table}");
    private static final Pattern PART = Pattern.compile("\\{[^{}]*}|[^{}]+|[{}]");
    private static final String WORD = "[a-z0-9_]+";
    private static final String LITERAL = "[a-z0-9_.-]+";

    private final List<String> parts;
    private final String separators;

    private IndexNames(List<String> parts, String separators) {
        this.parts = parts;
        this.separators = separators;
    }

    /** {@code template}: one without {@link #problemOf problem}. */
    static IndexNames of(String template) {
        List<String> parts = parts(template);
        StringBuilder separators = new StringBuilder();
        parts.stream()
                .filter(part -> !PLACES.contains(part))
                .forEach(part -> separators.append(part.replaceAll(WORD, "")));
        return new IndexNames(parts, separators.toString());
    }

    private static List<String> parts(String template) {
        List<String> parts = new ArrayList<>();
        Matcher part = PART.matcher(template);
        while (part.find()) {
            parts.add(part.group());
        }
        return parts;
    }

    /** Why names made by this template could not be told apart, or be none, as a sentence; null if they can. */
    static @Nullable String problemOf(String template) {
        List<String> parts = parts(template);
        if (!parts.contains("{table}")) {
            return "It needs {table}.";
        }
        for (String part : parts) {
            if (!PLACES.contains(part) && !part.matches(LITERAL)) {
                return "It may hold {schema} and {table}, and else small letters, digits, _, - and . only.";
            }
        }
        if (template.matches("[_.-].*")) {
            return "It may not begin with _, - or a dot.";
        }
        return template.matches(".*}(" + WORD + ")?\\{.*")
                ? "A - or a dot has to stand between {schema} and {table}."
                : null;
    }

    /** Whether tables of one name in two schemas have indices of their own. */
    boolean namesSchemas() {
        return parts.contains("{schema}");
    }

    String of(TableName table) {
        StringBuilder name = new StringBuilder();
        for (String part : parts) {
            switch (part) {
                case "{schema}" -> escape(name, table.schema());
                case "{table}" -> escape(name, table.name());
                default -> name.append(part);
            }
        }
        return name.toString();
    }

    private void escape(StringBuilder name, String text) {
        text.codePoints().forEach(character -> {
            boolean letter = character >= 'a' && character <= 'z' || character >= '0' && character <= '9';
            boolean mark = (character == '_' || character == '-' || character == '.')
                    && !name.isEmpty()
                    && separators.indexOf(character) < 0;
            String one = Character.toString(character);
            if (letter || mark) {
                name.append(one);
            } else {
                for (byte each : one.getBytes(StandardCharsets.UTF_8)) {
                    name.append(String.format(Locale.ROOT, "~%02x", each));
                }
            }
        });
    }
}
