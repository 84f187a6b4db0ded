package dev.replicator.resolve;

import static org.assertj.core.api.Assertions.assertThat;

import dev.replicator.model.Change;
import dev.replicator.model.Conflict;
import dev.replicator.model.Transaction;
import dev.replicator.policy.Policies;
import dev.replicator.policy.Resolution;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class ConflictsTest {
    private final List<Conflict> conflicts = new ArrayList<>();
    private final Resolver resolver =
            new Resolver(ResolverSettings.of(List.of("m1", "m2"), 2, table -> Resolution.LATEST, conflicts::add));

    private void commit(int source, long lsn, Change... changes) {
        resolver.deliver(source, new Transaction(lsn, lsn + 8, lsn, 1, null, new SimChanges(List.of(changes), false)));
    }

    private static Change insert(String a) {
        return Change.insert(
                SimTable.key(1), SimTable.row(1, Map.of("a", a, "t", "t", "u", "u", SimTable.COUNTER, "0")));
    }

    private static Change update(String a) {
        return Change.update(SimTable.key(1), SimTable.row(1, Map.of("a", a)), null);
    }

    private static Change delete() {
        return Change.delete(SimTable.key(1), SimTable.row(1, Map.of()), null);
    }

    /** The history has one entry for a transaction and key: it has to be the row that was lost. */
    @Test
    void aRowThatATransactionDeletesAndInsertsAgainLosesAsWhatItBecame() {
        commit(1, 200, insert("later"));
        commit(0, 100, delete(), insert("lost"));

        assertThat(conflicts).hasSize(1);
        assertThat(SimTable.columns(conflicts.get(0).loser().row())).containsEntry("a", "lost");
    }

    @Test
    void soItDoesWhereAPolicyDecides() {
        List<Conflict> discarded = new ArrayList<>();
        Resolution first = new Resolution.Decided("first", Policies.first());
        Resolver deciding = new Resolver(ResolverSettings.of(List.of("m1", "m2"), 2, table -> first, discarded::add));
        deciding.deliver(1, new Transaction(100, 108, 100, 1, null, new SimChanges(List.of(insert("sooner")), false)));
        deciding.deliver(
                0, new Transaction(200, 208, 200, 1, null, new SimChanges(List.of(delete(), insert("lost")), false)));

        assertThat(discarded).hasSize(1);
        assertThat(SimTable.columns(discarded.get(0).loser().row())).containsEntry("a", "lost");
        assertThat(discarded.get(0).policy()).isEqualTo("first");
    }

    @Test
    void ofOneChangeAfterAnotherOnTheSameMasterTheLastLoses() {
        commit(0, 100, insert("seen"), delete());
        commit(0, 110, insert("lost"));
        commit(1, 200, insert("later"));

        assertThat(conflicts).hasSize(1);
        assertThat(SimTable.columns(conflicts.get(0).loser().row())).containsEntry("a", "lost");
    }

    @Test
    void updatesWithGapsThatCarryTheSameAreNoConflict() {
        commit(0, 100, update("same"));
        commit(1, 200, update("same"));
        assertThat(conflicts).isEmpty();

        commit(0, 300, update("other"));
        assertThat(conflicts).hasSize(1);
    }
}
