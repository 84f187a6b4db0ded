package dev.replicator.redis;

import dev.replicator.codec.RowReader;
import dev.replicator.model.Relation;
import dev.replicator.model.Row;
import dev.replicator.model.TableName;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What the keys of a sync are called: a template such as <code>{table}:{pk}</code>, in which the values of a key stand
 * with colons between them.
 *
 * <p>Unambiguous: in what is put in, the colon, the percent sign, braces, and every character the template itself has,
 * other than ASCII letters, digits and _, are written as a percent sign and the two hexadecimal digits of each of their
 * UTF-8 bytes. Values are in PostgreSQL's text
 * form, equal ones in one form: numeric without trailing zeros, char(n) without trailing blanks. A key never begins with
 * <code>%r</code>, as {@link #PROGRESS} does. Immutable; any thread.
 */
final class KeyNames {
    /** What the key that holds a sync's progress begins with, behind the hash tag. */
    static final String PROGRESS = "%replicator:";

    private static final String WORD = "[A-Za-z0-9_]+";
    private static final Pattern PLACE = Pattern.compile("\\{([^{}]*)\\}");

    private final List<String> parts;
    private final String tag;
    private final String escaped;

    private KeyNames(List<String> parts, String tag, String escaped) {
        this.parts = parts;
        this.tag = tag;
        this.escaped = escaped;
    }

    /** {@code template}: one without {@link #problemOf problem}; {@code hashTag}: empty for none. */
    static KeyNames of(String template, String hashTag) {
        List<String> parts = parts(template);
        StringBuilder escaped = new StringBuilder(":%{}");
        parts.stream().filter(part -> !part.startsWith("{")).forEach(part -> escaped.append(part.replaceAll(WORD, "")));
        return new KeyNames(parts, tag(hashTag), escaped.toString());
    }

    /** What stands before every key. */
    static String tag(String hashTag) {
        return hashTag.isEmpty() ? "" : "{" + hashTag + "}";
    }

    private static List<String> parts(String template) {
        List<String> parts = new ArrayList<>();
        Matcher place = PLACE.matcher(template);
        int at = 0;
        while (place.find()) {
            if (place.start() > at) {
                parts.add(template.substring(at, place.start()));
            }
            parts.add(place.group());
            at = place.end();
        }
        if (at < template.length()) {
            parts.add(template.substring(at));
        }
        return parts;
    }

    /** Why keys made by this template could not be told apart, as a sentence; null if they can. */
    static @Nullable String problemOf(String template, boolean ofRows) {
        List<String> parts = parts(template);
        List<String> places =
                parts.stream().filter(part -> part.startsWith("{")).toList();
        List<String> known = ofRows ? List.of("{schema}", "{table}", "{pk}") : List.of("{schema}", "{table}");
        for (String part : parts) {
            if (part.startsWith("{") ? !known.contains(part) : part.matches(".*[{}%].*")) {
                return "It may hold " + String.join(", ", known) + ", and neither other braces nor percent signs.";
            }
        }
        if (!places.contains("{table}")
                || ofRows && (!places.contains("{pk}") || places.indexOf("{pk}") != places.size() - 1)) {
            return ofRows ? "It needs {table}, and behind it {pk}." : "It needs {table}.";
        }
        if (template.matches(".*}(" + WORD + ")?\\{.*")) {
            return "Some character that is neither a letter, a digit nor _ has to stand between two of " + known + ".";
        }
        return null;
    }

    /** Whether tables of one name in two schemas have keys of their own. */
    boolean namesSchemas() {
        return parts.contains("{schema}");
    }

    /** Key of a row that carries at least its key columns. */
    String of(RowReader reader, Row row) {
        StringBuilder name = new StringBuilder(tag);
        for (String part : parts) {
            if (part.equals("{pk}")) {
                Relation relation = row.relation();
                for (int i = 0; i < relation.keySize(); i++) {
                    name.append(i == 0 ? "" : ":").append(escape(value(reader, row, relation.keyColumn(i))));
                }
            } else {
                name.append(part(part, row.table().name()));
            }
        }
        return name.toString();
    }

    /** Key of a table, for a template without a primary key. */
    String of(TableName table) {
        StringBuilder name = new StringBuilder(tag);
        parts.forEach(part -> name.append(part(part, table)));
        return name.toString();
    }

    /** What all keys of a table's rows match, and no others of the sync, as a pattern of SCAN. */
    String pattern(TableName table) {
        StringBuilder pattern = new StringBuilder(glob(tag));
        parts.forEach(part -> pattern.append(part.equals("{pk}") ? "*" : glob(part(part, table))));
        return pattern.toString();
    }

    private static String glob(String text) {
        return text.replaceAll("[\\[\\]*?^\\\\-]", "\\\\$0");
    }

    private String part(String part, TableName table) {
        return switch (part) {
            case "{schema}" -> escape(table.schema());
            case "{table}" -> escape(table.name());
            default -> part;
        };
    }

    /** Equal keys have equal texts. */
    static String value(RowReader reader, Row row, int column) {
        String text = reader.text(row, column);
        return switch (reader.type(column).type()) {
            case NUMERIC -> text.matches("-?[0-9.]+") ? plain(new BigDecimal(text)) : text;
            case FLOAT4, FLOAT8 -> text.equals("-0") ? "0" : text;
            case BPCHAR -> text.replaceFirst(" +$", "");
            default -> text;
        };
    }

    private static String plain(BigDecimal number) {
        return number.signum() == 0 ? "0" : number.stripTrailingZeros().toPlainString();
    }

    private String escape(String text) {
        StringBuilder result = new StringBuilder(text.length());
        text.codePoints().forEach(character -> {
            String one = Character.toString(character);
            if (escaped.contains(one)) {
                for (byte each : one.getBytes(StandardCharsets.UTF_8)) {
                    result.append(String.format(Locale.ROOT, "%%%02X", each));
                }
            } else {
                result.append(one);
            }
        });
        return result.toString();
    }
}
