package dev.replicator.model;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One sync as configured: a named set of databases and tables.
 *
 * <p>Nodes are numbered: the sources first, in the order of their names, then the targets in the order of theirs. Every
 * vector and array of the engine uses these numbers.
 *
 * @param tables which tables; null means every table that can be replicated
 * @param spillBudget bytes that files of what waits for databases which are away or slow may take
 * @param onError what is done with changes that a database refuses
 * @param conflicts what becomes of rows that were changed concurrently
 * @param initialCopy whether rows that stand in a table are copied when it joins
 * @param mappings what databases that only receive are given of a table
 * @param sequences which sequences are brought to databases that only receive
 * @param fullCopy databases that get the tables copied whole; null: none
 * @param schemaChanges what is done about columns that a source has and another database lacks
 */
public record SyncSpec(
        String name,
        List<DatabaseSpec> sources,
        List<DatabaseSpec> targets,
        @Nullable List<String> tables,
        ForeignOrigins foreignOrigins,
        SlotBudget slotBudget,
        long spillBudget,
        ClockLimit clockLimit,
        PerTable<OnError> onError,
        Conflicts conflicts,
        PerTable<InitialCopy> initialCopy,
        PerTable<TableMappings> mappings,
        Sequences sequences,
        @Nullable FullCopy fullCopy,
        SchemaChange schemaChanges) {
    /** What {@link #spillBudget} is if nothing else is said: 16 GiB. */
    public static final long SPILL_BUDGET = 16L << 30;

    /** Rows that stand in the tables are taken to be equal. */
    public SyncSpec(
            String name,
            List<DatabaseSpec> sources,
            List<DatabaseSpec> targets,
            @Nullable List<String> tables,
            ForeignOrigins foreignOrigins,
            SlotBudget slotBudget,
            long spillBudget,
            ClockLimit clockLimit,
            PerTable<OnError> onError,
            Conflicts conflicts) {
        this(
                name,
                sources,
                targets,
                tables,
                foreignOrigins,
                slotBudget,
                spillBudget,
                clockLimit,
                onError,
                conflicts,
                PerTable.all(InitialCopy.NEVER),
                PerTable.all(TableMappings.SAME),
                Sequences.NONE,
                null,
                SchemaChange.STOP);
    }

    public SyncSpec(
            String name,
            List<DatabaseSpec> sources,
            List<DatabaseSpec> targets,
            @Nullable List<String> tables,
            ForeignOrigins foreignOrigins,
            SlotBudget slotBudget,
            ClockLimit clockLimit) {
        this(name, sources, targets, tables, foreignOrigins, slotBudget, clockLimit, PerTable.all(OnError.STOP));
    }

    public SyncSpec(
            String name,
            List<DatabaseSpec> sources,
            List<DatabaseSpec> targets,
            @Nullable List<String> tables,
            ForeignOrigins foreignOrigins,
            SlotBudget slotBudget,
            ClockLimit clockLimit,
            PerTable<OnError> onError) {
        this(
                name,
                sources,
                targets,
                tables,
                foreignOrigins,
                slotBudget,
                SPILL_BUDGET,
                clockLimit,
                onError,
                Conflicts.USUAL);
    }

    public SyncSpec {
        sources = sources.stream()
                .sorted(java.util.Comparator.comparing(DatabaseSpec::name))
                .toList();
        targets = targets.stream()
                .sorted(java.util.Comparator.comparing(DatabaseSpec::name))
                .toList();
    }

    /**
     * What becomes of rows that were changed concurrently.
     *
     * @param rules which change wins
     * @param keepHistory how long a discarded change stays in the conflict history
     */
    public record Conflicts(PerTable<ConflictRule> rules, Duration keepHistory) {
        /** The latest wins, and what it won over is kept for thirty days. */
        public static final Conflicts USUAL = new Conflicts(PerTable.all(ConflictRule.LATEST), Duration.ofDays(30));
    }

    /**
     * Which sequences.
     *
     * @param all every one that source and target have
     * @param names names and patterns, as of tables
     */
    public record Sequences(boolean all, List<String> names) {
        public static final Sequences NONE = new Sequences(false, List.of());

        public Sequences {
            names = List.copyOf(names);
        }

        public boolean isNone() {
            return !all && names.isEmpty();
        }
    }

    /** What to do with changes that reached a master by replication from outside this sync. */
    public enum ForeignOrigins {
        FORWARD,
        IGNORE
    }

    /** What to do about a column that a database lacks. */
    public enum SchemaChange {
        /** It stops, named, until a person has added it. */
        STOP,
        /** It is added where that can be done so that the rows are equal. */
        ADDITIVE
    }

    /** What to do when a limit is exceeded. */
    public enum WhenExceeded {
        WARN,
        STOP
    }

    /** How much WAL one slot may retain before it is warned about. */
    public record SlotBudget(long bytes, Duration age) {}

    /** How far a database's clock may be from the others'. */
    public record ClockLimit(Duration limit, WhenExceeded whenExceeded) {}

    /** What a node is given of a table; of a source everything. */
    public TableMapping mapping(int node, TableName table) {
        return node < sourceCount()
                ? TableMapping.SAME
                : mappings.of(table).of(node(node).name());
    }

    /** This for a database where tables have other names: what is said of a table under the name it has there. */
    public SyncSpec named(Map<TableName, TableName> sourceNames) {
        if (sourceNames.entrySet().stream().allMatch(name -> name.getKey().equals(name.getValue()))) {
            return this;
        }
        return new SyncSpec(
                name,
                sources,
                targets,
                tables,
                foreignOrigins,
                slotBudget,
                spillBudget,
                clockLimit,
                onError.named(sourceNames),
                new Conflicts(conflicts.rules().named(sourceNames), conflicts.keepHistory()),
                initialCopy.named(sourceNames),
                mappings,
                sequences,
                fullCopy,
                schemaChanges);
    }

    /** This without some of its databases, by their names; the one that is copied from stays. */
    public SyncSpec without(Set<String> names) {
        List<DatabaseSpec> copied = fullCopy == null ? List.of() : staying(fullCopy.databases(), names);
        return new SyncSpec(
                name,
                staying(sources, names),
                staying(targets, names),
                tables,
                foreignOrigins,
                slotBudget,
                spillBudget,
                clockLimit,
                onError,
                conflicts,
                initialCopy,
                mappings,
                sequences,
                fullCopy == null || copied.isEmpty()
                        ? null
                        : new FullCopy(fullCopy.source(), copied, fullCopy.emptying(), fullCopy.timetable()),
                schemaChanges);
    }

    private static List<DatabaseSpec> staying(List<DatabaseSpec> databases, Set<String> leaving) {
        return databases.stream()
                .filter(database -> !leaving.contains(database.name()))
                .toList();
    }

    /** Whether changes are replicated at all; else tables are only copied whole. */
    public boolean replicates() {
        return nodeCount() > 1;
    }

    /** This for one of its {@link FullCopy} databases, or several: a sync from the copied source to them, and to no other. */
    public SyncSpec copyingTo(List<DatabaseSpec> databases) {
        if (fullCopy == null) {
            throw new IllegalStateException("sync " + name + " copies no tables whole");
        }
        return new SyncSpec(
                name,
                List.of(fullCopy.source()),
                databases,
                tables,
                ForeignOrigins.FORWARD,
                slotBudget,
                spillBudget,
                clockLimit,
                onError,
                conflicts,
                initialCopy,
                mappings,
                Sequences.NONE,
                fullCopy,
                SchemaChange.STOP);
    }

    /** Whether this is what {@link #copyingTo} gave. */
    public boolean copiesWhole() {
        return fullCopy != null && !targets.isEmpty() && fullCopy.databases().containsAll(targets);
    }

    /** What has to be looked at by itself: the replication, if there is any, and each database that is copied to. */
    public List<SyncSpec> parts() {
        List<SyncSpec> parts = new ArrayList<>();
        if (replicates()) {
            parts.add(this);
        }
        if (fullCopy != null) {
            fullCopy.databases().forEach(database -> parts.add(copyingTo(List.of(database))));
        }
        return parts;
    }

    public int sourceCount() {
        return sources.size();
    }

    /** Sources and targets. */
    public int nodeCount() {
        return sources.size() + targets.size();
    }

    public DatabaseSpec node(int index) {
        return index < sources.size() ? sources.get(index) : targets.get(index - sources.size());
    }

    /** More than one source: marks, window and conflict resolution are in force. */
    public boolean isMultiMaster() {
        return sources.size() > 1;
    }
}
