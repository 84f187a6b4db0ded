package dev.replicator.slot;

import dev.replicator.connector.Connectors;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.DatabaseSpec;
import dev.replicator.model.ServerNames;
import dev.replicator.model.SyncSpec;
import dev.replicator.model.TableName;
import dev.replicator.session.Sessions;
import dev.replicator.session.SqlErrors;
import dev.replicator.session.SyncRows;
import dev.replicator.spi.Target;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Takes a sync off its databases: slot, publication, replication origin, and what it stored; schema {@code replicator}
 * too once no sync is left in it. The rows of the replicated tables stay as they are.
 *
 * <p>Each database and each step is tried whatever became of the others, and may be repeated. What could not be removed
 * is named, with the SQL that removes it. Thread: any.
 */
public final class Removal {
    /** A process that has just let go. */
    private static final Duration READER_ENDS = Duration.ofSeconds(10);

    private final DatabaseSpec spec;
    private final SyncSpec sync;
    private final boolean source;
    private final List<String> removed = new ArrayList<>();
    private final List<Remainder> remaining = new ArrayList<>();

    private Removal(SyncSpec sync, DatabaseSpec spec, boolean source) {
        this.sync = sync;
        this.spec = spec;
        this.source = source;
    }

    /** One thing that is still there, why, and the SQL that removes it; empty where none does. */
    public record Remainder(String what, String sql, ReplicatorException failure) {}

    /**
     * What became of one database.
     *
     * @param removed what was there and is gone, in words
     * @param remaining what is, or may be, still there
     */
    public record Outcome(String database, List<String> removed, List<Remainder> remaining) {
        public Outcome {
            removed = List.copyOf(removed);
            remaining = List.copyOf(remaining);
        }

        public boolean isComplete() {
            return remaining.isEmpty();
        }
    }

    /** Removes a sync from all of its databases; one outcome each. */
    public static List<Outcome> remove(SyncSpec sync, Connectors connectors) {
        List<Outcome> outcomes = new ArrayList<>();
        for (int node = 0; node < sync.nodeCount(); node++) {
            if (node < sync.sourceCount() && !sync.node(node).kind().equals(Connectors.POSTGRES)) {
                // Nothing is stored there.
                continue;
            }
            outcomes.add(remove(sync, node, connectors));
        }
        if (sync.fullCopy() != null) {
            sync.fullCopy().databases().forEach(database -> outcomes.add(new Removal(sync, database, false).run()));
        }
        return outcomes;
    }

    /** Removes a sync from one of its databases, by its node number. */
    public static Outcome remove(SyncSpec sync, int node, Connectors connectors) {
        return sync.node(node).kind().equals(Connectors.POSTGRES)
                ? new Removal(sync, sync.node(node), node < sync.sourceCount()).run()
                : foreign(sync, node, connectors);
    }

    private static Outcome foreign(SyncSpec sync, int node, Connectors connectors) {
        String database = sync.node(node).name();
        try (Target target = connectors.open(sync, node, List.of())) {
            return new Outcome(database, target.forget(), List.of());
        } catch (ReplicatorException e) {
            return new Outcome(
                    database, List.of(), List.of(new Remainder("what sync \"" + sync.name() + "\" stored", "", e)));
        }
    }

    private Outcome run() {
        @Nullable Connection connection = null;
        try {
            connection = Sessions.open(spec, "replicator remove " + sync.name());
        } catch (ReplicatorException e) {
            steps(null, e);
        }
        if (connection != null) {
            steps(connection, null);
            Sessions.closeQuietly(connection);
        }
        return new Outcome(spec.name(), removed, remaining);
    }

    private interface Step {
        boolean run(Connection connection);
    }

    private void steps(@Nullable Connection connection, @Nullable ReplicatorException away) {
        String slot = ServerNames.slot(sync.name(), spec.name());
        String publication = ServerNames.publication(sync.name());
        String origin = ServerNames.origin(sync.name(), spec.name());
        if (source) {
            step(
                    connection,
                    away,
                    "replication slot \"" + slot + "\"",
                    "SELECT pg_drop_replication_slot('" + slot + "');",
                    session -> new Slots(session, spec.name()).drop(slot, READER_ENDS));
            step(
                    connection,
                    away,
                    "publication \"" + publication + "\"",
                    "DROP PUBLICATION IF EXISTS " + TableName.quote(publication) + ";",
                    session -> new Publications(session, spec.name()).drop(publication));
        }
        step(
                connection,
                away,
                "replication origin \"" + origin + "\"",
                "SELECT pg_replication_origin_drop(roname) FROM pg_replication_origin WHERE roname = '" + origin + "';",
                session -> dropOrigin(session, origin));
        step(
                connection,
                away,
                "what sync \"" + sync.name() + "\" stored in schema \"replicator\"",
                "DROP SCHEMA replicator CASCADE; -- unless another sync uses this database",
                session -> SyncRows.delete(session, sync.name(), spec.name()));
    }

    private void step(
            @Nullable Connection connection, @Nullable ReplicatorException away, String what, String sql, Step step) {
        if (connection == null) {
            if (away != null) {
                remaining.add(new Remainder(what, sql, away));
            }
            return;
        }
        try {
            if (step.run(connection)) {
                removed.add(what);
            }
        } catch (ReplicatorException e) {
            remaining.add(new Remainder(what, sql, e));
        }
    }

    private boolean dropOrigin(Connection connection, String origin) {
        try (PreparedStatement select =
                connection.prepareStatement("SELECT FROM pg_replication_origin WHERE roname = ?")) {
            select.setString(1, origin);
            try (ResultSet row = select.executeQuery()) {
                if (!row.next()) {
                    return false;
                }
            }
            try (PreparedStatement drop = connection.prepareStatement("SELECT pg_replication_origin_drop(?)")) {
                drop.setString(1, origin);
                drop.execute();
            }
            return true;
        } catch (SQLException e) {
            throw SqlErrors.doing("drop replication origin \"" + origin + "\" on database \"" + spec.name() + "\"", e);
        }
    }
}
