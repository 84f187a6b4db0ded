package dev.replicator.resolve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.replicator.codec.SpooledChanges;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.Batch;
import dev.replicator.model.Change;
import dev.replicator.model.MarkNumber;
import dev.replicator.model.Positions;
import dev.replicator.model.Reached;
import dev.replicator.model.Resume;
import dev.replicator.model.SourceState;
import dev.replicator.model.Transaction;
import dev.replicator.policy.Resolution;
import dev.replicator.spi.TargetState;
import dev.replicator.spi.WriteResult;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** One source whose log begins with all rows, and is read on from what the targets keep. */
final class ResumingTest {
    private static final Resume RESUME = new Resume("there", "as it was");

    private final Resolver resolver =
            new Resolver(ResolverSettings.of(List.of("s", "a", "b"), 1, table -> Resolution.LATEST, conflict -> {})
                    .resuming(true));

    private static TargetState holding(long held, long position) {
        SourceState state = position == 0
                ? SourceState.none(1)
                : new SourceState(position, 0, Positions.zero(1), MarkNumber.NONE, Positions.zero(1), RESUME);
        return TargetState.ofReceiver(1, 0, 0, Positions.of(held), List.of(state));
    }

    private static Transaction transaction(long place, Resume resume) {
        Change change = Change.insert(SimTable.key((int) place), SimTable.row((int) place, Map.of("a", "1")));
        return new Transaction(place, place + 1, 0, 0, null, SpooledChanges.of(change), resume);
    }

    @Test
    void theBeginningIsReadOnlyWhenNobodyKeepsAnything() {
        resolver.connected(1, holding(0, 0));
        assertThat(resolver.startPosition(0)).isNegative();
        resolver.connected(2, holding(0, 0));
        assertThat(resolver.startPosition(0)).isZero();
        assertThat(resolver.resume(0)).isNull();
    }

    @Test
    void whoKeepsWhereToReadOnIsEnough() {
        resolver.connected(2, holding(70, 51));

        assertThat(resolver.startPosition(0)).isEqualTo(51);
        assertThat(resolver.resume(0)).isEqualTo(RESUME);
    }

    @Test
    void whoHasNothingOfItIsRefusedWheneverHeComes() {
        resolver.connected(1, holding(70, 51));

        assertThatThrownBy(() -> resolver.connected(2, holding(0, 0)))
                .isInstanceOf(ReplicatorException.class)
                .hasMessageContaining("cannot begin with database \"b\" in the middle");
    }

    @Test
    void whoHasNothingOfItIsRefusedAlsoIfHeComesFirst() {
        resolver.connected(2, holding(0, 0));

        assertThatThrownBy(() -> resolver.connected(1, holding(70, 51)))
                .isInstanceOf(ReplicatorException.class)
                .hasMessageContaining("cannot begin with database \"b\" in the middle");
    }

    @Test
    void whatWasReadFurtherHidesNoTransaction() {
        resolver.connected(1, holding(0, 0));
        resolver.connected(2, holding(0, 0));

        resolver.deliver(0, new Reached(1000));
        resolver.deliver(0, transaction(500, RESUME));

        Batch batch = resolver.nextBatch(1, 10);
        assertThat(batch).isNotNull();
        assertThat(batch.held()).isEqualTo(Positions.of(501));
    }

    @Test
    void whatTheLogIsReadOnFromGoesToTheTargetsOnceAllHaveWrittenIt() {
        resolver.connected(1, holding(0, 0));
        resolver.connected(2, holding(0, 0));
        resolver.deliver(0, transaction(500, RESUME));
        resolver.deliver(0, transaction(600, new Resume("later", "as it was")));
        write(1);
        assertThat(resolver.acknowledgeable(0)).isZero();
        assertThat(resolver.nextBatch(1, 10)).isNull();
        write(2);
        assertThat(resolver.acknowledgeable(0)).isZero();

        SourceState kept = write(1).states().get(0);
        assertThat(kept.position()).isEqualTo(601);
        assertThat(kept.resume()).isEqualTo(new Resume("later", "as it was"));
        assertThat(resolver.acknowledgeable(0)).isZero();
        write(2);
        assertThat(resolver.acknowledgeable(0)).isEqualTo(601);
    }

    private Batch write(int node) {
        Batch batch = resolver.nextBatch(node, 10);
        assertThat(batch).isNotNull();
        resolver.written(node, batch.number(), new WriteResult(Set.of(), 1));
        resolver.durable(node, batch.number());
        return batch;
    }
}
