package dev.replicator.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.replicator.observe.DatabaseStatus;
import dev.replicator.observe.ErrorStatus;
import dev.replicator.observe.Listener.State;
import dev.replicator.observe.SourceStatus;
import dev.replicator.observe.SyncStatus;
import dev.replicator.observe.TargetStatus;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class LiveStatusTest {
    @Test
    void aStreamingMasterShowsItsCounts() {
        assertThat(row(LiveStatus.lines(status(false, State.STREAMING, null))))
                .containsExactly("shake1", "streaming", "7", "5", "2", "1.5 s", "1", "");
    }

    @Test
    void aPausedSyncShowsThatItIsPaused() {
        assertThat(row(LiveStatus.lines(status(true, State.PAUSED, null)))).contains("paused");
    }

    @Test
    void aTargetThatIsAwayShowsItsStateAndItsError() {
        ErrorStatus error =
                new ErrorStatus("CONNECTION", "could not connect", null, null, null, Instant.EPOCH, 1, true);
        assertThat(row(LiveStatus.lines(status(false, State.AWAY, error)))).contains("away", "could not connect");
    }

    private static SyncStatus status(boolean paused, State target, @Nullable ErrorStatus error) {
        return new SyncStatus(
                "bard",
                paused,
                null,
                List.of(new DatabaseStatus(
                        "shake1",
                        new SourceStatus(State.STREAMING, "", 0, 0, 0, 3, 7, 1),
                        new TargetStatus(target, "", 4, 5, 1, 2, 100, 1_500_000),
                        null,
                        null,
                        null,
                        error)));
    }

    private static List<String> row(List<String> lines) {
        return List.of(lines.get(2).split("\\|", -1)).stream().map(String::trim).toList();
    }
}
