package dev.replicator.jdbc;

import java.util.Set;

/** Serves SQLite files, kind {@code sqlite}. */
public final class SqliteTargetFactory extends JdbcTargetFactory {
    public SqliteTargetFactory() {
        super("sqlite", Set.of("sqlite", "jdbc:sqlite"), new SqliteDialect());
    }
}
