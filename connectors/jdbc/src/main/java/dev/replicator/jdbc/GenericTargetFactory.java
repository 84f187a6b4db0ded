package dev.replicator.jdbc;

import java.util.Set;

/** Serves any JDBC database that keeps to the SQL standard, kind {@code jdbc}. */
public final class GenericTargetFactory extends JdbcTargetFactory {
    public GenericTargetFactory() {
        super("jdbc", Set.of("jdbc"), new Dialect());
    }
}
