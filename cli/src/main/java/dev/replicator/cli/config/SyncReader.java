package dev.replicator.cli.config;

import dev.replicator.connector.Connectors;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.ConflictRule;
import dev.replicator.model.DatabaseSpec;
import dev.replicator.model.InitialCopy;
import dev.replicator.model.OnError;
import dev.replicator.model.PerTable;
import dev.replicator.model.SyncSpec;
import dev.replicator.model.SyncSpec.ClockLimit;
import dev.replicator.model.SyncSpec.Conflicts;
import dev.replicator.model.SyncSpec.ForeignOrigins;
import dev.replicator.model.SyncSpec.SchemaChange;
import dev.replicator.model.SyncSpec.Sequences;
import dev.replicator.model.SyncSpec.SlotBudget;
import dev.replicator.model.SyncSpec.WhenExceeded;
import dev.replicator.slot.TablePattern;
import java.nio.file.Path;
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
    private static final ByteSize LEAST_SPILL = new ByteSize(64L << 20);
    static final ClockLimit DEFAULT_CLOCK = new ClockLimit(Duration.ofSeconds(60), WhenExceeded.WARN);

    private static final List<String> KEYS = List.of(
            "sources",
            "targets",
            "fullcopy",
            "tables",
            "conflict",
            "conflict_history",
            "on_error",
            "initial_copy",
            "foreign_origins",
            "slot_budget",
            "spill_budget",
            "max_clock_offset",
            "operations",
            "sequences",
            "schema_changes");
    private static final List<String> OF_TABLES = List.of("as", "columns", "where");

    private final Values values;
    private final Problems problems;
    private final Set<String> names;
    private final Map<String, DatabaseSpec> databases;
    private final Path folder;
    private final Connectors connectors;
    private final OnErrorReader onErrors;

    /**
     * {@code names}: every database that is named; {@code databases}: those of them that are right; {@code folder}: of the
     * file.
     */
    SyncReader(
            Values values, Set<String> names, Map<String, DatabaseSpec> databases, Path folder, Connectors connectors) {
        this.connectors = connectors;
        this.folder = folder;
        this.values = values;
        this.problems = values.problems();
        this.names = names;
        this.databases = databases;
        this.onErrors = new OnErrorReader(values, folder);
    }

    /** Null, and at least one problem, when it cannot be used. */
    @Nullable
    SyncSpec read(String name, Node node) {
        String where = "sync \"" + name + "\"";
        MappingNode mapping = values.mapping(node, where);
        if (mapping == null) {
            return null;
        }
        Keys keys = Keys.of(
                mapping, problems, where, KEYS, OF_TABLES, "belongs to a table: tables: [{ table: name, ... }]");
        Map<String, Node> used = new HashMap<>();
        Node sourcesNode = keys.value("sources");
        if (sourcesNode == null) {
            problems.at(node, where + " has no sources; write sources: [name, ...]");
        }
        List<DatabaseSpec> sources = databases(sourcesNode, "sources of " + where, false, used);
        refuseForeign(keys, sourcesNode, sources, where);
        Node targetsNode = keys.value("targets");
        List<DatabaseSpec> targets = databases(targetsNode, "targets of " + where, true, used);
        FullCopyReader fullCopies = new FullCopyReader(values, "fullcopy of " + where);
        List<DatabaseSpec> copied =
                fullCopies.databases(keys.value("fullcopy"), (list, what) -> databases(list, what, true, used));
        if (sourcesNode != null && used.size() == 1 && sources.size() + targets.size() + copied.size() == 1) {
            problems.at(sourcesNode, where + " has only one database; add another source or a target");
        }
        OnError onError = onErrors.read(keys.value("on_error"), "on_error of " + where, OnError.STOP);
        ConflictReader conflicts = new ConflictReader(values, folder, names(sources));
        InitialCopyReader copies = new InitialCopyReader(values, names(sources));
        InitialCopy initialCopy = copies.read(keys.value("initial_copy"), "initial_copy of " + where, copies.usual());
        MappingReader mappings =
                new MappingReader(values, names(sources), receivers(targets, copied), keys.value("operations"), where);
        TablesReader tableReader = new TablesReader(
                values, conflicts, new TablesReader.Otherwise(onErrors, onError, copies, initialCopy, mappings));
        List<String> tables = tableReader.read(keys.value("tables"), where);
        if (sources.stream().anyMatch(source -> !source.kind().equals(Connectors.POSTGRES))
                && !tableReader.ownCopies().isEmpty()) {
            problems.at(node, where + " copies all tables or none: its source is no PostgreSQL database");
        }
        Node conflict = keys.value("conflict");
        ConflictRule rule = conflict == null ? null : conflicts.read(conflict, "conflict of " + where);
        ForeignOrigins origins = choice(
                keys.value("foreign_origins"),
                "foreign_origins of " + where,
                Map.of("forward", ForeignOrigins.FORWARD, "ignore", ForeignOrigins.IGNORE),
                ForeignOrigins.FORWARD);
        SlotBudget budget = slotBudget(keys.value("slot_budget"), where);
        ClockLimit clock = clockLimit(keys.value("max_clock_offset"), where);
        return new SyncSpec(
                name,
                sources,
                targets,
                tables,
                origins,
                budget,
                spillBudget(keys.value("spill_budget"), where),
                clock,
                new PerTable<>(onError, tableReader.ownErrors()),
                new Conflicts(
                        new PerTable<>(rule == null ? ConflictRule.LATEST : rule, tableReader.ownRules()),
                        keepHistory(keys.value("conflict_history"), where)),
                new PerTable<>(initialCopy, tableReader.ownCopies()),
                new PerTable<>(mappings.otherwise(), tableReader.ownMappings()),
                sequences(keys.value("sequences"), where, targets),
                fullCopies.read(copied, sources),
                schemaChanges(keys.value("schema_changes"), where, sources));
    }

    private SchemaChange schemaChanges(@Nullable Node node, String where, List<DatabaseSpec> sources) {
        boolean can = sources.size() == 1 && sources.get(0).kind().equals(Connectors.POSTGRES);
        SchemaChange change = node == null
                ? null
                : values.choice(
                        node,
                        "schema_changes of " + where,
                        Map.of("additive", SchemaChange.ADDITIVE, "stop", SchemaChange.STOP),
                        List.of("replicate"));
        if (node != null && change == SchemaChange.ADDITIVE && !can) {
            problems.at(
                    node,
                    "schema_changes of " + where
                            + " can be additive only with one source, a PostgreSQL database: of a row"
                            + " that one source changes with the new column and another without it, its value is not known");
        }
        return change != null ? change : can ? SchemaChange.ADDITIVE : SchemaChange.STOP;
    }

    /** Names of the databases that only receive. */
    private static List<String> receivers(List<DatabaseSpec> targets, List<DatabaseSpec> copied) {
        List<String> receivers = new ArrayList<>(names(targets));
        receivers.addAll(names(copied));
        return receivers;
    }

    private Sequences sequences(@Nullable Node node, String where, List<DatabaseSpec> targets) {
        if (node == null) {
            return Sequences.NONE;
        }
        String what = "sequences of " + where;
        if (targets.stream().noneMatch(target -> target.kind().equals(Connectors.POSTGRES))) {
            problems.at(
                    node,
                    what
                            + " are brought to PostgreSQL databases under targets, and there is none; masters each use their own"
                            + " sequences, which \"replicator check\" compares");
            return Sequences.NONE;
        }
        if (node instanceof ScalarNode scalar && scalar.getValue().equals("all")) {
            return new Sequences(true, List.of());
        }
        if (node instanceof ScalarNode) {
            problems.at(node, what + " must be \"all\" or a list, not \"" + Values.raw(node) + "\"");
            return Sequences.NONE;
        }
        List<String> names = values.texts(node, what);
        for (String name : names) {
            try {
                TablePattern.parse(name);
            } catch (ReplicatorException e) {
                problems.at(node, "\"" + name + "\" in " + what + " is no name or pattern: " + e.detail());
                return Sequences.NONE;
            }
        }
        return new Sequences(false, names);
    }

    private static List<String> names(List<DatabaseSpec> databases) {
        return databases.stream().map(DatabaseSpec::name).toList();
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

    /** Other logs than PostgreSQL's can be read where there is a connector for that, each in a sync of its own. */
    private void refuseForeign(Keys keys, @Nullable Node node, List<DatabaseSpec> sources, String where) {
        for (DatabaseSpec source : sources) {
            if (node == null || source.kind().equals(Connectors.POSTGRES)) {
                continue;
            }
            String what = "database \"" + source.name() + "\" is of kind " + source.kind();
            if (!connectors.reads(source)) {
                problems.at(node, what + ", which can only receive; name it under targets of " + where);
            } else if (sources.size() > 1) {
                problems.at(node, what + ", which has to be the only source of a sync; give it one of its own");
            }
            Node copy = keys.value("initial_copy");
            if (!(copy instanceof ScalarNode word)
                    || !List.of("always", "never").contains(word.getValue())) {
                problems.at(
                        copy == null ? node : copy,
                        what
                                + ": say whether its rows are copied; write initial_copy: always (the tables of all targets"
                                + " are emptied, and get all rows) or never");
            }
            for (String key : List.of("fullcopy", "sequences", "foreign_origins")) {
                Node given = keys.value(key);
                if (given != null) {
                    problems.at(given, key + " of " + where + " is about PostgreSQL databases, and " + what);
                }
            }
        }
    }

    private Duration keepHistory(@Nullable Node node, String where) {
        String what = "conflict_history of " + where;
        MappingNode mapping = node == null ? null : values.mapping(node, what);
        Node keepNode = mapping == null
                ? null
                : Keys.of(mapping, problems, what, List.of("keep"), List.of()).value("keep");
        Duration keep = keepNode == null ? null : values.span(keepNode, "keep of " + what, Duration.ofHours(1));
        return keep == null ? Conflicts.USUAL.keepHistory() : keep;
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

    private long spillBudget(@Nullable Node node, String where) {
        ByteSize bytes = node == null ? null : values.size(node, "spill_budget of " + where, LEAST_SPILL);
        return bytes == null ? SyncSpec.SPILL_BUDGET : bytes.bytes();
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
