package dev.replicator.cli.config;

import dev.replicator.error.ReplicatorException;
import dev.replicator.model.ConflictRule;
import dev.replicator.model.InitialCopy;
import dev.replicator.model.OnError;
import dev.replicator.model.PerTable;
import dev.replicator.model.TableMappings;
import dev.replicator.slot.TablePattern;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.ScalarNode;

/** Reads {@code tables:} of one sync: which tables, and what some of them have otherwise than the sync. */
final class TablesReader {
    private static final List<String> KEYS = Stream.concat(
                    Stream.of("table", "conflict", "on_error", "initial_copy"), MappingReader.KEYS.stream())
            .toList();

    private final Values values;
    private final Problems problems;
    private final ConflictReader conflicts;
    private final Otherwise otherwise;
    private final List<PerTable.Entry<ConflictRule>> ownRules = new ArrayList<>();
    private final List<PerTable.Entry<OnError>> ownErrors = new ArrayList<>();
    private final List<PerTable.Entry<InitialCopy>> ownCopies = new ArrayList<>();
    private final List<PerTable.Entry<TableMappings>> ownMappings = new ArrayList<>();

    /** What tables have that do not say otherwise, and who reads what they say. */
    record Otherwise(
            OnErrorReader onErrors,
            OnError onError,
            InitialCopyReader copies,
            InitialCopy initialCopy,
            MappingReader mappings) {}

    TablesReader(Values values, ConflictReader conflicts, Otherwise otherwise) {
        this.values = values;
        this.problems = values.problems();
        this.conflicts = conflicts;
        this.otherwise = otherwise;
    }

    List<PerTable.Entry<InitialCopy>> ownCopies() {
        return ownCopies;
    }

    List<PerTable.Entry<TableMappings>> ownMappings() {
        return ownMappings;
    }

    List<PerTable.Entry<ConflictRule>> ownRules() {
        return ownRules;
    }

    List<PerTable.Entry<OnError>> ownErrors() {
        return ownErrors;
    }

    /** Null: every table that can be replicated. */
    @Nullable
    List<String> read(@Nullable Node node, String where) {
        if (node == null
                || node instanceof ScalarNode scalar && scalar.getValue().equals("all")) {
            return null;
        }
        if (node instanceof ScalarNode) {
            problems.at(node, "tables of " + where + " must be \"all\" or a list, not \"" + Values.raw(node) + "\"");
            return null;
        }
        Map<String, Node> tables = new LinkedHashMap<>();
        List<Node> items = values.items(node, "tables of " + where);
        if (items.isEmpty() && Values.form(node).equals("a list")) {
            problems.at(node, "tables of " + where + " is an empty list; write all, or name at least one table");
        }
        for (Node item : items) {
            String table = item instanceof MappingNode map
                    ? table(map, "a table of " + where)
                    : pattern(item, values.text(item, "a table of " + where), null);
            Node first = table == null ? null : tables.putIfAbsent(table, item);
            if (first != null) {
                problems.at(
                        item,
                        "table \"" + table + "\" stands here twice; the first is in line "
                                + (first.getStartMark().getLine() + 1));
            }
        }
        return List.copyOf(tables.keySet());
    }

    private @Nullable String table(MappingNode map, String place) {
        Keys keys = Keys.of(map, problems, place, KEYS, List.of());
        Node table = keys.value("table");
        if (table == null) {
            problems.at(map, place + " has no name; write table: schema.name");
            return null;
        }
        return pattern(map, values.text(table, "the name of " + place), keys);
    }

    private @Nullable String pattern(Node item, @Nullable String table, @Nullable Keys keys) {
        if (table == null) {
            return null;
        }
        try {
            TablePattern pattern = TablePattern.parse(table);
            if (keys != null) {
                own(pattern, "table \"" + table + "\"", keys);
            }
        } catch (ReplicatorException e) {
            problems.at(
                    item, "\"" + Values.raw(item) + "\" is no table name or pattern: " + e.detail() + " " + e.hint());
        }
        return table;
    }

    private void own(TablePattern pattern, String name, Keys keys) {
        Node conflict = keys.value("conflict");
        ConflictRule rule = conflict == null ? null : conflicts.read(conflict, "conflict of " + name);
        if (rule != null) {
            ownRules.add(new PerTable.Entry<>(pattern::matches, rule));
        }
        Node errors = keys.value("on_error");
        if (errors != null) {
            ownErrors.add(new PerTable.Entry<>(
                    pattern::matches, otherwise.onErrors().read(errors, "on_error of " + name, otherwise.onError())));
        }
        Node copy = keys.value("initial_copy");
        if (copy != null) {
            ownCopies.add(new PerTable.Entry<>(
                    pattern::matches,
                    otherwise.copies().read(copy, "initial_copy of " + name, otherwise.initialCopy())));
        }
        TableMappings mappings = otherwise.mappings().read(keys, pattern, name);
        if (mappings != null) {
            ownMappings.add(new PerTable.Entry<>(pattern::matches, mappings));
        }
    }
}
