package dev.replicator.cli.config;

import dev.replicator.error.ReplicatorException;
import dev.replicator.model.ChangeKind;
import dev.replicator.model.TableMapping;
import dev.replicator.model.TableMapping.Columns;
import dev.replicator.model.TableMappings;
import dev.replicator.model.TableName;
import dev.replicator.slot.TablePattern;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;

/**
 * Reads what databases that only receive are given of a table: {@code as}, {@code columns}, {@code where}, {@code
 * operations}, each for all of them, or a map of database and value.
 */
final class MappingReader {
    static final List<String> KEYS = List.of("as", "columns", "where", "operations");

    private static final List<String> COLUMNS = List.of("include", "exclude", "rename", "computed");
    private static final Map<String, ChangeKind> OPERATIONS = Map.of(
            "insert", ChangeKind.INSERT,
            "update", ChangeKind.UPDATE,
            "delete", ChangeKind.DELETE,
            "truncate", ChangeKind.TRUNCATE);

    private final Values values;
    private final Problems problems;
    private final List<String> sources;
    private final List<String> targets;
    /** What each database gets of tables that say nothing of {@code operations}; all, if it is not here. */
    private final Map<String, Set<ChangeKind>> usual = new HashMap<>();

    /**
     * {@code sources} and {@code targets}: their names; {@code operations}: of the sync, for tables that say nothing of it;
     * {@code sync}: where that stands.
     */
    MappingReader(Values values, List<String> sources, List<String> targets, @Nullable Node operations, String sync) {
        this.values = values;
        this.problems = values.problems();
        this.sources = sources;
        this.targets = targets;
        if (operations != null) {
            String what = "operations of " + sync;
            byDatabase("operations", operations, what)
                    .forEach((database, node) -> usual.put(database, operations(node, what)));
        }
    }

    /** Of tables without an entry of their own. */
    TableMappings otherwise() {
        return usual.isEmpty() ? TableMappings.SAME : mappings(Map.of(), "", null);
    }

    /** Of an entry of {@code tables:}; null: it says nothing. */
    @Nullable
    TableMappings read(Keys keys, TablePattern pattern, String table) {
        Map<String, Node> nodes = new LinkedHashMap<>();
        for (String key : KEYS) {
            Node node = keys.value(key);
            if (node != null) {
                nodes.put(key, node);
            }
        }
        if (nodes.isEmpty()) {
            return null;
        }
        return mappings(nodes, table, pattern);
    }

    private TableMappings mappings(Map<String, Node> nodes, String place, @Nullable TablePattern pattern) {
        Map<String, Map<String, Node>> byKey = new HashMap<>();
        nodes.forEach((key, node) -> byKey.put(key, byDatabase(key, node, key + " of " + place)));
        Map<String, TableMapping> mappings = new HashMap<>();
        for (String database : targets) {
            Node as = byKey.getOrDefault("as", Map.of()).get(database);
            Node columns = byKey.getOrDefault("columns", Map.of()).get(database);
            Node where = byKey.getOrDefault("where", Map.of()).get(database);
            Node operations = byKey.getOrDefault("operations", Map.of()).get(database);
            mappings.put(
                    database,
                    new TableMapping(
                            as == null || pattern == null ? null : name(as, "as of " + place, pattern),
                            columns == null ? Columns.ALL : columns(columns, "columns of " + place),
                            where == null ? null : values.text(where, "where of " + place),
                            operations == null
                                    ? usual.getOrDefault(database, TableMapping.SAME.operations())
                                    : operations(operations, "operations of " + place)));
        }
        return new TableMappings(mappings);
    }

    /** The value for each database: the same for all, unless it is a map of databases. */
    private Map<String, Node> byDatabase(String key, Node node, String what) {
        Map<String, Node> found = new HashMap<>();
        if (targets.isEmpty()) {
            problems.at(
                    node,
                    what
                            + " is for databases that only receive, and the sync has none under targets; between masters every"
                            + " row goes everywhere, or they would not be equal");
            return found;
        }
        if (!(node instanceof MappingNode map) || key.equals("columns") && isColumns(map)) {
            targets.forEach(database -> found.put(database, node));
            return found;
        }
        Keys.any(map, problems).entries().forEach((database, entry) -> {
            if (targets.contains(database)) {
                found.put(database, entry.value());
            } else if (sources.contains(database)) {
                problems.at(
                        entry.key(),
                        what + ": \"" + database
                                + "\" is a source; between masters every row goes everywhere, or they would not be equal");
            } else {
                problems.at(
                        entry.key(),
                        what + ": \"" + database + "\" is no target of the sync" + NearestWord.hint(database, targets));
            }
        });
        return found;
    }

    private boolean isColumns(MappingNode map) {
        return map.getValue().stream()
                .map(tuple -> Values.raw(tuple.getKeyNode()))
                .noneMatch(key -> targets.contains(key) || sources.contains(key));
    }

    private @Nullable TableName name(Node node, String what, TablePattern pattern) {
        TableName table = pattern.name().orElse(null);
        String text = values.text(node, what);
        if (table == null) {
            problems.at(node, what + ": only one table can have another name; name it exactly, without a pattern");
            return null;
        }
        if (text == null) {
            return null;
        }
        try {
            TablePattern name = TablePattern.parse(text);
            TableName there = name.name().orElse(null);
            if (there == null) {
                problems.at(node, what + ": \"" + Values.raw(node) + "\" is a pattern; write a name");
                return null;
            }
            return name.hasSchema() ? there : new TableName(table.schema(), there.name());
        } catch (ReplicatorException e) {
            problems.at(node, "\"" + Values.raw(node) + "\" is no table name: " + e.detail() + " " + e.hint());
            return null;
        }
    }

    private Columns columns(Node node, String what) {
        MappingNode map = values.mapping(node, what);
        if (map == null) {
            return Columns.ALL;
        }
        Keys keys = Keys.of(map, problems, what, COLUMNS, List.of());
        Node include = keys.value("include");
        Node exclude = keys.value("exclude");
        return new Columns(
                include == null ? null : new LinkedHashSet<>(values.texts(include, "include of " + what)),
                exclude == null ? Set.of() : new LinkedHashSet<>(values.texts(exclude, "exclude of " + what)),
                texts(keys.value("rename"), "rename of " + what),
                texts(keys.value("computed"), "computed of " + what));
    }

    private Map<String, String> texts(@Nullable Node node, String what) {
        Map<String, String> texts = new LinkedHashMap<>();
        MappingNode map = node == null ? null : values.mapping(node, what);
        if (map != null) {
            Keys.any(map, problems).entries().forEach((name, entry) -> {
                String text = values.text(entry.value(), "\"" + name + "\" in " + what);
                if (text != null) {
                    texts.put(name, text);
                }
            });
        }
        return texts;
    }

    private Set<ChangeKind> operations(Node node, String what) {
        Set<ChangeKind> kinds = EnumSet.noneOf(ChangeKind.class);
        for (Node item : values.items(node, what)) {
            ChangeKind kind = values.choice(item, "an item of " + what, OPERATIONS, List.of());
            if (kind != null) {
                kinds.add(kind);
            }
        }
        if (!kinds.contains(ChangeKind.INSERT) || !kinds.contains(ChangeKind.UPDATE)) {
            problems.at(
                    node,
                    what
                            + " must have insert and update: what is written is the row as it stands by then, whichever it was;"
                            + " delete and truncate may be left out");
        }
        return kinds;
    }
}
