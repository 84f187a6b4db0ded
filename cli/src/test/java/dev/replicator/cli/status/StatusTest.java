package dev.replicator.cli.status;

import static org.assertj.core.api.Assertions.assertThat;

import dev.replicator.model.SyncSpec.ClockLimit;
import dev.replicator.model.SyncSpec.WhenExceeded;
import dev.replicator.observe.DatabaseStatus;
import dev.replicator.observe.ErrorStatus;
import dev.replicator.observe.FullCopyStatus;
import dev.replicator.observe.Listener.State;
import dev.replicator.observe.SlotStatus;
import dev.replicator.observe.SourceStatus;
import dev.replicator.observe.SyncStatus;
import dev.replicator.observe.TablesStatus;
import dev.replicator.observe.TargetStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StatusTest {
    private static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");
    private static final DatabaseStatus MASTER = new DatabaseStatus(
            "shake1",
            new SourceStatus(State.STREAMING, "", 0x1_0000_0000L, 0x1_0000_0800L, 0x1_0000_0000L, 5, 17, 1),
            new TargetStatus(State.STREAMING, "", 7, 20, 3, 2, 300, 1_500_000),
            null,
            new SlotStatus(
                    "replicator_bard_shake1_0", true, 5L << 30, 4L << 30, null, Duration.ofHours(24), null, null),
            Duration.ofSeconds(-90),
            null);
    private static final DatabaseStatus AWAY = new DatabaseStatus(
            "reports",
            null,
            new TargetStatus(State.AWAY, "tried again in 5s", 0, 0, 0, 0, 0, 0),
            "waits for the network",
            null,
            null,
            new ErrorStatus(
                    "CONNECTION",
                    "could not connect to database \"reports\"",
                    "Nobody listens there.",
                    "Start it.",
                    null,
                    NOW.minusSeconds(5),
                    3,
                    true));
    private static final SyncStatus SYNC =
            new SyncStatus("bard", false, null, List.of(MASTER, AWAY), Map.of("update_origin_differs", 1L));

    @Test
    void jsonKeepsEverything() {
        assertThat(StatusJson.read(StatusJson.write(true, List.of(SYNC)))).containsExactly(SYNC);
    }

    @Test
    void fullCopiesAreInTheJsonAndInTheText() {
        FullCopyStatus done = new FullCopyStatus(
                "archive", "shake1", NOW.minusSeconds(60), 1234, NOW.plusSeconds(3600), null, null, null);
        FullCopyStatus failing =
                new FullCopyStatus("copy", null, null, 0, null, "tried again in 7 s", null, AWAY.lastError());
        SyncStatus sync = SYNC.withFullCopies(List.of(done, failing));

        assertThat(StatusJson.read(StatusJson.write(true, List.of(sync)))).containsExactly(sync);
        assertThat(render(new SyncStatus("bard", false, null, List.of(MASTER), Map.of()).withFullCopies(List.of(done))))
                .contains(
                        "sync bard: running", "archive: 1,234 rows were copied whole from shake1 1min ago, next in 1h");
        assertThat(render(sync))
                .contains(
                        "copy: has not been copied whole yet; tried again in 7 s", "ERROR:   copy: could not connect");
        assertThat(sync.isHealthy()).isFalse();
    }

    @Test
    void jsonHasTheKeysThatArePromised() {
        String json = StatusJson.write(true, List.of(SYNC)).toString();

        assertThat(json)
                .contains("\"running\":true", "\"position\":\"1/0\"", "\"server_end\":\"1/800\"", "\"lag_bytes\":2048")
                .contains("\"lag_seconds\":1.5", "\"clock_offset_seconds\":-90.0", "\"retained_bytes\":5368709120")
                .contains("\"conflicts\":{\"update_origin_differs\":1}")
                .contains("\"healthy\":false", "\"hint\":\"Start it.\"");
    }

    @Test
    void tableShowsStatesAndLag() {
        assertThat(render(SYNC).lines().toList())
                .startsWith(
                        "sync bard: needs attention",
                        "  database  reads      writes       unread   lag  waiting  read tx/rows  applied tx/rows  lost"
                                + "  retained  since      clock",
                        "  shake1    streaming  streaming  2.00 KiB  1.5s        2          5/17             7/20     1"
                                + "  5.00 GiB      -  -1min 30s",
                        "  reports   -          away              -   0ms        0             -              0/0     -"
                                + "         -      -          -");
    }

    @Test
    void everythingThatNeedsAttentionIsSaidBelow() {
        assertThat(render(SYNC))
                .contains("  conflicts: update_origin_differs 1\n")
                .contains(
                        "WARNING: shake1: slot \"replicator_bard_shake1_0\" makes the server keep 5.00 GiB of log, more"
                                + " than its budget of 4.00 GiB")
                .contains("WARNING: shake1: its clock is off by 1min 30s, more than 1min")
                .contains("  reports: waits for the network\n")
                .contains("  reports: writing: tried again in 5s\n")
                .contains("  ERROR:   reports: could not connect to database \"reports\" (5s ago, 3 times)\n"
                        + "  DETAIL:  Nobody listens there.\n"
                        + "  HINT:    Start it.\n");
    }

    @Test
    void tablesThatDivergeAndHandlersThatFailAreNamed() {
        SyncStatus told = SYNC.with(new TablesStatus(
                List.of("public.draft"),
                List.of(new TablesStatus.Handler("public.stock", "script \"stock.js\"", 3, "it answered null"))));

        assertThat(render(told))
                .contains("  diverges: public.draft (policy skip")
                .contains(
                        "  WARNING: script \"stock.js\" of table public.stock has failed 3 times since the start, and the"
                                + " fallback decided: it answered null\n");
        assertThat(StatusJson.read(StatusJson.write(true, List.of(told)))).containsExactly(told);
    }

    @Test
    void forecastSaysWhenTheBudgetIsSpent() {
        SlotStatus growing =
                new SlotStatus("s", true, 1L << 30, 4L << 30, null, Duration.ofHours(24), Duration.ofMinutes(30), null);
        DatabaseStatus database =
                new DatabaseStatus("shake1", MASTER.source(), MASTER.target(), null, growing, Duration.ZERO, null);

        assertThat(render(new SyncStatus("bard", true, null, List.of(database), Map.of())))
                .contains("sync bard: paused (\"replicator resume bard\" ends it)")
                .contains("WARNING: shake1: slot \"s\" will have spent its budget of 4.00 GiB in about 30min");
    }

    @Test
    void pausedAndHealthyHasNoNotes() {
        DatabaseStatus quiet =
                new DatabaseStatus("shake1", MASTER.source(), MASTER.target(), null, null, Duration.ZERO, null);

        assertThat(render(new SyncStatus("bard", false, null, List.of(quiet), Map.of()))
                        .lines())
                .hasSize(3);
    }

    private static String render(SyncStatus status) {
        return new StatusText(NOW, sync -> new ClockLimit(Duration.ofMinutes(1), WhenExceeded.WARN))
                .render(List.of(status));
    }
}
