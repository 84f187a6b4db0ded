package dev.replicator.jdbc;

import dev.replicator.codec.ColumnType;
import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException.Kind;
import dev.replicator.model.DatabaseSpec;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Properties;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/**
 * SQLite: a file, one writer, readers beside it (WAL mode). Whatever is no number or bytes is kept as PostgreSQL's exact text.
 *
 * <p>Source: SQLite documentation, "Write-Ahead Logging", "Datatypes In SQLite", "Result and Error Codes".
 */
final class SqliteDialect extends Dialect {
    @Override
    String product() {
        return "SQLite";
    }

    @Override
    String jdbcUrl(DatabaseSpec database) {
        return database.url().startsWith("jdbc:") ? database.url() : "jdbc:" + database.url();
    }

    @Override
    Properties properties() {
        Properties properties = new Properties();
        properties.setProperty("transaction_mode", "IMMEDIATE");
        properties.setProperty("busy_timeout", "5000");
        return properties;
    }

    @Override
    void configure(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA synchronous = FULL");
            statement.execute("PRAGMA foreign_keys = OFF");
        }
    }

    @Override
    void beforeWriting(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA journal_mode = WAL");
        }
    }

    @Override
    String columnType(ColumnType type, int keyColumns) {
        return switch (type.type()) {
            case BOOL, INT2, INT4, INT8, OID -> "INTEGER";
            case FLOAT4, FLOAT8 -> "REAL";
            case BYTEA -> "BLOB";
            default -> "TEXT";
        };
    }

    @Override
    String longText() {
        return "TEXT";
    }

    @Override
    boolean insertsManyRows() {
        return true;
    }

    @Override
    int maxParameters() {
        return 20_000;
    }

    /** Not where another unique index exists: values may change places between the rows of one statement. */
    @Override
    @Nullable
    String upsert(TargetTable table, List<String> columns, int rows) {
        if (table.otherUnique()) {
            return null;
        }
        StringJoiner set = new StringJoiner(", ");
        for (String column : columns) {
            if (!table.table().keyColumns().contains(column)) {
                set.add(name(table, column) + " = excluded." + name(table, column));
            }
        }
        return insert(table, columns, rows) + " ON CONFLICT ("
                + names(table, table.table().keyColumns()) + ") DO "
                + (set.length() == 0 ? "NOTHING" : "UPDATE SET " + set);
    }

    /** It stores NaN as NULL. */
    @Override
    boolean holdsNaN() {
        return false;
    }

    /** The whole file is locked instead. */
    @Override
    String forUpdate() {
        return "";
    }

    @Override
    Meaning meaning(SQLException e) {
        // The lowest byte is the primary result code.
        return switch (e.getErrorCode() & 0xFF) {
            case 5, 6 -> lockTimeout();
            case 10, 13 -> new Meaning(Kind.RETRYABLE, ErrorCode.DISK, "See the disk that the file is on.");
            case 14 ->
                new Meaning(
                        Kind.FATAL,
                        ErrorCode.CONNECTION,
                        "The folder has to exist, and this process has to be allowed to write there.");
            case 8, 3 -> new Meaning(Kind.FATAL, ErrorCode.PRIVILEGE, "The file has to be writable.");
            case 18, 19, 20 -> new Meaning(Kind.POISON, ErrorCode.TARGET_REFUSED, null);
            case 11, 26 -> new Meaning(Kind.FATAL, ErrorCode.NODE_LOST_DATA, "The file is damaged, or no database.");
            default -> other(e);
        };
    }
}
