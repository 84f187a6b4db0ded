package dev.replicator.cli.command;

import dev.replicator.cli.config.Configuration;
import dev.replicator.connector.Connectors;
import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.DatabaseSpec;
import dev.replicator.model.SyncSpec;
import dev.replicator.postgres.QuarantineList;
import dev.replicator.session.Sessions;
import dev.replicator.session.SqlErrors;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Where changes may have been put aside, and how one of them is named: {@code DATABASE:NUMBER}. */
final class QuarantineChoice {
    private QuarantineChoice() {}

    /** A change by its name. */
    record Name(DatabaseSpec database, long id) {}

    /** Every database that is written; {@code sync} and {@code database} null: of all. */
    static Map<String, DatabaseSpec> databases(
            Configuration configuration, @Nullable String sync, @Nullable String database) {
        if (database != null) {
            configuration.database(database);
        }
        Map<String, DatabaseSpec> written = new LinkedHashMap<>();
        for (SyncSpec spec : configuration.syncs()) {
            for (int node = spec.isMultiMaster() ? 0 : spec.sourceCount(); node < spec.nodeCount(); node++) {
                DatabaseSpec one = spec.node(node);
                if (one.kind().equals(Connectors.POSTGRES)
                        && (sync == null || spec.name().equals(sync))
                        && (database == null || one.name().equals(database))) {
                    written.put(one.name(), one);
                }
            }
        }
        return written;
    }

    static Name name(Configuration configuration, String text) {
        int colon = text.lastIndexOf(':');
        if (colon > 0 && text.substring(colon + 1).matches("\\d{1,18}")) {
            return new Name(
                    configuration.database(text.substring(0, colon)), Long.parseLong(text.substring(colon + 1)));
        }
        throw ReplicatorException.fatal(
                ErrorCode.USAGE,
                "\"" + text + "\" does not name a change that was put aside",
                "A name is DATABASE:NUMBER, for instance shake1:17.",
                "\"replicator quarantine list\" shows those there are.");
    }

    static ReplicatorException missing(String name) {
        return ReplicatorException.fatal(
                ErrorCode.USAGE,
                "there is no change \"" + name + "\" in quarantine",
                "It may have been taken by the database meanwhile, or the row was changed again.",
                "\"replicator quarantine list\" shows those there are.");
    }

    static <T> T read(DatabaseSpec database, Function<QuarantineList, T> action) {
        try (Connection connection = Sessions.open(database, "replicator quarantine")) {
            return action.apply(new QuarantineList(connection));
        } catch (SQLException e) {
            throw SqlErrors.doing("close the session on database \"" + database.name() + "\"", e);
        }
    }
}
