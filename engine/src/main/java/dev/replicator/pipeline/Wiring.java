package dev.replicator.pipeline;

import dev.replicator.mapping.NodeMapping;
import dev.replicator.model.Conflict;
import dev.replicator.model.SyncSpec;
import dev.replicator.model.TableName;
import dev.replicator.observe.Listener;
import dev.replicator.policy.ExceptionRules;
import dev.replicator.policy.Resolution;
import dev.replicator.policy.TablePolicies;
import dev.replicator.resolve.Resolver;
import dev.replicator.spi.Target;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.function.IntPredicate;

/**
 * What a term is made of.
 *
 * @param sources how to read each source, in source order
 * @param target opens a session of a node
 * @param mapping what a node is given of the tables
 * @param preparation what a node needs before
 * @param mending mends the tables of a node where they differ; says whether anything was
 * @param policies the policies configured at the start
 * @param resolving makes an empty resolver
 * @param exceptions what is done about refused changes
 */
record Wiring(
        SyncSpec sync,
        List<LogSource> sources,
        IntFunction<Target> target,
        IntFunction<NodeMapping> mapping,
        IntFunction<Opening.Preparation> preparation,
        IntPredicate mending,
        TablePolicies policies,
        Resolving resolving,
        ReplicationSettings settings,
        Listener listener,
        ExceptionRules exceptions) {

    /** Nodes that need nothing before they are written, and databases that refuse nothing. */
    Wiring(
            SyncSpec sync,
            List<LogSource> sources,
            IntFunction<Target> target,
            TablePolicies policies,
            Resolving resolving,
            ReplicationSettings settings,
            Listener listener) {
        this(
                sync,
                sources,
                target,
                node -> NodeMapping.NONE,
                node -> Opening.Preparation.NONE,
                node -> false,
                policies,
                resolving,
                settings,
                listener,
                ExceptionRules.NONE);
    }

    /** Makes an empty resolver that asks how a table's conflicts are resolved, and tells of those that were. */
    interface Resolving {
        Resolver make(Function<TableName, Resolution> resolutions, Consumer<Conflict> conflicts);
    }

    Opening opening(int node) {
        return new Opening(
                preparation.apply(node), () -> target.apply(node), () -> mapping.apply(node), () -> mending.test(node));
    }

    String name(int node) {
        return sync.node(node).name();
    }

    /** Whether anything is ever written to this node: the only source of a sync is not. */
    boolean isWritten(int node) {
        return node >= sync.sourceCount() || sync.isMultiMaster();
    }
}
