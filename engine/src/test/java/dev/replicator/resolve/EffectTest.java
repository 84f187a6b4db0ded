package dev.replicator.resolve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.replicator.error.ReplicatorException;
import dev.replicator.model.Change;
import dev.replicator.model.Row;
import dev.replicator.policy.Policies;
import dev.replicator.policy.Resolution;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class EffectTest {
    private static final Resolution COUNTING = new Resolution.Replay(true, Set.of(SimTable.COUNTER));
    private static final Map<String, String> BEFORE = Map.of("a", "1", "t", "1", "u", "1", "c", "10");
    private static final Map<String, String> AFTER = Map.of("a", "1", "t", "2", "u", "1", "c", "7");

    @Test
    void anUpdateCarriesWhatItChangedAndWhatItAdds() {
        Effect effect =
                Effect.of(Change.update(SimTable.key(1), SimTable.row(1, AFTER), SimTable.row(1, BEFORE)), COUNTING);
        Row carried = Objects.requireNonNull(effect.carried());
        assertThat(effect.reset()).isFalse();
        assertThat(SimTable.columns(carried)).isEqualTo(Map.of("t", "2"));
        assertThat(SimTable.added(carried)).isEqualTo(-3);
        assertThat(SimTable.columns(effect.row())).isEqualTo(AFTER);
    }

    @Test
    void anUpdateWithoutItsOldRowIsRefusedWithTheStatementThatHelps() {
        assertThatThrownBy(() -> Effect.of(Change.update(SimTable.key(1), SimTable.row(1, AFTER), null), COUNTING))
                .isInstanceOfSatisfying(
                        ReplicatorException.class,
                        e -> assertThat(e.formatted())
                                .contains("ALTER TABLE \"public\".\"sim\" REPLICA IDENTITY FULL;"));
    }

    @Test
    void aPolicyThatDecidesGetsNoRowWithGaps() {
        Resolution first = new Resolution.Decided("first", Policies.first());
        Row gaps = SimTable.row(1, Map.of("a", "2"));
        assertThatThrownBy(() -> Effect.of(Change.update(SimTable.key(1), gaps, null), first))
                .isInstanceOf(ReplicatorException.class)
                .hasMessageContaining("by policy \"first\"");
        Effect completed = Effect.of(Change.update(SimTable.key(1), gaps, SimTable.row(1, BEFORE)), first);
        assertThat(completed.reset()).isTrue();
        assertThat(SimTable.columns(completed.row())).isEqualTo(Map.of("a", "2", "t", "1", "u", "1", "c", "10"));
    }

    @Test
    void whatIsNoNumberCannotBeCounted() {
        Row none = new Row.Builder(SimTable.RELATION)
                .text("1")
                .text("1")
                .text("2")
                .text("1")
                .nil()
                .build();
        assertThatThrownBy(() -> Effect.of(Change.update(SimTable.key(1), none, SimTable.row(1, BEFORE)), COUNTING))
                .isInstanceOfSatisfying(
                        ReplicatorException.class,
                        e -> assertThat(e.formatted())
                                .contains("cannot add up column \"c\" of table public.sim", "SET NOT NULL;"));
    }
}
