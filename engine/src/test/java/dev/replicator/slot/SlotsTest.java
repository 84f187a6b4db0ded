package dev.replicator.slot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.DatabaseSpec;
import dev.replicator.model.Lsn;
import dev.replicator.session.Endpoint;
import dev.replicator.session.Sessions;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.PGConnection;

class SlotsTest {
    private final List<Runnable> cleanup = new ArrayList<>();

    @AfterEach
    void dropSlots() {
        cleanup.forEach(Runnable::run);
    }

    @ParameterizedTest
    @ValueSource(ints = {14, 18})
    void aSlotIsMadeListedCopiedAdvancedAndDropped(int version) throws SQLException {
        DatabaseSpec spec = TestServers.database(version, "shake");
        String name = Endpoint.of(spec).database();
        try (Connection connection = TestServers.open(spec)) {
            Slots slots = new Slots(connection, "shake");
            Slot made = slots.create(name, blockers -> true);
            assertThat(made.plugin()).isEqualTo("pgoutput");
            assertThat(made.database()).isEqualTo(name);
            assertThat(made.isActive()).isFalse();
            assertThat(made.isInvalidated()).isFalse();
            assertThat(made.walStatus()).isEqualTo("reserved");
            assertThat(made.confirmedFlush()).isGreaterThan(0);
            assertThat(slots.list()).extracting(Slot::name).contains(name);

            TestServers.run(spec, "CREATE TABLE t (id int)", "INSERT INTO t SELECT generate_series(1, 1000)");
            assertThat(slots.find(name).orElseThrow().retainedBytes()).isGreaterThan(made.retainedBytes() + 50_000);
            Slot copy = slots.copy(name, name + "_copy", true);
            assertThat(copy.temporary()).isTrue();
            assertThat(copy.confirmedFlush()).isEqualTo(made.confirmedFlush());

            long end = currentLsn(connection);
            assertThat(slots.advance(name, end)).isGreaterThanOrEqualTo(end);
            assertThat(slots.drop(name)).isTrue();
            assertThat(slots.drop(name)).isFalse();
            ReplicatorException gone = catchThrowableOfType(ReplicatorException.class, () -> slots.advance(name, end));
            assertThat(gone.code()).isEqualTo(ErrorCode.SLOT_MISSING);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {14, 18})
    void whoeverIsWaitedForIsNamed(int version) throws SQLException {
        DatabaseSpec spec = TestServers.database(version, "shake");
        String name = Endpoint.of(spec).database();
        try (Connection connection = TestServers.open(spec);
                Connection writer = Sessions.open(spec, "slow writer")) {
            writer.setAutoCommit(false);
            try (Statement statement = writer.createStatement()) {
                statement.execute("CREATE TABLE public.t (id int)");
            }
            Slots slots = new Slots(connection, "shake");
            ReplicatorException given =
                    catchThrowableOfType(ReplicatorException.class, () -> slots.create(name, blockers -> false));
            assertThat(given.code()).isEqualTo(ErrorCode.TIMEOUT);
            assertThat(given.detail()).contains("application slow writer", "idle in transaction", "user postgres");
            assertThat(slots.find(name)).isEmpty();

            List<List<Blocker>> heard = new ArrayList<>();
            slots.create(name, blockers -> {
                heard.add(blockers);
                commit(writer);
                return true;
            });
            assertThat(heard).hasSize(1);
            assertThat(slots.drop(name)).isTrue();
        }
    }

    @Test
    void aSlotInUseNamesItsHolder() throws SQLException {
        DatabaseSpec spec = TestServers.database(18, "shake");
        String name = Endpoint.of(spec).database();
        try (Connection connection = TestServers.open(spec)) {
            Slots slots = new Slots(connection, "shake");
            slots.create(name, blockers -> true);
            TestServers.run(spec, "CREATE PUBLICATION p");
            try (Connection stream = Sessions.openReplication(spec, "other process", Map.of())) {
                stream.unwrap(PGConnection.class)
                        .getReplicationAPI()
                        .replicationStream()
                        .logical()
                        .withSlotName(name)
                        .withSlotOption("proto_version", "1")
                        .withSlotOption("publication_names", "p")
                        .start();
                ReplicatorException busy = catchThrowableOfType(
                        ReplicatorException.class,
                        () -> SlotChecks.verify(slots.find(name), name, "bard", "shake", name, 0));
                assertThat(busy.code()).isEqualTo(ErrorCode.SLOT_BUSY);
                assertThat(busy.kind()).isEqualTo(ReplicatorException.Kind.RETRYABLE);
                assertThat(busy.detail()).contains("application \"other process\"", "client 127.0.0.1");
                assertThat(catchThrowableOfType(ReplicatorException.class, () -> slots.drop(name))
                                .code())
                        .isEqualTo(ErrorCode.SLOT_BUSY);
            }
            Awaitility.await().until(() -> !slots.find(name).orElseThrow().isActive());
            assertThat(slots.drop(name)).isTrue();
        }
    }

    @Test
    void aSlotThatIsNotOursToReadIsRefused() throws SQLException {
        DatabaseSpec spec = TestServers.database(18, "shake");
        String name = Endpoint.of(spec).database();
        try (Connection connection = TestServers.open(spec)) {
            Slots slots = new Slots(connection, "shake");
            Slot slot = slots.create(name, blockers -> true);
            long at = slot.confirmedFlush();
            assertThat(verify(Optional.of(slot), name, at)).isNull();
            assertThat(verify(Optional.of(slot), name, at + 1)).isNull();

            ReplicatorException ahead = verify(Optional.of(slot), name, at - 1);
            assertThat(ahead).isNotNull();
            assertThat(ahead.code()).isEqualTo(ErrorCode.SLOT_AHEAD);
            ReplicatorException other = verify(Optional.of(slot), "another", at);
            assertThat(other).isNotNull();
            assertThat(other.detail()).contains("belongs to database \"" + name + "\"");
            ReplicatorException missing = verify(Optional.empty(), name, at);
            assertThat(missing).isNotNull();
            assertThat(missing.code()).isEqualTo(ErrorCode.SLOT_MISSING);
            assertThat(missing.detail()).contains("does not exist any more");
            slots.drop(name);

            TestServers.run(spec, "SELECT pg_create_physical_replication_slot('" + name + "')");
            ReplicatorException physical = verify(slots.find(name), name, at);
            assertThat(physical).isNotNull();
            assertThat(physical.detail()).isEqualTo("It is a physical slot.");
            slots.drop(name);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {14, 18})
    void anInvalidatedSlotSaysWhy(int version) throws SQLException {
        DatabaseSpec spec = TestServers.database(version, "shake");
        String name = Endpoint.of(spec).database();
        cleanup.add(
                () -> TestServers.run(spec, "ALTER SYSTEM RESET max_slot_wal_keep_size", "SELECT pg_reload_conf()"));
        try (Connection connection = TestServers.open(spec)) {
            Slots slots = new Slots(connection, "shake");
            long stored = slots.create(name, blockers -> true).confirmedFlush();
            TestServers.run(spec, "ALTER SYSTEM SET max_slot_wal_keep_size = 1", "SELECT pg_reload_conf()");
            TestServers.run(spec, "CREATE TABLE t (id int)");
            for (int i = 0; i < 4; i++) {
                TestServers.run(spec, "INSERT INTO t VALUES (1)", "SELECT pg_switch_wal()");
            }
            TestServers.run(spec, "CHECKPOINT");
            ReplicatorException lost = verify(slots.find(name), name, stored);
            assertThat(lost).isNotNull();
            assertThat(lost.code()).isEqualTo(ErrorCode.SLOT_INVALIDATED);
            assertThat(lost.detail()).contains("invalidated (wal_removed)", "the last stored position was");
            assertThat(lost.hint()).contains("max_slot_wal_keep_size");
            assertThat(slots.drop(name)).isTrue();
        }
    }

    private static @Nullable ReplicatorException verify(Optional<Slot> slot, String databaseOnServer, long stored) {
        return catchThrowableOfType(
                ReplicatorException.class,
                () -> SlotChecks.verify(slot, "slot", "bard", "shake", databaseOnServer, stored));
    }

    private static void commit(Connection connection) {
        try {
            connection.commit();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static long currentLsn(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT pg_current_wal_lsn()")) {
            row.next();
            return Lsn.parse(row.getString(1)).value();
        }
    }
}
