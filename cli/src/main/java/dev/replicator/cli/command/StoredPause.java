package dev.replicator.cli.command;

import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.DatabaseSpec;
import dev.replicator.model.SyncSpec;
import dev.replicator.postgres.PauseMarks;
import dev.replicator.postgres.ReplicatorSchema;
import dev.replicator.session.Sessions;
import dev.replicator.session.SqlErrors;
import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Pauses and resumes in the databases themselves. One mark is enough for a pause; a resume must clear all. */
public final class StoredPause {
    private StoredPause() {}

    /** Whether any database that can be reached has a mark. */
    public static boolean isSet(SyncSpec sync) {
        for (DatabaseSpec database : databases(sync)) {
            try (Connection connection = Sessions.open(database, "replicator pause")) {
                if (new PauseMarks(connection).read(sync.name()).isPresent()) {
                    return true;
                }
            } catch (SQLException | ReplicatorException e) {
                // The others decide; this one is reported by whoever replicates it.
            }
        }
        return false;
    }

    /** Sets the mark wherever it can be set; fails when that is nowhere. Warnings go to {@code err}. */
    public static void set(SyncSpec sync, PrintWriter err) {
        List<ReplicatorException> failures = new ArrayList<>();
        List<DatabaseSpec> databases = databases(sync);
        for (DatabaseSpec database : databases) {
            try (Connection connection = Sessions.open(database, "replicator pause")) {
                ReplicatorSchema.install(connection, database.name());
                new PauseMarks(connection).set(sync.name(), System.getProperty("user.name", "somebody"));
            } catch (SQLException e) {
                failures.add(SqlErrors.doing("store the pause on database \"" + database.name() + "\"", e));
            } catch (ReplicatorException e) {
                failures.add(e);
            }
        }
        if (failures.size() == databases.size()) {
            throw failures.get(0);
        }
        failures.forEach(failure -> err.println(failure.formatted().replaceFirst("^ERROR:  ", "WARNING:")));
        err.flush();
    }

    /** Clears the mark everywhere; true if there was one. */
    public static boolean clear(SyncSpec sync) {
        boolean was = false;
        List<String> failed = new ArrayList<>();
        for (DatabaseSpec database : databases(sync)) {
            try (Connection connection = Sessions.open(database, "replicator resume")) {
                if (ReplicatorSchema.isUsable(connection, database.name())) {
                    was |= new PauseMarks(connection).clear(sync.name());
                }
            } catch (SQLException | ReplicatorException e) {
                failed.add("database \"" + database.name() + "\": " + e.getMessage());
            }
        }
        if (!failed.isEmpty()) {
            throw ReplicatorException.fatal(
                    ErrorCode.CONNECTION,
                    "could not end the pause of sync \"" + sync.name() + "\" everywhere",
                    String.join("; ", failed) + ".",
                    "A mark that is left there keeps the sync paused: run it again when the database is back.");
        }
        return was;
    }

    private static List<DatabaseSpec> databases(SyncSpec sync) {
        // A single source is not written, not even for this.
        return IntStream.range(sync.isMultiMaster() ? 0 : sync.sourceCount(), sync.nodeCount())
                .mapToObj(sync::node)
                .toList();
    }
}
