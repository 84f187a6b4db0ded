package dev.replicator.jdbc;

import java.util.Set;

/** Serves Oracle, kind {@code oracle}; its driver has to be in the {@code plugins} folder. */
public final class OracleTargetFactory extends JdbcTargetFactory {
    public OracleTargetFactory() {
        super("oracle", Set.of("jdbc:oracle"), new OracleDialect());
    }
}
