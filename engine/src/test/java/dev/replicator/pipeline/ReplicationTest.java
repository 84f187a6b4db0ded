package dev.replicator.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.DatabaseSpec;
import dev.replicator.model.SyncSpec;
import dev.replicator.observe.Listener;
import dev.replicator.observe.Listener.State;
import dev.replicator.observe.TargetStatus;
import dev.replicator.policy.Resolution;
import dev.replicator.policy.TablePolicies;
import dev.replicator.resolve.Resolver;
import dev.replicator.resolve.ResolverSettings;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ReplicationTest {
    private static final SyncSpec SYNC = new SyncSpec(
            "bard",
            List.of(database("source")),
            List.of(database("t1"), database("t2")),
            null,
            SyncSpec.ForeignOrigins.FORWARD,
            new SyncSpec.SlotBudget(1 << 30, Duration.ofHours(1)),
            new SyncSpec.ClockLimit(Duration.ofMinutes(1), SyncSpec.WhenExceeded.WARN));
    private static final ReplicationSettings SETTINGS = new ReplicationSettings(
            100,
            50,
            1 << 20,
            4_000,
            1L << 30,
            1 << 20,
            false,
            ReplicationSettings.defaults().spool(),
            Duration.ofMillis(50),
            Duration.ofHours(1));

    private final ScriptedSource source = new ScriptedSource();
    private final RecordingTarget t1 = new RecordingTarget();
    private final RecordingTarget t2 = new RecordingTarget();
    private final FaultyTarget faulty = new FaultyTarget(t1);
    private final Replication replication = new Replication(new Wiring(
            SYNC,
            List.of(source),
            node -> node == 1 ? faulty.session() : t2.session(),
            TablePolicies.fixed(List.of(), table -> Resolution.LATEST),
            (resolutions, conflicts) ->
                    new Resolver(ResolverSettings.of(List.of("source", "t1", "t2"), 1, resolutions, conflicts)),
            SETTINGS,
            new Listener() {}));

    private static DatabaseSpec database(String name) {
        return new DatabaseSpec(name, "test", "test:" + name, null, null, Map.of());
    }

    private static List<Integer> upTo(int last) {
        return IntStream.rangeClosed(1, last).boxed().toList();
    }

    private static ReplicatorException refused() {
        return new ReplicatorException(
                ReplicatorException.Kind.POISON, ErrorCode.TARGET_REFUSED, "cannot write a row", null, null, null);
    }

    private State stateOf(int database) {
        TargetStatus target = replication.status().databases().get(database).target();
        return Objects.requireNonNull(target).state();
    }

    @AfterEach
    void stop() {
        faulty.letWritesThrough();
        assertThat(replication.stop(Duration.ofSeconds(20))).isTrue();
        assertThat(t1.open()).isZero();
        assertThat(t2.open()).isZero();
    }

    @Test
    void everythingIsAppliedEverywhereInOrderAndAcknowledged() throws Exception {
        source.commit(1000);
        replication.start(false);
        long end = source.commit(1000);
        replication.waitForNow().get(30, TimeUnit.SECONDS);
        assertThat(t1.ids()).isEqualTo(upTo(2000));
        assertThat(t2.ids()).isEqualTo(upTo(2000));
        await().until(() -> source.acknowledged() >= end - 50);
    }

    @Test
    void aWaitForAPositionIsOverWhenItHasBeenReached() throws Exception {
        replication.start(false);
        CompletableFuture<Void> wait = replication.waitFor("source", 100 + 10 * 100);
        source.commit(9);
        replication.waitForNow().get(30, TimeUnit.SECONDS);
        assertThat(wait).isNotDone();
        source.commit(1);
        wait.get(30, TimeUnit.SECONDS);
        assertThat(t1.ids()).isEqualTo(upTo(10));
    }

    @Test
    void aSlowTargetAmongOthersHoldsNobodyUp() throws Exception {
        faulty.holdWrites();
        replication.start(false);
        source.commit(1000);
        await().until(() -> t2.ids().size() == 1000);
        assertThat(t1.ids()).isEmpty();
        assertThat(source.acknowledged()).isLessThanOrEqualTo(100);
    }

    @Test
    void whenAllTargetsAreFullTheSourceIsReadNoFurther() throws Exception {
        faulty.holdWrites();
        RecordingTarget only = new RecordingTarget();
        FaultyTarget slow = new FaultyTarget(only);
        ScriptedSource busy = new ScriptedSource();
        SyncSpec pair = new SyncSpec(
                "pair",
                SYNC.sources(),
                List.of(database("t1")),
                null,
                SYNC.foreignOrigins(),
                SYNC.slotBudget(),
                SYNC.clockLimit());
        Replication other = new Replication(new Wiring(
                pair,
                List.of(busy),
                node -> slow.session(),
                TablePolicies.fixed(List.of(), table -> Resolution.LATEST),
                (resolutions, conflicts) ->
                        new Resolver(ResolverSettings.of(List.of("source", "t1"), 1, resolutions, conflicts)),
                SETTINGS,
                new Listener() {}));
        slow.holdWrites();
        busy.commit(20_000);
        other.start(false);
        slow.awaitAWrite();
        await().during(Duration.ofMillis(300)).until(() -> busy.handedOut() < 1_000);
        slow.letWritesThrough();
        await().until(() -> only.ids().size() == 20_000);
        assertThat(only.ids()).isEqualTo(upTo(20_000));
        assertThat(other.stop(Duration.ofSeconds(20))).isTrue();
    }

    @Test
    void aBrokenConnectionToTheSourceLosesAndDoublesNothing() throws Exception {
        replication.start(false);
        for (int i = 1; i <= 5; i++) {
            int connects = i;
            await().until(() -> source.connects() >= connects);
            source.commit(200);
            source.cut();
        }
        replication.waitForNow().get(30, TimeUnit.SECONDS);
        assertThat(t1.ids()).isEqualTo(upTo(1000));
        assertThat(source.connects()).isGreaterThan(1);
    }

    @Test
    void aWriteWhoseAnswerWasLostIsNotRepeated() throws Exception {
        replication.start(false);
        source.commit(10);
        replication.waitForNow().get(30, TimeUnit.SECONDS);
        faulty.failOnceAfter(ScriptedSource.lost());
        source.commit(10);
        replication.waitForNow().get(30, TimeUnit.SECONDS);
        assertThat(t1.ids()).isEqualTo(upTo(20));
    }

    @Test
    void aRefusedChangeStopsThatTargetAloneUntilAKick() throws Exception {
        faulty.failBefore(refused());
        replication.start(false);
        source.commit(100);
        await().until(() -> t2.ids().size() == 100 && stateOf(1) == State.FAILED);
        assertThat(replication.status().databases().get(1).lastError().primary())
                .isEqualTo("cannot write a row");
        assertThat(stateOf(2)).isEqualTo(State.STREAMING);
        faulty.failBefore(null);
        replication.kick().get(30, TimeUnit.SECONDS);
        assertThat(t1.ids()).isEqualTo(upTo(100));
        assertThat(stateOf(1)).isEqualTo(State.STREAMING);
    }

    @Test
    void aPausedSyncAppliesNothingAndSaysSoWhenKicked() throws Exception {
        replication.start(true);
        source.commit(10);
        await().until(() -> stateOf(1) == State.PAUSED && stateOf(2) == State.PAUSED);
        assertThatThrownBy(() -> replication.kick().get(30, TimeUnit.SECONDS)).hasMessageContaining("paused");
        assertThat(t1.ids()).isEmpty();
        replication.resume();
        replication.kick().get(30, TimeUnit.SECONDS);
        assertThat(t1.ids()).isEqualTo(upTo(10));
    }

    @Test
    void stoppingWaitsForTheBatchInFlight() throws Exception {
        faulty.holdWrites();
        replication.start(false);
        source.commit(10);
        faulty.awaitAWrite();
        CompletableFuture<Boolean> stopped =
                CompletableFuture.supplyAsync(() -> replication.stop(Duration.ofSeconds(30)));
        assertThat(stopped).isNotDone();
        faulty.letWritesThrough();
        assertThat(stopped.get(30, TimeUnit.SECONDS)).isTrue();
        assertThat(t1.ids()).isNotEmpty();
    }

    @Test
    void aProcessThatIsFencedOffDropsItsSessionsAndStandsBy() throws Exception {
        replication.start(false);
        source.commit(10);
        replication.waitForNow().get(30, TimeUnit.SECONDS);
        source.heldBy("another process");
        faulty.failBefore(new ReplicatorException(
                ReplicatorException.Kind.FENCED, ErrorCode.TARGET_REFUSED, "fenced", null, null, null));
        source.commit(1);
        await().until(() -> t1.open() == 0 && t2.open() == 0);
        await().until(() -> stateOf(2) == State.STANDBY);
        faulty.failBefore(null);
        source.heldBy("");
        await().atMost(Duration.ofSeconds(20))
                .until(() -> t1.ids().size() == 11 && t2.ids().size() == 11);
        assertThat(t1.ids()).isEqualTo(upTo(11));
    }

    @Test
    void aProcessThatFindsTheSlotHeldStandsByWithoutTouchingATarget() {
        source.heldBy("another process");
        replication.start(false);
        source.commit(10);
        await().until(() -> String.valueOf(replication.status().waitReason()).contains("held by another process"));
        assertThat(t1.open()).isZero();
        source.heldBy("");
        await().until(() -> t1.ids().size() == 10);
    }

    @Test
    void aSourceThatIsAwayIsTriedForEver() throws Exception {
        source.away(ScriptedSource.lost());
        replication.start(false);
        source.commit(10);
        await().until(() -> source.connects() >= 3);
        assertThat(Objects.requireNonNull(
                                replication.status().databases().get(0).source())
                        .state())
                .isEqualTo(State.AWAY);
        source.away(null);
        replication.kick().get(30, TimeUnit.SECONDS);
        assertThat(t2.ids()).isEqualTo(upTo(10));
    }

    @Test
    void aKickWhileTheSourceIsAwayTriesOnceMoreAndThenPausesAgain() {
        source.away(ScriptedSource.lost());
        replication.start(false);
        await().until(() -> source.connects() >= 2);
        CompletableFuture<Void> kick = replication.kick();
        await().during(Duration.ofMillis(500)).until(() -> source.connects() < 20);
        assertThat(kick).isNotDone();
        source.away(null);
        await().until(kick::isDone);
    }

    @Test
    void aProcessThatFindsItsSlotTakenByAnotherStandsByAndStartsAnewLater() throws Exception {
        replication.start(false);
        source.commit(10);
        replication.waitForNow().get(30, TimeUnit.SECONDS);
        source.heldBy("another process");
        source.cut();
        await().until(() -> stateOf(1) == State.STANDBY && t1.open() == 0);
        source.commit(10);
        source.heldBy("");
        await().atMost(Duration.ofSeconds(20)).until(() -> t1.ids().size() == 20);
        assertThat(t1.ids()).isEqualTo(upTo(20));
    }
}
