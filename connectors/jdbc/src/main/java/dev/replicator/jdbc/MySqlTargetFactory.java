package dev.replicator.jdbc;

import java.util.Set;

/** Serves MySQL and MariaDB, kind {@code mysql}. */
public final class MySqlTargetFactory extends JdbcTargetFactory {
    public MySqlTargetFactory() {
        super("mysql", Set.of("mysql", "mariadb", "jdbc:mysql", "jdbc:mariadb"), new MySqlDialect());
    }
}
