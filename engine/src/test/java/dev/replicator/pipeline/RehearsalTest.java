package dev.replicator.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.replicator.connector.Connectors;
import dev.replicator.model.Batch;
import dev.replicator.model.Chunk;
import dev.replicator.model.DatabaseSpec;
import dev.replicator.model.SyncSpec;
import dev.replicator.spi.Target;
import dev.replicator.spi.TargetFactory;
import dev.replicator.spi.TargetRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class RehearsalTest {
    private final List<Integer> rowsOfBatches = new ArrayList<>();

    /** Counts rows, and cannot be opened. */
    private final class Counting implements TargetFactory {
        @Override
        public String kind() {
            return "counting";
        }

        @Override
        public Set<String> schemes() {
            return Set.of("counting");
        }

        @Override
        public Target open(TargetRequest request) {
            throw new AssertionError("a rehearsal opens no session");
        }

        @Override
        public Consumer<Batch> rehearsal() {
            return batch -> {
                int rows = 0;
                for (Chunk chunk : batch.chunks()) {
                    rows += chunk.inOrder().size();
                }
                rowsOfBatches.add(rows);
            };
        }
    }

    private void rehearse(int masters) {
        List<DatabaseSpec> databases = List.of(database("one"), database("other"));
        SyncSpec sync = new SyncSpec(
                "bard",
                databases.subList(0, masters),
                databases.subList(masters, 2),
                null,
                SyncSpec.ForeignOrigins.FORWARD,
                new SyncSpec.SlotBudget(1 << 30, Duration.ofHours(1)),
                new SyncSpec.ClockLimit(Duration.ofMinutes(1), SyncSpec.WhenExceeded.WARN));
        Rehearsal.begin(List.of(sync), Connectors.of(new Counting())).await();
    }

    private static DatabaseSpec database(String name) {
        return new DatabaseSpec(name, "counting", "counting:" + name, null, null, Map.of());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void connectorsGetRowsOneByOneAndManyTogether(int masters) {
        rehearse(masters);

        assertThat(rowsOfBatches).contains(1).anyMatch(rows -> rows > 500);
    }
}
