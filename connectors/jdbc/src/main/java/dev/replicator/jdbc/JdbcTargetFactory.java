package dev.replicator.jdbc;

import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.DatabaseSpec;
import dev.replicator.spi.Remark;
import dev.replicator.spi.TargetFactory;
import dev.replicator.spi.TargetOption;
import dev.replicator.spi.TargetOptions;
import dev.replicator.spi.TargetRequest;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.ServiceLoader;
import java.util.Set;

/**
 * Opens sessions on JDBC databases of one dialect. The driver is one that comes with the program, or a jar in the {@code
 * plugins} folder. Thread: any.
 */
abstract class JdbcTargetFactory implements TargetFactory {
    private final String kind;
    private final Set<String> schemes;
    private final Dialect dialect;

    JdbcTargetFactory(String kind, Set<String> schemes, Dialect dialect) {
        this.kind = kind;
        this.schemes = Set.copyOf(schemes);
        this.dialect = dialect;
    }

    @Override
    public final String kind() {
        return kind;
    }

    @Override
    public final Set<String> schemes() {
        return schemes;
    }

    @Override
    public final List<TargetOption> options() {
        return JdbcOptions.ALL;
    }

    @Override
    public final JdbcTarget open(TargetRequest request) {
        JdbcTarget target = connect(request);
        try {
            for (Remark remark : target.check()) {
                throw ReplicatorException.fatal(remark.code(), remark.primary(), remark.detail(), advice(remark))
                        .within(request.context());
            }
            return target;
        } catch (ReplicatorException e) {
            target.close();
            throw e;
        }
    }

    private static String advice(Remark remark) {
        return remark.fix().isEmpty()
                ? String.valueOf(remark.hint())
                : remark.hint() + ": " + String.join(" ", remark.fix());
    }

    @Override
    public final List<Remark> examine(TargetRequest request) {
        try (JdbcTarget target = connect(request)) {
            List<Remark> remarks = new ArrayList<>(target.check());
            remarks.addAll(target.warnings());
            return remarks;
        }
    }

    private JdbcTarget connect(TargetRequest request) {
        DatabaseSpec database = request.database();
        TargetOptions options = TargetOptions.of(database);
        JdbcErrors errors = new JdbcErrors(dialect, database.name(), request.context());
        TableNames names = new TableNames(options.text(JdbcOptions.TABLE_NAME.name()));
        if (!TableNames.isRight(names.template())) {
            throw ReplicatorException.fatal(
                    ErrorCode.CONFIGURATION,
                    "cannot use the option table_name of database \"" + database.name() + "\"",
                    "It does not contain {table}.",
                    "For instance \"{schema}_{table}\".");
        }
        try {
            Connection connection = driverConnection(database, request.libraries());
            try {
                dialect.configure(connection);
                return new JdbcTarget(
                        connection,
                        dialect,
                        request,
                        new ProgressTable(
                                connection,
                                dialect,
                                options.text(JdbcOptions.PROGRESS_TABLE.name()),
                                request.sync().name()),
                        new Tables(
                                connection,
                                dialect,
                                names,
                                request.tables(),
                                options.flag(TargetOptions.CREATE_TABLES.name()),
                                database.name()));
            } catch (SQLException e) {
                JdbcTarget.closeQuietly(connection);
                throw e;
            }
        } catch (SQLException e) {
            throw errors.of("connect to database \"" + database.name() + "\"", e);
        }
    }

    private Connection driverConnection(DatabaseSpec database, ClassLoader libraries) throws SQLException {
        String url = dialect.jdbcUrl(database);
        Properties properties = dialect.properties();
        if (database.user() != null) {
            properties.setProperty("user", database.user());
        }
        if (database.password() != null) {
            properties.setProperty("password", database.password().reveal());
        }
        for (ClassLoader loader : List.of(JdbcTargetFactory.class.getClassLoader(), libraries)) {
            for (Driver driver : ServiceLoader.load(Driver.class, loader)) {
                if (driver.acceptsURL(url)) {
                    Connection connection = driver.connect(url, properties);
                    if (connection != null) {
                        return connection;
                    }
                }
            }
        }
        throw ReplicatorException.fatal(
                ErrorCode.CONFIGURATION,
                "cannot connect to database \"" + database.name() + "\"",
                "There is no JDBC driver for its url.",
                dialect.driverHint());
    }
}
