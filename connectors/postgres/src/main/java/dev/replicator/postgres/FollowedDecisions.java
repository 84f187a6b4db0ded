package dev.replicator.postgres;

import dev.replicator.error.ReplicatorException;
import dev.replicator.model.DatabaseSpec;
import dev.replicator.model.SyncSpec;
import dev.replicator.session.Sessions;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/** Which decisions about refused changes have been followed, on any master of a sync. Any thread. */
public final class FollowedDecisions {
    private final SyncSpec sync;

    public FollowedDecisions(SyncSpec sync) {
        this.sync = sync;
    }

    /** Whether one of the masters that can be asked has it. */
    public boolean contains(String id) {
        return sync.sources().stream().anyMatch(source -> contains(source, id));
    }

    private boolean contains(DatabaseSpec source, String id) {
        try (Connection connection = Sessions.open(source, "replicator " + sync.name() + " decisions");
                PreparedStatement select =
                        connection.prepareStatement("SELECT EXISTS (SELECT FROM replicator.decision WHERE id = ?)")) {
            select.setString(1, id);
            try (ResultSet row = select.executeQuery()) {
                return row.next() && row.getBoolean(1);
            }
        } catch (SQLException | ReplicatorException e) {
            // A master that is away cannot say; if it has followed it, it will not do so again.
            return false;
        }
    }
}
