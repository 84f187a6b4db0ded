package dev.replicator.session;

import dev.replicator.model.DatabaseSpec;
import java.sql.Connection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The databases that this process has reached. What is stored in a database tells a copy from its original, but not a
 * database of another cluster that holds nothing of ours and answers at the same address later; this does. Thread: any.
 */
public final class KnownDatabases {
    private final Map<String, DatabaseIdentity> known = new ConcurrentHashMap<>();

    /** Throws IDENTITY_CHANGED when another database was reached by the same name and address before. */
    public void verify(Connection connection, DatabaseSpec database, String sync) {
        DatabaseIdentity now = DatabaseIdentity.read(connection, database.name());
        DatabaseIdentity before = known.putIfAbsent(database.name() + " " + database.url(), now);
        if (before != null) {
            now.refuseOtherDatabase(before, database.name(), sync);
        }
    }
}
