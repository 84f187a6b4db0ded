package dev.replicator.cli.status;

import dev.replicator.connector.Connectors;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.DatabaseSpec;
import dev.replicator.model.Lsn;
import dev.replicator.model.ServerNames;
import dev.replicator.model.SyncSpec;
import dev.replicator.observe.DatabaseStatus;
import dev.replicator.observe.ErrorStatus;
import dev.replicator.observe.FullCopyStatus;
import dev.replicator.observe.Listener.State;
import dev.replicator.observe.SlotStatus;
import dev.replicator.observe.SourceStatus;
import dev.replicator.observe.SyncStatus;
import dev.replicator.observe.TargetStatus;
import dev.replicator.postgres.PauseMarks;
import dev.replicator.postgres.ReplicatorSchema;
import dev.replicator.session.Sessions;
import dev.replicator.session.SqlErrors;
import dev.replicator.slot.Slot;
import dev.replicator.slot.Slots;
import dev.replicator.spi.FullLoad;
import dev.replicator.spi.PauseMark;
import dev.replicator.spi.PauseTarget;
import dev.replicator.spi.Source;
import dev.replicator.spi.Target;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The status as the databases tell it when no process answers: slots, pauses, lag since the last acknowledgement, clocks.
 * Counters are unknown, hence 0. A database that cannot be reached is shown with its error; nothing is thrown.
 */
public final class ServerStatus {
    private static final String NOW = "SELECT clock_timestamp(),"
            + " CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END::text";

    private static final Duration LEAST = Duration.ofSeconds(60);
    private static final Duration FARTHEST = Duration.ofDays(7);

    private ServerStatus() {}

    public static List<SyncStatus> read(List<SyncSpec> syncs, Connectors connectors) {
        return syncs.stream().map(sync -> read(sync, connectors)).toList();
    }

    private static SyncStatus read(SyncSpec sync, Connectors connectors) {
        Optional<PauseMark> pause = Optional.empty();
        List<DatabaseStatus> databases = new ArrayList<>();
        for (int node = 0; sync.replicates() && node < sync.nodeCount(); node++) {
            DatabaseSpec database = sync.node(node);
            if (!database.kind().equals(Connectors.POSTGRES) && node < sync.sourceCount()) {
                databases.add(readSource(sync, database, connectors));
                continue;
            }
            if (!database.kind().equals(Connectors.POSTGRES)) {
                pause = PauseMark.later(pause, readForeign(sync, node, connectors, databases));
                continue;
            }
            try (Connection connection = Sessions.open(database, "replicator status")) {
                pause = PauseMark.later(pause, new PauseMarks(connection).read(sync.name()));
                databases.add(read(sync, node, connection));
            } catch (SQLException e) {
                databases.add(failed(sync, node, SqlErrors.doing("ask database \"" + database.name() + "\"", e)));
            } catch (ReplicatorException e) {
                databases.add(failed(sync, node, e));
            }
        }
        List<FullCopyStatus> copies = new ArrayList<>();
        if (sync.fullCopy() != null) {
            for (DatabaseSpec database : sync.fullCopy().databases()) {
                copies.add(copied(sync.copyingTo(List.of(database)), connectors));
                if (!sync.replicates()) {
                    pause = PauseMark.later(pause, storedPause(sync, database));
                }
            }
        }
        boolean paused = pause.map(PauseMark::paused).orElse(false);
        return new SyncStatus(sync.name(), paused, "no process is running", databases, Map.of()).withFullCopies(copies);
    }

    private static Optional<PauseMark> storedPause(SyncSpec sync, DatabaseSpec database) {
        try (Connection connection = Sessions.open(database, "replicator status")) {
            return new PauseMarks(connection).read(sync.name());
        } catch (SQLException | ReplicatorException e) {
            // What it keeps of the copies fails, too, and is shown.
            return Optional.empty();
        }
    }

    private static FullCopyStatus copied(SyncSpec part, Connectors connectors) {
        String database = part.targets().get(0).name();
        try (FullLoad load = connectors.fullLoad(part, List.of())) {
            return load.recorded()
                    .map(last -> new FullCopyStatus(
                            database, last.source(), last.finished(), last.rows(), null, null, null, null))
                    .orElseGet(() -> new FullCopyStatus(database, null, null, 0, null, null, null, null));
        } catch (ReplicatorException e) {
            ErrorStatus error = ErrorStatus.of(e, Instant.now(), 1, true);
            return new FullCopyStatus(database, null, null, 0, null, null, null, error);
        }
    }

    private static DatabaseStatus readSource(SyncSpec sync, DatabaseSpec database, Connectors connectors) {
        SourceStatus stopped = new SourceStatus(State.STOPPED, "", 0, 0, 0, 0, 0, 0);
        try (Source source = connectors.openSource(sync, database, List.of(), Path.of(""), 0)) {
            return new DatabaseStatus(database.name(), stopped, null, null, null, source.clockOffset(), null);
        } catch (ReplicatorException e) {
            ErrorStatus error = ErrorStatus.of(e, Instant.now(), 1, true);
            return new DatabaseStatus(database.name(), stopped, null, null, null, null, error);
        }
    }

    /** Adds what a database says that is no PostgreSQL; what it keeps of a pause. */
    private static Optional<PauseMark> readForeign(
            SyncSpec sync, int node, Connectors connectors, List<DatabaseStatus> databases) {
        try (Target target = connectors.open(sync, node, List.of())) {
            databases.add(new DatabaseStatus(
                    sync.node(node).name(), null, target(State.STOPPED), null, null, target.clockOffset(), null));
            return target instanceof PauseTarget keeper ? keeper.pause() : Optional.empty();
        } catch (ReplicatorException e) {
            databases.add(failed(sync, node, e));
            return Optional.empty();
        }
    }

    private static DatabaseStatus read(SyncSpec sync, int node, Connection connection) throws SQLException {
        DatabaseSpec database = sync.node(node);
        Duration offset;
        long end;
        Instant before = Instant.now();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(NOW)) {
            row.next();
            Instant middle = before.plus(Duration.between(before, Instant.now()).dividedBy(2));
            offset = Duration.between(
                    middle, row.getObject(1, OffsetDateTime.class).toInstant());
            end = Lsn.parse(row.getString(2)).value();
        }
        if (node >= sync.sourceCount()) {
            return new DatabaseStatus(database.name(), null, target(State.STOPPED), null, null, offset, null);
        }
        Optional<Slot> slot =
                new Slots(connection, database.name()).find(ServerNames.slot(sync.name(), database.name()));
        return new DatabaseStatus(
                database.name(),
                source(slot, end),
                sync.isMultiMaster() ? target(State.STOPPED) : null,
                null,
                slot.isPresent() ? sinceStopped(sync, slot.get(), end, connection) : null,
                offset,
                null);
    }

    private static SourceStatus source(Optional<Slot> found, long end) {
        if (found.isEmpty()) {
            return new SourceStatus(State.STOPPED, "it has no replication slot yet", end, end, 0, 0, 0, 0);
        }
        Slot slot = found.get();
        String reason = slot.isActive()
                ? "its slot is in use by a process elsewhere"
                        + (slot.holder() == null ? "" : " (" + slot.holder() + ")")
                : "";
        return new SourceStatus(
                slot.isActive() ? State.STANDBY : State.STOPPED,
                reason,
                slot.confirmedFlush(),
                Math.max(end, slot.confirmedFlush()),
                slot.confirmedFlush(),
                0,
                0,
                0);
    }

    /**
     * A slot that nobody reads, with what the server tells: since when it stands still (17 and later), or when the state
     * that allowed its position was stored; what was written since then tells how fast the log grows.
     */
    private static SlotStatus sinceStopped(SyncSpec sync, Slot slot, long end, Connection connection)
            throws SQLException {
        SlotStatus plain = slotStatus(sync, slot);
        Duration age = slot.isActive() ? null : standsStill(sync, slot, connection);
        if (age == null) {
            return plain;
        }
        long grown = end - slot.confirmedFlush();
        long left = plain.budgetBytes() - plain.retainedBytes();
        boolean known = age.compareTo(LEAST) >= 0 && grown > 0 && left > 0;
        double seconds = known ? (double) left / grown * age.toSeconds() : Double.MAX_VALUE;
        return new SlotStatus(
                plain.slot(),
                plain.active(),
                plain.retainedBytes(),
                plain.budgetBytes(),
                age,
                plain.budgetAge(),
                seconds > FARTHEST.toSeconds() ? null : Duration.ofSeconds((long) seconds),
                plain.invalidation());
    }

    private static @Nullable Duration standsStill(SyncSpec sync, Slot slot, Connection connection) throws SQLException {
        boolean stored = ReplicatorSchema.isInstalled(connection);
        String since = "(to_jsonb(s) ->> 'inactive_since')::timestamptz";
        String sql = "SELECT clock_timestamp(), "
                + (stored ? "coalesce(" + since + ", (SELECT updated_at FROM replicator.state WHERE sync = ?))" : since)
                + " FROM pg_replication_slots s WHERE slot_name = ?";
        try (PreparedStatement select = connection.prepareStatement(sql)) {
            if (stored) {
                select.setString(1, sync.name());
            }
            select.setString(stored ? 2 : 1, slot.name());
            try (ResultSet row = select.executeQuery()) {
                if (!row.next() || row.getObject(2) == null) {
                    return null;
                }
                return Duration.between(row.getObject(2, OffsetDateTime.class), row.getObject(1, OffsetDateTime.class));
            }
        }
    }

    /** A slot against the configured budget; age and forecast are known only to who watches for some time. */
    public static SlotStatus slotStatus(SyncSpec sync, Slot slot) {
        return new SlotStatus(
                slot.name(),
                slot.isActive(),
                slot.retainedBytes(),
                sync.slotBudget().bytes(),
                null,
                sync.slotBudget().age(),
                null,
                slot.invalidation());
    }

    private static TargetStatus target(State state) {
        return new TargetStatus(state, "", 0, 0, 0, 0, 0, 0);
    }

    private static DatabaseStatus failed(SyncSpec sync, int node, ReplicatorException failure) {
        boolean source = node < sync.sourceCount();
        return new DatabaseStatus(
                sync.node(node).name(),
                source ? new SourceStatus(State.AWAY, "", 0, 0, 0, 0, 0, 0) : null,
                !source || sync.isMultiMaster() ? target(State.AWAY) : null,
                null,
                null,
                null,
                ErrorStatus.of(failure, Instant.now(), 1, true));
    }
}
