package dev.replicator.postgres;

import dev.replicator.session.SqlErrors;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** The setting under which triggers of the user's and foreign keys do not fire. Thread: that of the connection. */
final class ReplicaRole {
    private ReplicaRole() {}

    /** True when triggers and foreign keys do not fire in this session: by its role's setting, or by its own. */
    static boolean take(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            try (ResultSet row = statement.executeQuery("SHOW session_replication_role")) {
                row.next();
                if (row.getString(1).equals("replica")) {
                    return true;
                }
            }
            statement.execute("SET session_replication_role = replica");
            return true;
        } catch (SQLException e) {
            if (SqlErrors.state(e).equals("42501")) {
                return false;
            }
            throw e;
        }
    }
}
