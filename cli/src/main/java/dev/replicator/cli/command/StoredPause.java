package dev.replicator.cli.command;

import dev.replicator.cli.config.Configuration;
import dev.replicator.connector.Connectors;
import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.DatabaseSpec;
import dev.replicator.model.SyncSpec;
import dev.replicator.postgres.PauseMarks;
import dev.replicator.postgres.ReplicatorSchema;
import dev.replicator.session.Sessions;
import dev.replicator.session.SqlErrors;
import dev.replicator.spi.PauseMark;
import dev.replicator.spi.PauseTarget;
import dev.replicator.spi.Target;
import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Pauses and resumes in the databases themselves: what was said last counts, as far as those that answer know. Databases
 * that are no PostgreSQL keep a mark if their connector can.
 */
public final class StoredPause {
    private final Connectors connectors;

    private StoredPause(Connectors connectors) {
        this.connectors = connectors;
    }

    public static StoredPause of(Configuration configuration) {
        return new StoredPause(configuration.connectors());
    }

    /** Whether the sync is paused, as far as the databases that can be reached know. */
    public boolean isSet(SyncSpec sync) {
        return latest(sync).map(PauseMark::paused).orElse(false);
    }

    /** Stores the pause wherever that can be done; fails when that is nowhere. Warnings go to {@code err}. */
    public void set(SyncSpec sync, PrintWriter err) {
        say(sync, true, latest(sync), err);
    }

    /** Ends the pause, as {@link #set} begins it; true if there was one. */
    public boolean clear(SyncSpec sync, PrintWriter err) {
        Optional<PauseMark> before = latest(sync);
        if (before.isPresent()) {
            say(sync, false, before, err);
        }
        return before.map(PauseMark::paused).orElse(false);
    }

    private Optional<PauseMark> latest(SyncSpec configured) {
        SyncSpec sync = keeping(configured);
        Optional<PauseMark> latest = Optional.empty();
        for (int node = first(sync); node < sync.nodeCount(); node++) {
            try {
                latest = PauseMark.later(latest, read(sync, node));
            } catch (SQLException | ReplicatorException e) {
                // The others decide; this one is reported by whoever replicates it.
            }
        }
        return latest;
    }

    /** What was said already is said once more, to those that do not know it. */
    private void say(SyncSpec configured, boolean paused, Optional<PauseMark> before, PrintWriter err) {
        SyncSpec sync = keeping(configured);
        PauseMark mark = before.filter(known -> known.paused() == paused)
                .orElseGet(() -> new PauseMark(
                        before.map(PauseMark::number).orElse(0L) + 1,
                        paused,
                        Instant.now(),
                        System.getProperty("user.name", "somebody")));
        List<ReplicatorException> failures = new ArrayList<>();
        for (int node = first(sync); node < sync.nodeCount(); node++) {
            try {
                write(sync, node, mark);
            } catch (SQLException e) {
                failures.add(SqlErrors.doing(
                        "store the pause on database \"" + sync.node(node).name() + "\"", e));
            } catch (ReplicatorException e) {
                failures.add(e);
            }
        }
        if (failures.size() == sync.nodeCount() - first(sync)) {
            throw failures.get(0);
        }
        failures.forEach(failure -> err.println(failure.formatted().replaceFirst("^ERROR:  ", "WARNING:")));
        err.flush();
    }

    private Optional<PauseMark> read(SyncSpec sync, int node) throws SQLException {
        DatabaseSpec database = sync.node(node);
        if (!database.kind().equals(Connectors.POSTGRES)) {
            try (Target target = connectors.open(sync, node, List.of())) {
                return target instanceof PauseTarget keeper ? keeper.pause() : Optional.empty();
            }
        }
        try (Connection connection = Sessions.open(database, "replicator pause")) {
            return new PauseMarks(connection).read(sync.name());
        }
    }

    private void write(SyncSpec sync, int node, PauseMark mark) throws SQLException {
        DatabaseSpec database = sync.node(node);
        if (!database.kind().equals(Connectors.POSTGRES)) {
            try (Target target = connectors.open(sync, node, List.of())) {
                if (target instanceof PauseTarget keeper) {
                    keeper.pause(mark);
                    return;
                }
                throw ReplicatorException.fatal(
                        ErrorCode.CONFIGURATION,
                        "cannot store a pause on database \"" + database.name() + "\"",
                        "Databases of kind " + database.kind() + " do not keep it.",
                        "Stop \"replicator run\" instead.");
            }
        }
        try (Connection connection = Sessions.open(database, "replicator pause")) {
            ReplicatorSchema.install(connection, database.name());
            new PauseMarks(connection).write(sync.name(), mark);
        }
    }

    /** Where nothing is replicated, the databases that are copied to keep it. */
    private static SyncSpec keeping(SyncSpec sync) {
        return sync.replicates() || sync.fullCopy() == null
                ? sync
                : sync.copyingTo(sync.fullCopy().databases());
    }

    /** A single source is not written, not even for this. */
    private static int first(SyncSpec sync) {
        return sync.isMultiMaster() ? 0 : sync.sourceCount();
    }
}
