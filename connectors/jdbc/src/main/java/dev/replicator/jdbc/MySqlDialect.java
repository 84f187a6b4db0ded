package dev.replicator.jdbc;

import dev.replicator.codec.ColumnType;
import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException.Kind;
import dev.replicator.model.DatabaseSpec;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import java.util.StringJoiner;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * MySQL 8 and MariaDB, through MariaDB's driver. Sessions are strict, in UTC, without backslash escapes, and do not check
 * foreign keys: they were checked where the change was made.
 *
 * <p>Source: MySQL Reference Manual, "Server SQL Modes", "Data Type Storage Requirements", "Server Error Message Reference".
 */
final class MySqlDialect extends Dialect {
    /** InnoDB's limit for the key of an index, in bytes. */
    private static final int KEY_BYTES = 3_072;

    private static final Pattern SCHEME = Pattern.compile("^(?:jdbc:)?(?:mysql|mariadb):");
    private static final DateTimeFormatter TIMESTAMP =
            DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss.SSSSSS", Locale.ROOT);
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss.SSSSSS", Locale.ROOT);

    @Override
    String product() {
        return "MySQL";
    }

    @Override
    String jdbcUrl(DatabaseSpec database) {
        return SCHEME.matcher(database.url()).replaceFirst("jdbc:mariadb:");
    }

    @Override
    Properties properties() {
        Properties properties = new Properties();
        properties.setProperty("useServerPrepStmts", "true");
        properties.setProperty("connectTimeout", "10000");
        properties.setProperty("socketTimeout", "120000");
        properties.setProperty("tcpKeepAlive", "true");
        return properties;
    }

    @Override
    void configure(Connection connection) throws SQLException {
        super.configure(connection);
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET NAMES utf8mb4");
            statement.execute("SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,"
                    + "ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION,NO_BACKSLASH_ESCAPES', time_zone = '+00:00',"
                    + " foreign_key_checks = 0, innodb_lock_wait_timeout = 5, lock_wait_timeout = 5");
        }
    }

    @Override
    String quote(String identifier) {
        return '`' + identifier.replace("`", "``") + '`';
    }

    @Override
    String columnType(ColumnType type, int keyColumns) {
        boolean key = keyColumns > 0;
        int keyBytes = KEY_BYTES / Math.max(1, keyColumns);
        String text = key ? "VARCHAR(" + keyBytes / 4 + ")" : "LONGTEXT";
        return switch (type.type()) {
            case BOOL -> "TINYINT(1)";
            case INT2 -> "SMALLINT";
            case INT4 -> "INT";
            case INT8, OID -> "BIGINT";
            case FLOAT4, FLOAT8 -> "DOUBLE";
            case NUMERIC -> decimal(type, 65, 30, key ? "DECIMAL(65, 30)" : "LONGTEXT");
            case TEXT, BPCHAR ->
                type.length() > 0 && type.length() <= (key ? keyBytes / 4 : 500)
                        ? "VARCHAR(" + type.length() + ")"
                        : text;
            case UUID -> "CHAR(36)";
            case BYTEA -> key ? "VARBINARY(" + keyBytes + ")" : "LONGBLOB";
            case DATE -> "DATE";
            case TIME -> "TIME(6)";
            case TIMESTAMP, TIMESTAMPTZ -> "DATETIME(6)";
            case ENUM -> "VARCHAR(63)";
            case JSON, JSONB, TIMETZ, INTERVAL, ARRAY, OTHER -> text;
        };
    }

    @Override
    String longText() {
        return "LONGTEXT";
    }

    /** Texts are compared by their bytes, as PostgreSQL does. */
    @Override
    String tableOptions() {
        return " ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin";
    }

    @Override
    boolean insertsManyRows() {
        return true;
    }

    @Override
    int maxParameters() {
        return 20_000;
    }

    /** Not where another unique index exists: the row that is updated then may be another one than that with the key. */
    @Override
    @Nullable
    String upsert(TargetTable table, List<String> columns, int rows) {
        if (table.otherUnique()) {
            return null;
        }
        StringJoiner set = new StringJoiner(", ");
        for (String column : columns) {
            if (!table.table().keyColumns().contains(column)) {
                set.add(name(table, column) + " = VALUES(" + name(table, column) + ")");
            }
        }
        String key = name(table, table.table().keyColumns().get(0));
        return insert(table, columns, rows) + " ON DUPLICATE KEY UPDATE "
                + (set.length() == 0 ? key + " = " + key : set.toString());
    }

    @Override
    void bind(PreparedStatement statement, int index, @Nullable Object value, TargetColumn column) throws SQLException {
        if (value instanceof LocalDateTime time) {
            statement.setString(index, TIMESTAMP.format(time));
        } else if (value instanceof LocalDate date) {
            statement.setString(index, DateTimeFormatter.ISO_LOCAL_DATE.format(date));
        } else if (value instanceof LocalTime time) {
            statement.setString(index, TIME.format(time));
        } else {
            super.bind(statement, index, value, column);
        }
    }

    @Override
    boolean holdsNaN() {
        return false;
    }

    @Override
    boolean holdsInfinity() {
        return false;
    }

    @Override
    String sessionId(Connection connection) throws SQLException {
        return ask(connection, "SELECT CONNECTION_ID()");
    }

    @Override
    void end(Connection connection, String session) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("KILL " + Long.parseLong(session));
        } catch (SQLException e) {
            // 1094: it is gone already.
            if (e.getErrorCode() != 1094) {
                throw e;
            }
        }
    }

    @Override
    @Nullable
    String notAtomic(Connection connection, String table) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement("SELECT engine FROM information_schema.tables"
                + " WHERE table_schema = DATABASE() AND table_name = ?")) {
            select.setString(1, table);
            try (ResultSet row = select.executeQuery()) {
                boolean inno = !row.next() || "InnoDB".equalsIgnoreCase(row.getString(1));
                return inno ? null : "its storage engine is " + row.getString(1) + "; it has to be InnoDB";
            }
        }
    }

    @Override
    List<String> warnings(Connection connection) throws SQLException {
        List<String> triggers = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT DISTINCT event_object_table FROM"
                        + " information_schema.triggers WHERE trigger_schema = DATABASE() ORDER BY 1")) {
            while (rows.next()) {
                triggers.add(rows.getString(1));
            }
        }
        return triggers.isEmpty()
                ? List.of()
                : List.of("triggers fire for replicated changes, too; on table " + String.join(", ", triggers));
    }

    private static String ask(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getString(1);
        }
    }

    @Override
    Meaning meaning(SQLException e) {
        return switch (e.getErrorCode()) {
            case 1205, 1213, 3572, 1020 -> lockTimeout();
            case 1040, 1203, 1226 ->
                new Meaning(Kind.RETRYABLE, ErrorCode.CONNECTION, "Raise max_connections, or the user's limit.");
            case 1290, 1792, 1836 ->
                new Meaning(Kind.RETRYABLE, ErrorCode.CONNECTION, "The server is read-only: connect to the primary.");
            case 1053, 1077, 1079, 1158, 1159, 1160, 1161, 1317, 1927, 2006, 2013 ->
                new Meaning(Kind.RETRYABLE, ErrorCode.CONNECTION, null);
            case 1021, 1114 -> new Meaning(Kind.RETRYABLE, ErrorCode.DISK, "Make room on the server's disk.");
            case 1044, 1142, 1143, 1227, 1370 ->
                new Meaning(
                        Kind.FATAL,
                        ErrorCode.PRIVILEGE,
                        "GRANT SELECT, INSERT, UPDATE, DELETE on the database to the user; and CREATE, ALTER with"
                                + " create_tables, and for the table of the progress.");
            case 1045 -> new Meaning(Kind.FATAL, ErrorCode.AUTHENTICATION, "Check user and password.");
            case 1049 -> new Meaning(Kind.FATAL, ErrorCode.CONFIGURATION, "Create the database, or correct the url.");
            case 1048, 1062, 1169, 1216, 1217, 1264, 1292, 1364, 1366, 1406, 1451, 1452, 1525, 3819, 4025 ->
                new Meaning(Kind.POISON, ErrorCode.TARGET_REFUSED, null);
            case 1153 ->
                new Meaning(
                        Kind.FATAL,
                        ErrorCode.SERVER_SETTING,
                        "Raise max_allowed_packet above the size of the largest row.");
            default -> super.meaning(e);
        };
    }
}
