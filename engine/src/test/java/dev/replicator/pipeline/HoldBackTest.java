package dev.replicator.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.DatabaseSpec;
import dev.replicator.model.SyncSpec;
import dev.replicator.observe.Listener;
import dev.replicator.observe.TargetStatus;
import dev.replicator.policy.Resolution;
import dev.replicator.policy.TablePolicies;
import dev.replicator.resolve.MemoryLimits;
import dev.replicator.resolve.Resolver;
import dev.replicator.resolve.ResolverSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is held back, and what is not, when what waits for a target does not fit into memory. */
final class HoldBackTest {
    private static final int MANY = 10_000;
    private static final Duration LONG = Duration.ofSeconds(60);

    @TempDir
    Path spool;

    private final ScriptedSource source = new ScriptedSource();
    private final RecordingTarget t1 = new RecordingTarget();
    private final RecordingTarget t2 = new RecordingTarget();
    private final FaultyTarget faulty = new FaultyTarget(t1);
    private @Nullable Replication replication;

    private Replication start(long diskBytes, Path directory) {
        SyncSpec sync = new SyncSpec(
                "bard",
                List.of(database("source")),
                List.of(database("t1"), database("t2")),
                null,
                SyncSpec.ForeignOrigins.FORWARD,
                new SyncSpec.SlotBudget(1 << 30, Duration.ofHours(1)),
                new SyncSpec.ClockLimit(Duration.ofSeconds(60), SyncSpec.WhenExceeded.WARN));
        MemoryLimits limits = new MemoryLimits(10_000, 10_000, diskBytes, directory);
        ReplicationSettings settings = ReplicationSettings.defaults().withWaiting(200_000, diskBytes);
        replication = new Replication(new Wiring(
                sync,
                List.of(source),
                node -> node == 1 ? faulty.session() : t2.session(),
                TablePolicies.fixed(List.of(), table -> Resolution.LATEST),
                (resolutions, conflicts) ->
                        new Resolver(ResolverSettings.of(List.of("source", "t1", "t2"), 1, resolutions, conflicts)
                                .withMemory(limits)),
                settings,
                new Listener() {}));
        replication.start(false);
        return replication;
    }

    private static DatabaseSpec database(String name) {
        return new DatabaseSpec(name, "test", "test:" + name, null, null, Map.of());
    }

    private static ReplicatorException away() {
        return new ReplicatorException(
                ReplicatorException.Kind.RETRYABLE, ErrorCode.CONNECTION, "could not write", null, null, null);
    }

    private static TargetStatus t1(Replication running) {
        return Objects.requireNonNull(running.status().databases().get(1).target());
    }

    @AfterEach
    void stop() {
        faulty.letWritesThrough();
        if (replication != null) {
            assertThat(replication.stop(Duration.ofSeconds(20))).isTrue();
        }
    }

    @Test
    void aTargetThatIsSlowForLongStopsNobodyAndGetsEverything() throws Exception {
        faulty.holdWrites();
        Replication running = start(1L << 30, spool);
        source.commit(MANY);
        await().atMost(LONG).until(() -> t2.ids().size() == MANY);
        await().until(() -> t1(running).waitingTransactions() > MANY / 2);
        faulty.letWritesThrough();
        running.waitForNow().get(60, TimeUnit.SECONDS);
        assertThat(t1.ids()).isEqualTo(IntStream.rangeClosed(1, MANY).boxed().toList());
    }

    @Test
    void aTargetThatAnswersButCannotBeWrittenIsGivenUpAndKeepsNobodyReading() throws Exception {
        faulty.failBefore(away());
        Replication running = start(100_000, spool);
        source.commit(MANY);
        await().atMost(LONG).until(() -> t2.ids().size() == MANY);
        await().untilAsserted(() -> assertThat(t1(running).reason()).contains("is given up since"));
        assertThat(source.acknowledged()).isLessThanOrEqualTo(100);
        faulty.failBefore(null);
        CompletableFuture<Void> unused = running.kick();
        await().atMost(LONG).until(() -> t1.ids().size() == MANY);
        assertThat(t1.ids()).isEqualTo(IntStream.rangeClosed(1, MANY).boxed().toList());
        assertThat(t2.ids()).hasSize(MANY);
    }

    @Test
    void whereNobodyIsAwayAndNoQueueIsFullSpentFilesHoldNobodyBack() throws Exception {
        Replication running = start(-1, spool);
        for (int i = 0; i < 20; i++) {
            source.commit(10);
            running.waitForNow().get(30, TimeUnit.SECONDS);
        }
        assertThat(t1.ids()).hasSize(200);
    }

    @Test
    void whereFilesCannotBeWrittenTheSourceIsHeldBackByNameAndNothingIsLost() throws Exception {
        Path file = Files.createFile(spool.resolve("file"));
        faulty.holdWrites();
        Replication running = start(1L << 30, file);
        source.commit(MANY);
        await().untilAsserted(
                        () -> assertThat(running.status().databases().get(1).waitReason())
                                .contains("could not")
                                .contains("the sources are read no further"));
        await().during(Duration.ofMillis(300)).until(() -> t2.ids().size() < MANY);
        Files.delete(file);
        faulty.letWritesThrough();
        running.waitForNow().get(60, TimeUnit.SECONDS);
        assertThat(t1.ids()).isEqualTo(IntStream.rangeClosed(1, MANY).boxed().toList());
        assertThat(t2.ids()).hasSize(MANY);
    }
}
