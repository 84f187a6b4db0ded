package dev.replicator.kafka;

import dev.replicator.model.TableName;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What topics are called: a template such as <code>{sync}.{schema}.{table}</code>.
 *
 * <p>Unambiguous within a sync: in schema and table each character other than ASCII letters, digits and _ is written as a
 * hyphen and the two hexadecimal digits of each of its UTF-8 bytes, and a dot stands between the two. Names of syncs and
 * databases are legal as they are. Immutable; any thread. Source: Kafka, {@code org.apache.kafka.common.internals.Topic}.
 */
final class TopicNames {
    static final int LONGEST = 249;

    private static final Pattern PLACE = Pattern.compile("\\{([^{}]*)\\}");
    private static final List<String> OF_TABLES = List.of("{sync}", "{database}", "{schema}", "{table}");
    private static final List<String> OF_SYNCS = List.of("{sync}", "{database}");

    private final List<String> parts;

    private TopicNames(List<String> parts) {
        this.parts = parts;
    }

    /** {@code template}: one without {@link #problemOf problem}. */
    static TopicNames of(String template, String sync, String database) {
        return new TopicNames(parts(template.replace("{sync}", sync).replace("{database}", database)));
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

    /** Why topics made by this template could not be told apart, or not be made, as a sentence; null if they can. */
    static @Nullable String problemOf(String template, boolean ofTables) {
        List<String> parts = parts(template);
        List<String> known = ofTables ? OF_TABLES : OF_SYNCS;
        for (String part : parts) {
            if (part.startsWith("{") ? !known.contains(part) : !part.matches("[A-Za-z0-9._-]*")) {
                return "It may hold " + String.join(", ", known) + ", letters, digits, dots, hyphens and _.";
            }
        }
        if (!ofTables) {
            return parts.containsAll(OF_SYNCS) ? null : "It needs {sync} and {database}.";
        }
        int table = parts.indexOf("{table}");
        int schema = parts.indexOf("{schema}");
        if (table < 0 || parts.lastIndexOf("{table}") != table || parts.lastIndexOf("{schema}") != schema) {
            return "It needs {table}, and each of {schema} and {table} at most once.";
        }
        boolean apart = schema < 0
                || parts.subList(Math.min(table, schema), Math.max(table, schema)).stream()
                        .anyMatch(part -> !part.startsWith("{") && part.contains("."));
        return apart ? null : "A dot has to stand between {schema} and {table}.";
    }

    /** Whether tables of one name in two schemas have topics of their own. */
    boolean namesSchemas() {
        return parts.contains("{schema}");
    }

    /** The topic of a table. It may be {@link #LONGEST too long}. */
    String of(TableName table) {
        StringBuilder name = new StringBuilder();
        for (String part : parts) {
            switch (part) {
                case "{schema}" -> escape(table.schema(), name);
                case "{table}" -> escape(table.name(), name);
                default -> name.append(part);
            }
        }
        return name.toString();
    }

    /** The topic of a template without a table. */
    String ofSync() {
        return String.join("", parts);
    }

    private static void escape(String text, StringBuilder into) {
        for (byte each : text.getBytes(StandardCharsets.UTF_8)) {
            boolean legal = each >= 'a' && each <= 'z' || each >= 'A' && each <= 'Z' || each >= '0' && each <= '9';
            if (legal || each == '_') {
                into.append((char) each);
            } else {
                into.append(String.format(Locale.ROOT, "-%02X", each));
            }
        }
    }
}
