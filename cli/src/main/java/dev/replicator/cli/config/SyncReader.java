package dev.replicator.cli.config;

import dev.replicator.error.ReplicatorException;
import dev.replicator.model.DatabaseSpec;
import dev.replicator.model.OnError;
import dev.replicator.model.PerTable;
import dev.replicator.model.SyncSpec;
import dev.replicator.model.SyncSpec.ClockLimit;
import dev.replicator.model.SyncSpec.ForeignOrigins;
import dev.replicator.model.SyncSpec.SlotBudget;
import dev.replicator.model.SyncSpec.WhenExceeded;
import dev.replicator.slot.TablePattern;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.ScalarNode;

/** Reads one entry of {@code syncs:}. */
final class SyncReader {
    static final SlotBudget DEFAULT_BUDGET = new SlotBudget(20L << 30, Duration.ofHours(24));
    static final ClockLimit DEFAULT_CLOCK = new ClockLimit(Duration.ofSeconds(60), WhenExceeded.WARN);

    private static final List<String> KEYS = List.of(
            "sources",
            "targets",
            "fullcopy",
            "tables",
            "conflict",
            "on_error",
            "initial_copy",
            "foreign_origins",
            "slot_budget",
            "max_clock_offset");
    private static final List<String> LATER = List.of("as", "columns", "where", "operations");
    private static final List<String> LATER_POLICIES = List.of(
            "columns", "first", "priority", "source", "random", "merge", "delete_wins", "stop", "skip", "custom");

    private final Values values;
    private final Problems problems;
    private final Set<String> names;
    private final Map<String, DatabaseSpec> databases;
    private final OnErrorReader onErrors;

    /** {@code names}: every database that is named; {@code databases}: those of them that are right. */
    SyncReader(Values values, Set<String> names, Map<String, DatabaseSpec> databases) {
        this.values = values;
        this.problems = values.problems();
        this.names = names;
        this.databases = databases;
        this.onErrors = new OnErrorReader(values);
    }

    /** Null, and at least one problem, when it cannot be used. */
    @Nullable
    SyncSpec read(String name, Node node) {
        String where = "sync \"" + name + "\"";
        MappingNode mapping = values.mapping(node, where);
        if (mapping == null) {
            return null;
        }
        Keys keys = Keys.of(mapping, problems, where, KEYS, LATER);
        Map<String, Node> used = new HashMap<>();
        Node sourcesNode = keys.value("sources");
        if (sourcesNode == null) {
            problems.at(node, where + " has no sources; write sources: [name, ...]");
        }
        List<DatabaseSpec> sources = databases(sourcesNode, "sources of " + where, false, used);
        Node targetsNode = keys.value("targets");
        List<DatabaseSpec> targets = databases(targetsNode, "targets of " + where, true, used);
        if (sourcesNode != null && used.size() == 1 && sources.size() + targets.size() == 1) {
            problems.at(sourcesNode, where + " has only one database; add another source or a target");
        }
        fullcopy(keys.value("fullcopy"), where);
        OnError onError = onErrors.read(keys.value("on_error"), "on_error of " + where, OnError.STOP);
        List<PerTable.Entry<OnError>> tableErrors = new ArrayList<>();
        List<String> tables = tables(keys.value("tables"), where, onError, tableErrors);
        conflict(keys.value("conflict"), where);
        Node initialCopy = keys.value("initial_copy");
        if (initialCopy != null) {
            values.choice(
                    initialCopy, "initial_copy of " + where, Map.of("never", true), List.of("if_empty", "always"));
        }
        ForeignOrigins origins = choice(
                keys.value("foreign_origins"),
                "foreign_origins of " + where,
                Map.of("forward", ForeignOrigins.FORWARD, "ignore", ForeignOrigins.IGNORE),
                ForeignOrigins.FORWARD);
        SlotBudget budget = slotBudget(keys.value("slot_budget"), where);
        ClockLimit clock = clockLimit(keys.value("max_clock_offset"), where);
        return new SyncSpec(
                name, sources, targets, tables, origins, budget, clock, new PerTable<>(onError, tableErrors));
    }

    private <T> T choice(@Nullable Node node, String what, Map<String, T> choices, T otherwise) {
        T chosen = node == null ? null : values.choice(node, what, choices, List.of());
        return chosen == null ? otherwise : chosen;
    }

    private List<DatabaseSpec> databases(@Nullable Node node, String what, boolean mayBeEmpty, Map<String, Node> used) {
        List<DatabaseSpec> found = new ArrayList<>();
        if (node == null) {
            return found;
        }
        List<Node> items = values.items(node, what);
        if (items.isEmpty() && !mayBeEmpty && Values.form(node).equals("a list")) {
            problems.at(node, what + " is an empty list; it needs at least one database");
        }
        for (Node item : items) {
            String name = values.text(item, "an item of " + what);
            if (name == null) {
                continue;
            }
            Node first = used.putIfAbsent(name, item);
            if (first != null) {
                problems.at(
                        item,
                        "database \"" + name + "\" is used twice in this sync; the first is in line "
                                + (first.getStartMark().getLine() + 1)
                                + " (every source also receives, it need not be a target as well)");
                continue;
            }
            DatabaseSpec database = databases.get(name);
            if (database != null) {
                found.add(database);
            } else if (!names.contains(name)) {
                problems.at(
                        item,
                        "database \"" + Values.raw(item) + "\" is not defined under databases"
                                + NearestWord.hint(name, names));
            }
        }
        return found;
    }

    private void fullcopy(@Nullable Node node, String where) {
        if (node != null && !values.items(node, "fullcopy of " + where).isEmpty()) {
            problems.at(node, "fullcopy targets are not supported by this version; leave the list empty");
        }
    }

    /** Null: every table that can be replicated. */
    private @Nullable List<String> tables(
            @Nullable Node node, String where, OnError onError, List<PerTable.Entry<OnError>> tableErrors) {
        if (node == null
                || node instanceof ScalarNode scalar && scalar.getValue().equals("all")) {
            return null;
        }
        if (node instanceof ScalarNode) {
            problems.at(node, "tables of " + where + " must be \"all\" or a list, not \"" + Values.raw(node) + "\"");
            return null;
        }
        Map<String, Node> tables = new java.util.LinkedHashMap<>();
        List<Node> items = values.items(node, "tables of " + where);
        if (items.isEmpty() && Values.form(node).equals("a list")) {
            problems.at(node, "tables of " + where + " is an empty list; write all, or name at least one table");
        }
        for (Node item : items) {
            String table =
                    item instanceof MappingNode map ? table(map, where) : values.text(item, "a table of " + where);
            if (table != null) {
                try {
                    TablePattern pattern = TablePattern.parse(table);
                    Node own = item instanceof MappingNode map
                            ? Keys.any(map, new Problems("")).value("on_error")
                            : null;
                    if (own != null) {
                        tableErrors.add(new PerTable.Entry<>(
                                pattern::matches, onErrors.read(own, "on_error of table \"" + table + "\"", onError)));
                    }
                } catch (ReplicatorException e) {
                    problems.at(
                            item,
                            "\"" + Values.raw(item) + "\" is no table name or pattern: " + e.detail() + " " + e.hint());
                }
            }
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

    private @Nullable String table(MappingNode map, String where) {
        String place = "a table of " + where;
        Keys keys = Keys.of(map, problems, place, List.of("table", "conflict", "on_error"), LATER);
        conflict(keys.value("conflict"), place);
        Node table = keys.value("table");
        if (table == null) {
            problems.at(map, place + " has no name; write table: schema.name");
            return null;
        }
        return values.text(table, "the name of " + place);
    }

    private void conflict(@Nullable Node node, String where) {
        if (node instanceof MappingNode map) {
            Keys keys = Keys.of(
                    map,
                    problems,
                    "conflict of " + where,
                    List.of("policy"),
                    List.of("delta", "expression", "fallback"));
            conflict(keys.value("policy"), where);
        } else if (node != null) {
            values.choice(node, "conflict of " + where, Map.of("latest", true), LATER_POLICIES);
        }
    }

    private SlotBudget slotBudget(@Nullable Node node, String where) {
        String what = "slot_budget of " + where;
        MappingNode mapping = node == null ? null : values.mapping(node, what);
        if (mapping == null) {
            return DEFAULT_BUDGET;
        }
        Keys keys = Keys.of(mapping, problems, what, List.of("bytes", "age", "when_spent"), List.of());
        Node bytesNode = keys.value("bytes");
        ByteSize bytes = bytesNode == null ? null : values.size(bytesNode, "bytes of " + what, new ByteSize(16L << 20));
        Node ageNode = keys.value("age");
        Duration age = ageNode == null ? null : values.span(ageNode, "age of " + what, Duration.ofMinutes(1));
        Node whenSpent = keys.value("when_spent");
        if (whenSpent != null) {
            values.choice(whenSpent, "when_spent of " + what, Map.of("warn", true), List.of("detach"));
        }
        return new SlotBudget(
                bytes == null ? DEFAULT_BUDGET.bytes() : bytes.bytes(), age == null ? DEFAULT_BUDGET.age() : age);
    }

    private ClockLimit clockLimit(@Nullable Node node, String where) {
        String what = "max_clock_offset of " + where;
        MappingNode mapping = node == null ? null : values.mapping(node, what);
        if (mapping == null) {
            return DEFAULT_CLOCK;
        }
        Keys keys = Keys.of(mapping, problems, what, List.of("limit", "when_exceeded"), List.of());
        Node limitNode = keys.value("limit");
        Duration limit = limitNode == null ? null : values.span(limitNode, "limit of " + what, Duration.ofMillis(1));
        WhenExceeded when = choice(
                keys.value("when_exceeded"),
                "when_exceeded of " + what,
                Map.of("warn", WhenExceeded.WARN, "stop", WhenExceeded.STOP),
                DEFAULT_CLOCK.whenExceeded());
        return new ClockLimit(limit == null ? DEFAULT_CLOCK.limit() : limit, when);
    }
}
