package dev.replicator.resolve;

import static org.assertj.core.api.Assertions.assertThat;

import dev.replicator.model.Change;
import dev.replicator.model.Operation;
import dev.replicator.model.Row;
import dev.replicator.model.Transaction;
import dev.replicator.policy.Resolution;
import dev.replicator.spi.Correction;
import dev.replicator.spi.Refusal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Two rows of different keys with the same unique value. */
final class ClashesTest {
    private final Resolver resolver =
            new Resolver(ResolverSettings.of(List.of("m1", "m2", "m3"), 3, table -> Resolution.LATEST, conflict -> {}));

    private static Row row(int key, String value) {
        return SimTable.row(key, Map.of("a", value, "t", "t", "u", "u", SimTable.COUNTER, "0"));
    }

    private void insert(int source, long time, int key) {
        resolver.deliver(
                source,
                new Transaction(
                        time,
                        time + 8,
                        time,
                        1,
                        null,
                        new SimChanges(List.of(Change.insert(SimTable.key(key), row(key, "sent"))), false)));
    }

    /** Which key is to be deleted on which master, after node 2 has refused {@code refused} because of {@code standing}. */
    private Map<Integer, Correction> judged(int refused, int standing) {
        Operation change = Operation.upsert(SimTable.key(refused), row(refused, "sent"), Operation.UNGUARDED);
        Operation inTheWay = Operation.upsert(SimTable.key(standing), row(standing, "stands"), Operation.UNGUARDED);
        Map<Integer, Correction> todo = new HashMap<>();
        resolver.refused(
                2,
                new Refusal(change, row(refused, "told"), "23505", "u", List.of(inTheWay), List.of(), 0),
                (correction, master) -> todo.put(master, correction));
        return todo;
    }

    private static List<String> deleted(Correction correction) {
        List<String> rows = new ArrayList<>();
        correction
                .changes()
                .forEach(change -> rows.add(change.key() + " "
                        + SimTable.columns(change.requireRow()).get("a")));
        return rows;
    }

    @Test
    void theOlderOneIsDeletedWhereItWasMade() {
        insert(0, 100, 1);
        insert(1, 200, 2);
        assertThat(judged(2, 1)).containsOnlyKeys(0);
        assertThat(deleted(judged(2, 1).get(0))).containsExactly(SimTable.key(1) + " stands");
    }

    /** What was sent may be in binary form, or lack columns; what the database told is neither. */
    @Test
    void aRefusedRowIsLookedForAsTheDatabaseToldOfIt() {
        insert(0, 100, 1);
        insert(1, 200, 2);
        assertThat(judged(1, 2)).containsOnlyKeys(0);
        assertThat(deleted(judged(1, 2).get(0))).containsExactly(SimTable.key(1) + " told");
        assertThat(SimTable.columns(
                        judged(1, 2).get(0).conflicts().get(0).loser().row()))
                .containsEntry("a", "told");
    }

    /** All databases hold it, or have put it aside: it is no longer known where it was made. */
    @Test
    void aRefusedRowThatIsNoLongerOpenIsOlderThanOneThatIs() {
        insert(1, 200, 2);
        assertThat(judged(1, 2)).containsOnlyKeys(Clashes.UNKNOWN);
        assertThat(deleted(judged(1, 2).get(Clashes.UNKNOWN))).containsExactly(SimTable.key(1) + " told");
    }

    @Test
    void nothingIsSaidOfTwoThatAreNoLongerOpen() {
        assertThat(judged(1, 2)).isEmpty();
    }
}
