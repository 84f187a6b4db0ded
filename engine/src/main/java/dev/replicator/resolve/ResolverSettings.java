package dev.replicator.resolve;

import dev.replicator.model.Conflict;
import dev.replicator.model.Table;
import dev.replicator.model.TableName;
import dev.replicator.policy.Resolution;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * What a resolver is made for.
 *
 * @param nodes short names in node order: the sources first
 * @param sourceCount how many of them are sources
 * @param resolutions how the value of a table's keys is found; asked once per key that opens
 * @param chunkRows operations merged at once when a batch is written; a limit on memory
 * @param conflicts told of each discarded change, once in this process's life
 * @param memory how much memory the backlog may take
 * @param rules all of them, but in the simulation
 * @param completed with one source: tables whose updates are made whole by the old row, where the log has it, because a
 *     target looks into their rows, or takes whole rows only
 * @param resumes with one source: its log is read on from what the targets keep of it, and begins with all rows
 */
public record ResolverSettings(
        List<String> nodes,
        int sourceCount,
        Function<TableName, Resolution> resolutions,
        int chunkRows,
        Consumer<Conflict> conflicts,
        MemoryLimits memory,
        Set<Rule> rules,
        Predicate<TableName> completed,
        boolean resumes) {

    /** Operations merged at once unless said otherwise. */
    public static final int CHUNK_ROWS = 5_000;

    private static final int MAX_NODES = 63;

    public ResolverSettings {
        nodes = List.copyOf(nodes);
        rules = Set.copyOf(rules);
        if (nodes.size() > MAX_NODES || sourceCount < 1 || sourceCount > nodes.size()) {
            throw new IllegalArgumentException(sourceCount + " sources of " + nodes.size() + " nodes");
        }
    }

    /** No table is completed. */
    ResolverSettings(
            List<String> nodes,
            int sourceCount,
            Function<TableName, Resolution> resolutions,
            int chunkRows,
            Consumer<Conflict> conflicts,
            MemoryLimits memory,
            Set<Rule> rules) {
        this(nodes, sourceCount, resolutions, chunkRows, conflicts, memory, rules, table -> false, false);
    }

    public static ResolverSettings of(
            List<String> nodes,
            int sourceCount,
            Function<TableName, Resolution> resolutions,
            Consumer<Conflict> conflicts) {
        return new ResolverSettings(
                nodes,
                sourceCount,
                resolutions,
                CHUNK_ROWS,
                conflicts,
                MemoryLimits.defaults(),
                EnumSet.allOf(Rule.class));
    }

    Resolution resolution(Table table) {
        return resolutions.apply(table.name());
    }

    /** The same with other limits of memory. */
    public ResolverSettings withMemory(MemoryLimits limits) {
        return new ResolverSettings(
                nodes, sourceCount, resolutions, chunkRows, conflicts, limits, rules, completed, resumes);
    }

    /** The same where these tables are completed. */
    public ResolverSettings completing(Predicate<TableName> tables) {
        return new ResolverSettings(
                nodes, sourceCount, resolutions, chunkRows, conflicts, memory, rules, tables, resumes);
    }

    /** The same for a source whose log begins with all rows, and is read on from what the targets keep. */
    public ResolverSettings resuming(boolean kept) {
        return new ResolverSettings(
                nodes, sourceCount, resolutions, chunkRows, conflicts, memory, rules, completed, kept);
    }

    boolean has(Rule rule) {
        return rules.contains(rule);
    }

    boolean isMultiMaster() {
        return sourceCount > 1;
    }
}
