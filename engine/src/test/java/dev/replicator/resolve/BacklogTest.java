package dev.replicator.resolve;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What waits for a node that is away, beyond memory. */
final class BacklogTest {
    private static final int CHANGES = 10_000;
    private static final int KEYS = 2_000;

    @TempDir
    Path spool;

    @Test
    void aNodeThatWasAwayGetsEverythingInOrderFromFiles() throws IOException {
        AwayHistory history = new AwayHistory(new MemoryLimits(100_000, 100_000, Long.MAX_VALUE, spool), KEYS);
        history.changeWhileAway(CHANGES);
        assertThat(history.resolver.openKeys()).isEqualTo(KEYS);
        assertThat(history.resolver.waitingItems(2)).isEqualTo(CHANGES);
        assertThat(history.resolver.memoryBytes(2)).isLessThan(200_000);
        assertThat(names())
                .as("files have no names that a killed process could leave")
                .isEmpty();
        history.comeBack();
        assertThat(history.received).isEqualTo(CHANGES);
        assertThat(history.isComplete()).isTrue();
        assertThat(history.resolver.openKeys()).isZero();
        assertThat(history.resolver.waitingItems(2)).isZero();
    }

    @Test
    void whatIsSentAndNotKnownToLastStandsInFiles() {
        AwayHistory history = new AwayHistory(new MemoryLimits(100_000, 100_000, Long.MAX_VALUE, spool), KEYS);
        history.changeBeforeMarksAreRead(CHANGES);
        assertThat(history.resolver.waitingItems(2)).isZero();
        assertThat(history.resolver.memoryBytes(1)).isLessThan(200_000);
        assertThat(history.resolver.memoryBytes(2)).isLessThan(200_000);
        assertThat(history.resolver.openKeys()).isEqualTo(KEYS);
        history.readMarks();
        assertThat(history.received).isEqualTo(CHANGES);
        assertThat(history.isComplete()).isTrue();
        assertThat(history.resolver.openKeys()).isZero();
        assertThat(history.resolver.isSettled()).isTrue();
    }

    @Test
    void whatWasSentAndIsLostIsSentOnceMoreFromFiles() {
        AwayHistory history = new AwayHistory(new MemoryLimits(100_000, 100_000, Long.MAX_VALUE, spool), KEYS);
        history.changeBeforeMarksAreRead(CHANGES);
        history.crash();
        history.comeBack();
        assertThat(history.received).as("all of it, twice").isEqualTo(2 * CHANGES);
        assertThat(history.isComplete()).isTrue();
    }

    @Test
    void theOthersCloseWithoutANodeThatIsGivenUpAndNothingIsAcknowledged() {
        AwayHistory history = new AwayHistory(new MemoryLimits(100_000, 100_000, 1_500_000, spool), KEYS);
        history.changeWhileAway(CHANGES);
        assertThat(history.resolver.isDiskSpent()).isTrue();
        history.resolver.giveUp(2);
        assertThat(history.resolver.isGivenUp(2)).isTrue();
        assertThat(history.resolver.openKeys()).isZero();
        assertThat(history.resolver.waitingItems(2)).isZero();
        assertThat(history.resolver.isDiskSpent()).isFalse();
        assertThat(history.resolver.isSettled()).isFalse();
        assertThat(history.resolver.statesToStore())
                .allSatisfy(due -> assertThat(due.source() == 0 ? due.state().position() : 0)
                        .isLessThanOrEqualTo(1000));
    }

    @Test
    void whereNoFileCanBeWrittenNothingIsLostAndTheReasonIsNamed() throws IOException {
        Path file = Files.createFile(spool.resolve("file"));
        AwayHistory history = new AwayHistory(new MemoryLimits(100_000, 100_000, Long.MAX_VALUE, file), KEYS);
        history.changeWhileAway(CHANGES);
        assertThat(Objects.requireNonNull(history.resolver.spillFailure()).primary())
                .contains("could not")
                .contains(file.toString());
        Files.delete(file);
        history.resolver.spillAgain();
        assertThat(history.resolver.spillFailure()).isNull();
        history.comeBack();
        assertThat(history.received).isEqualTo(CHANGES);
        assertThat(history.isComplete()).isTrue();
    }

    private List<Path> names() throws IOException {
        try (Stream<Path> files = Files.list(spool)) {
            return files.toList();
        }
    }
}
