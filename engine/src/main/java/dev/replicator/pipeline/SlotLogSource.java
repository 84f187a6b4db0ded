package dev.replicator.pipeline;

import dev.replicator.error.ReplicatorException;
import dev.replicator.model.DatabaseSpec;
import dev.replicator.model.ServerNames;
import dev.replicator.model.SyncSpec;
import dev.replicator.model.Table;
import dev.replicator.session.DatabaseIdentity;
import dev.replicator.session.KnownDatabases;
import dev.replicator.session.Sessions;
import dev.replicator.slot.Slots;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/** A PostgreSQL source, read through its replication slot. */
final class SlotLogSource implements LogSource {
    /** Questions are answered within this time or the session is given up. */
    private static final int ANSWER_MILLIS = 15_000;

    private final SyncSpec sync;
    private final DatabaseSpec database;
    private final List<Table> tables;
    private final ReplicationSettings settings;
    /** The server process that streamed to us last; 0 before the first. */
    private final AtomicInteger streamPid = new AtomicInteger();

    /** A type has come up that can only be taken as text: from then on everything is. */
    private final AtomicBoolean textOnly = new AtomicBoolean();

    private final KnownDatabases known = new KnownDatabases();

    SlotLogSource(SyncSpec sync, int source, List<Table> tables, ReplicationSettings settings) {
        this.sync = sync;
        this.database = sync.sources().get(source);
        this.tables = tables;
        this.settings = settings;
    }

    @Override
    public LogSession connect() {
        java.sql.Connection connection = Sessions.open(
                database,
                "replicator " + sync.name() + " asks " + database.name(),
                Map.of("synchronous_commit", "local"));
        try {
            connection.setNetworkTimeout(Runnable::run, ANSWER_MILLIS);
            refuseAnother(connection);
            return new SlotLogSession(
                    sync, database, tables, settings, textOnly, new OwnStream(connection, database.name(), streamPid));
        } catch (SQLException e) {
            Sessions.closeQuietly(connection);
            throw dev.replicator.session.SqlErrors.connecting(database, e);
        } catch (ReplicatorException e) {
            Sessions.closeQuietly(connection);
            throw e;
        }
    }

    /** A server restored from elsewhere, or another one, may have come back under the old address. */
    private void refuseAnother(java.sql.Connection connection) {
        known.verify(connection, database, sync.name());
        boolean slotFollowed = new Slots(connection, database.name())
                .find(ServerNames.slot(sync.name(), database.name()))
                .isPresent();
        DatabaseIdentity.verify(connection, database.name(), sync.name(), true, slotFollowed);
    }
}
