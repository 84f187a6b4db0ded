package dev.replicator.resolve;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.replicator.policy.Policies;
import dev.replicator.policy.Resolution;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Rules that next to no drawn history needs: one is written down for each. */
final class ScriptedRuleTest {
    /**
     * A change that was made in sight of another one comes back after a restart: only the stored V says that it was, as
     * the mark that did lies before the place where reading starts.
     */
    @Test
    void withoutStoredVAChangeIsTakenForConcurrentWithWhatItHadSeen() {
        needs(Rule.STATEV, 3, new Resolution.Decided("priority", Policies.priority(List.of("n1", "n0"))), script -> {
            script.start().settle().commit(2, "insert", 0).read(2).settle();
            script.commit(1, "update", 0).read(1).write(0).read(0);
            script.store(0);
            script.commit(0, "update", 0).kill().start();
        });
    }

    /**
     * A change comes back after a restart, made by a clock that is behind in sight of a later one: only the stored H says
     * how late it has to count, as the mark that did lies before the place where reading starts.
     */
    @Test
    void withoutStoredHAChangeLosesToWhatItHadSeen() {
        needs(Rule.STATEH, 3, new Resolution.Replay(false, Set.of(SimTable.COUNTER)), script -> {
            script.world.nodes.get(0).skewMicros = -5_000;
            script.start().settle().commit(2, "insert", 0).read(2).settle();
            script.commit(1, "update", 0).read(1).write(0).read(0);
            script.store(0);
            script.commit(0, "update", 0).kill().start();
        });
    }

    /**
     * A version that was done would not be any more, while the one it lost to need not be read again: it would come back
     * from the dead.
     */
    @Test
    void withAStoredQThatShrinksALoserComesBack() {
        needs(Rule.DMONO, 2, Resolution.LATEST, script -> {
            script.start().settle().commit(1, "insert", 0).commit(0, "insert", 0);
            script.read(0).write(1).settle().store(0).kill();
            script.start().read(0, 1).joinOnly(0, 1);
            script.otherLog(0).read(0).store(0).kill().start();
        });
    }

    private static void needs(Rule rule, int sources, Resolution resolution, Consumer<SimScript> history) {
        assertThatCode(() -> run(settings(sources, resolution), history)).doesNotThrowAnyException();
        SimSettings without = settings(sources, resolution);
        without.without(rule);
        assertThatThrownBy(() -> run(without, history)).isInstanceOf(SimViolation.class);
    }

    private static SimSettings settings(int sources, Resolution resolution) {
        return SimSettings.drawn(s -> {
            s.sources = sources;
            s.nodes = sources;
            s.keys = 1;
            s.resolution = resolution;
            s.rows = SimSettings.Rows.FULL;
            // Nothing but what the script says happens.
            s.crashes(.0001, 1, 0, 0);
        });
    }

    private static void run(SimSettings settings, Consumer<SimScript> history) {
        SimScript script = new SimScript(settings);
        history.accept(script);
        script.end();
    }
}
