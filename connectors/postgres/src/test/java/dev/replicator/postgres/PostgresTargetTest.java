package dev.replicator.postgres;

import static dev.replicator.postgres.TestDatabase.batch;
import static org.assertj.core.api.Assertions.assertThat;

import dev.replicator.model.Positions;
import dev.replicator.postgres.TestDatabase.TestTable;
import dev.replicator.spi.Target;
import dev.replicator.spi.TargetState;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class PostgresTargetTest {

    @ParameterizedTest
    @ValueSource(ints = {14, 18})
    void rowsAndProgressAreCommittedTogether(int version) {
        TestDatabase database = TestDatabase.create(version, "CREATE TABLE t (id int PRIMARY KEY, a text)");
        TestTable t = database.table("t", "id", "int4", "a", "text");
        try (Target target = database.openMaster()) {
            TargetState state = target.start();
            assertThat(state.fence()).isEqualTo(1);
            assertThat(state.held()).isEqualTo(Positions.zero(2));
            assertThat(state.logEnd()).isPositive();
            assertThat(state.markSecret()).hasSize(32);
            target.write(batch(7, t.upsert("1", "one"), t.upsert("2", null)));
        }
        assertThat(database.values("SELECT id || coalesce(a, '-') FROM t ORDER BY id"))
                .containsExactly("1one", "2-");
        try (Target target = database.openMaster()) {
            TargetState state = target.start();
            assertThat(state.fence()).isEqualTo(2);
            assertThat(state.lastFence()).isEqualTo(1);
            assertThat(state.lastBatch()).isEqualTo(7);
            assertThat(state.held()).isEqualTo(Positions.of(0, 7000));
        }
    }
}
