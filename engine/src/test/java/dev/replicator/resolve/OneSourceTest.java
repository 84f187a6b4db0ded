package dev.replicator.resolve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.replicator.error.ReplicatorException;
import dev.replicator.model.Change;
import dev.replicator.model.ChangeKind;
import dev.replicator.model.Operation;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class OneSourceTest {
    @Test
    void aWholeRowIsAnUpsertAndOneWithGapsAnUpdate() {
        Map<String, String> whole = Map.of("a", "1", "t", "1", "u", "1", "c", "0");
        assertThat(OneSource.operation(Change.update(SimTable.key(1), SimTable.row(1, whole), null))
                        .kind())
                .isEqualTo(Operation.Kind.UPSERT);
        assertThat(OneSource.operation(Change.update(SimTable.key(1), SimTable.row(1, Map.of("a", "2")), null))
                        .kind())
                .isEqualTo(Operation.Kind.UPDATE);
    }

    @Test
    void aRowThatMovesWithGapsStopsTheSyncInsteadOfGettingLost() {
        Change moved = new Change(
                ChangeKind.INSERT,
                SimTable.TABLE,
                SimTable.key(2),
                SimTable.row(2, Map.of("a", "1")),
                null,
                SimTable.key(1));
        assertThatThrownBy(() -> OneSource.operation(moved))
                .isInstanceOf(ReplicatorException.class)
                .hasMessageContaining("cannot carry a change of key in table public.sim");
    }
}
