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
import dev.replicator.spi.PauseTarget;
import dev.replicator.spi.Target;
import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * Pauses and resumes in the databases themselves. One mark is enough for a pause; a resume must clear all. Databases that
 * are no PostgreSQL keep a mark if their connector can.
 */
public final class StoredPause {
    private final Connectors connectors;

    private StoredPause(Connectors connectors) {
        this.connectors = connectors;
    }

    public static StoredPause of(Configuration configuration) {
        return new StoredPause(configuration.connectors());
    }

    /** What is done with the mark of one database. */
    private interface Action {
        boolean run(SyncSpec sync, int node) throws SQLException;
    }

    /** Whether any database that can be reached has a mark. */
    public boolean isSet(SyncSpec sync) {
        for (int node = first(sync); node < sync.nodeCount(); node++) {
            try {
                if (isSet(sync, node)) {
                    return true;
                }
            } catch (SQLException | ReplicatorException e) {
                // The others decide; this one is reported by whoever replicates it.
            }
        }
        return false;
    }

    private boolean isSet(SyncSpec sync, int node) throws SQLException {
        DatabaseSpec database = sync.node(node);
        if (!database.kind().equals(Connectors.POSTGRES)) {
            try (Target target = connectors.open(sync, node, List.of())) {
                return target instanceof PauseTarget keeper && keeper.isPaused();
            }
        }
        try (Connection connection = Sessions.open(database, "replicator pause")) {
            return new PauseMarks(connection).read(sync.name()).isPresent();
        }
    }

    /** Sets the mark wherever it can be set; fails when that is nowhere. Warnings go to {@code err}. */
    public void set(SyncSpec sync, PrintWriter err) {
        List<ReplicatorException> failures = new ArrayList<>();
        each(sync, failures, this::set);
        if (failures.size() == sync.nodeCount() - first(sync)) {
            throw failures.get(0);
        }
        failures.forEach(failure -> err.println(failure.formatted().replaceFirst("^ERROR:  ", "WARNING:")));
        err.flush();
    }

    private boolean set(SyncSpec sync, int node) throws SQLException {
        DatabaseSpec database = sync.node(node);
        String by = System.getProperty("user.name", "somebody");
        if (!database.kind().equals(Connectors.POSTGRES)) {
            try (Target target = connectors.open(sync, node, List.of())) {
                if (target instanceof PauseTarget keeper) {
                    return keeper.pause(true, by);
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
            new PauseMarks(connection).set(sync.name(), by);
            return false;
        }
    }

    /** Clears the mark everywhere; true if there was one. */
    public boolean clear(SyncSpec sync) {
        List<ReplicatorException> failures = new ArrayList<>();
        boolean was = each(sync, failures, this::clear);
        if (!failures.isEmpty()) {
            throw ReplicatorException.fatal(
                    ErrorCode.CONNECTION,
                    "could not end the pause of sync \"" + sync.name() + "\" everywhere",
                    String.join(
                                    "; ",
                                    failures.stream()
                                            .map(ReplicatorException::primary)
                                            .toList())
                            + ".",
                    "A mark that is left there keeps the sync paused: run it again when the database is back.");
        }
        return was;
    }

    private boolean clear(SyncSpec sync, int node) throws SQLException {
        DatabaseSpec database = sync.node(node);
        if (!database.kind().equals(Connectors.POSTGRES)) {
            try (Target target = connectors.open(sync, node, List.of())) {
                return target instanceof PauseTarget keeper && keeper.pause(false, "");
            }
        }
        try (Connection connection = Sessions.open(database, "replicator resume")) {
            return ReplicatorSchema.isUsable(connection, database.name())
                    && new PauseMarks(connection).clear(sync.name());
        }
    }

    private static boolean each(SyncSpec sync, List<ReplicatorException> failures, Action action) {
        boolean any = false;
        for (int node = first(sync); node < sync.nodeCount(); node++) {
            String database = sync.node(node).name();
            try {
                any |= action.run(sync, node);
            } catch (SQLException e) {
                failures.add(SqlErrors.doing("change the pause on database \"" + database + "\"", e));
            } catch (ReplicatorException e) {
                failures.add(e);
            }
        }
        return any;
    }

    /** A single source is not written, not even for this. */
    private static int first(SyncSpec sync) {
        return sync.isMultiMaster() ? 0 : sync.sourceCount();
    }
}
