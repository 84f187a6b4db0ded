package dev.replicator.resolve;

import dev.replicator.model.StoredPolicies;
import dev.replicator.policy.PoliciesInForce;
import dev.replicator.policy.Resolution;
import dev.replicator.policy.TablePolicies;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Which policy is configured, in what order policies came into force, and where in the logs. */
final class SimPolicies {
    private final Simulation world;
    /** Each came into force at these positions of the sources, the first at the beginning. */
    final List<Era> eras = new ArrayList<>();
    /** Number of the configured policy. */
    private int configured;

    /** What was committed at or behind these positions is decided by this policy, as far as no later era does. */
    record Era(int policy, long[] from) {}

    SimPolicies(Simulation world) {
        this.world = world;
        eras.add(new Era(0, new long[world.sources]));
    }

    private TablePolicies configuration() {
        return new TablePolicies(
                Map.of(SimTable.TABLE.name(), Integer.toString(configured)),
                (before, after) -> before,
                (table, definition) -> meaning(Integer.parseInt(definition)));
    }

    Resolution meaning(int policy) {
        return world.settings.resolutions().get(policy);
    }

    /** As if the first start were over. */
    StoredPolicies first() {
        return new StoredPolicies(1, configuration().configured());
    }

    PoliciesInForce begin() {
        return new PoliciesInForce(
                IntStream.range(0, world.sources).mapToObj(i -> "n" + i).toList(), configuration());
    }

    /** Somebody edits the configuration; a process that runs may be told, or started again later. */
    void edit() {
        configured = world.random.nextInt(world.settings.resolutions().size());
        world.note("policy " + configured + " is configured");
        if (world.process != null && world.chance(.5)) {
            world.process.inForce.configure(configuration());
        }
    }

    /** A process begins to decide by this policy, having read nothing behind these positions. */
    void decides(StoredPolicies stored, long[] positions) {
        int policy = Integer.parseInt(stored.definitions().get(SimTable.TABLE.name()));
        Era last = eras.get(eras.size() - 1);
        if (last.policy() != policy) {
            world.note("policy " + policy + " decides from " + java.util.Arrays.toString(positions));
            eras.add(new Era(policy, positions));
        }
    }
}
