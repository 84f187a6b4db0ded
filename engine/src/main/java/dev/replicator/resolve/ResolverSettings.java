package dev.replicator.resolve;

import dev.replicator.model.Conflict;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * What a resolver is made for.
 *
 * @param nodes short names in node order: the sources first
 * @param sourceCount how many of them are sources
 * @param chunkRows operations merged at once when a batch is written; a limit on memory
 * @param conflicts told of each discarded change, once in this process's life
 * @param memory how much memory the backlog may take
 * @param rules all of them, but in the simulation
 */
public record ResolverSettings(
        List<String> nodes,
        int sourceCount,
        int chunkRows,
        Consumer<Conflict> conflicts,
        MemoryLimits memory,
        Set<Rule> rules) {

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

    public static ResolverSettings of(List<String> nodes, int sourceCount, Consumer<Conflict> conflicts) {
        return new ResolverSettings(
                nodes, sourceCount, CHUNK_ROWS, conflicts, MemoryLimits.defaults(), EnumSet.allOf(Rule.class));
    }

    /** The same with other limits of memory. */
    public ResolverSettings withMemory(MemoryLimits limits) {
        return new ResolverSettings(nodes, sourceCount, chunkRows, conflicts, limits, rules);
    }

    boolean has(Rule rule) {
        return rules.contains(rule);
    }

    boolean isMultiMaster() {
        return sourceCount > 1;
    }
}
