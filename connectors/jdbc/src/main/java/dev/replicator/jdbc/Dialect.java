package dev.replicator.jdbc;

import dev.replicator.codec.ColumnType;
import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException.Kind;
import dev.replicator.model.DatabaseSpec;
import dev.replicator.model.TableName;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.SQLRecoverableException;
import java.sql.SQLTransientException;
import java.util.List;
import java.util.Properties;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/**
 * What differs from one SQL database to the next. The class itself is the description of a database that keeps to the SQL
 * standard: rows are written by DELETE and INSERT. Immutable, stateless; any thread.
 */
class Dialect {
    /** What a failure means, and what it does not know is fatal. */
    record Meaning(Kind kind, ErrorCode code, @Nullable String hint) {}

    /** How a person calls it. */
    String product() {
        return "JDBC";
    }

    /** The URL for the driver. */
    String jdbcUrl(DatabaseSpec database) {
        return database.url();
    }

    /** Properties for the driver, without user and password. */
    Properties properties() {
        return new Properties();
    }

    /** Which driver has to be there, for a person. */
    String driverHint() {
        return "Put the jar of its JDBC driver into the folder \"plugins\" beside the configuration file.";
    }

    /** Settings of the session that decide how values are read and written; with autocommit on. */
    void configure(Connection connection) throws SQLException {
        connection.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
    }

    /** What the database itself needs once, before it is first written. */
    void beforeWriting(Connection connection) throws SQLException {}

    String quote(String identifier) {
        return TableName.quote(identifier);
    }

    /** The type a column gets in a table that is created. {@code keyColumns}: of how many columns the key is it is in, or 0. */
    String columnType(ColumnType type, int keyColumns) {
        boolean key = keyColumns > 0;
        return switch (type.type()) {
            case BOOL -> "BOOLEAN";
            case INT2 -> "SMALLINT";
            case INT4 -> "INTEGER";
            case INT8, OID -> "BIGINT";
            case FLOAT4, FLOAT8 -> "DOUBLE PRECISION";
            case NUMERIC -> decimal(type, 38, 38, text(key));
            case TEXT, BPCHAR -> type.length() > 0 ? "VARCHAR(" + type.length() + ")" : text(key);
            case UUID -> "CHAR(36)";
            case BYTEA -> key ? "VARBINARY(1000)" : "BLOB";
            case DATE -> "DATE";
            case TIME -> "TIME(6)";
            case TIMESTAMP -> "TIMESTAMP(6)";
            case TIMESTAMPTZ -> "TIMESTAMP(6) WITH TIME ZONE";
            case ENUM -> "VARCHAR(63)";
            case JSON, JSONB, TIMETZ, INTERVAL, ARRAY, OTHER -> text(key);
        };
    }

    private static String text(boolean key) {
        return key ? "VARCHAR(1000)" : "CLOB";
    }

    /** DECIMAL where precision and scale fit, else {@code otherwise}, which holds the exact text. */
    static String decimal(ColumnType type, int maxPrecision, int maxScale, String otherwise) {
        int scale = Math.max(0, type.scale());
        int digits = type.scale() < 0 ? type.precision() - type.scale() : Math.max(type.precision(), scale);
        boolean fits = type.precision() > 0 && digits <= maxPrecision && scale <= maxScale;
        return fits ? "DECIMAL(" + digits + ", " + scale + ")" : otherwise;
    }

    /** Type of the column that holds the progress. */
    String longText() {
        return "CLOB";
    }

    /** Behind CREATE TABLE (...). */
    String tableOptions() {
        return "";
    }

    /** {@code INSERT INTO t (a, b) VALUES (?, ?), (?, ?)}, or one row at a time in a batch. */
    boolean insertsManyRows() {
        return false;
    }

    /** Greatest number of parameters in one statement. */
    int maxParameters() {
        return 2_000;
    }

    /**
     * Inserts, or replaces every column but the key of the row that stands there; null: rows are deleted first, and then
     * inserted. It must not touch a row with another key, whatever other unique constraints there are.
     *
     * @param columns by the source's names
     * @param rows how many rows; 1 unless {@link #insertsManyRows}
     */
    @Nullable
    String upsert(TargetTable table, List<String> columns, int rows) {
        return null;
    }

    final String insert(TargetTable table, List<String> columns, int rows) {
        StringJoiner values = new StringJoiner(", ");
        for (int i = 0; i < rows; i++) {
            values.add(parameters(table, columns));
        }
        return "INSERT INTO " + table.sqlName() + " (" + names(table, columns) + ") VALUES " + values;
    }

    final String names(TargetTable table, List<String> columns) {
        StringJoiner names = new StringJoiner(", ");
        columns.forEach(column -> names.add(name(table, column)));
        return names.toString();
    }

    /** The target's name of a column, quoted. */
    final String name(TargetTable table, String column) {
        return quote(table.column(column).name());
    }

    private String parameters(TargetTable table, List<String> columns) {
        StringJoiner marks = new StringJoiner(", ", "(", ")");
        columns.forEach(column -> marks.add(parameter(table.column(column))));
        return marks.toString();
    }

    /** A parameter mark for a value of that column. */
    String parameter(TargetColumn column) {
        return "?";
    }

    /** Binds a value that {@link Encoder} made. */
    void bind(PreparedStatement statement, int index, @Nullable Object value, TargetColumn column) throws SQLException {
        if (value == null) {
            statement.setNull(index, column.jdbcType());
        } else {
            statement.setObject(index, value);
        }
    }

    /** The years that DATE and TIMESTAMP can hold, 0 being 1 BC. */
    int firstYear() {
        return 1;
    }

    int lastYear() {
        return 9999;
    }

    /** Whether the empty string is NULL there. */
    boolean emptyIsNull() {
        return false;
    }

    /** Digits of a decimal that was declared without a precision; 0: as many as it has. */
    int maxDigits() {
        return 0;
    }

    boolean holdsNaN() {
        return true;
    }

    boolean holdsInfinity() {
        return true;
    }

    /** Behind a SELECT that locks the row for the transaction. */
    String forUpdate() {
        return " FOR UPDATE";
    }

    /** What identifies this session to {@link #end}; null: sessions cannot be ended from another. */
    @Nullable
    String sessionId(Connection connection) throws SQLException {
        return null;
    }

    /** Ends another session of ours, if it is still there. */
    void end(Connection connection, String session) throws SQLException {}

    /** Whether savepoints are released by name; elsewhere they end with the transaction. */
    boolean releasesSavepoints() {
        return true;
    }

    /** Why rows of the table cannot be written all or nothing; null if they can. */
    @Nullable
    String notAtomic(Connection connection, String table) throws SQLException {
        return null;
    }

    /** Worth knowing before the first start, as one sentence each. */
    List<String> warnings(Connection connection) throws SQLException {
        return List.of();
    }

    /** What a failure means. By SQLSTATE and the vendor's number, never by the text. */
    Meaning meaning(SQLException e) {
        String state = e.getSQLState() == null ? "" : e.getSQLState();
        String group = state.length() < 2 ? "" : state.substring(0, 2);
        return switch (group) {
            case "08", "57", "58" ->
                new Meaning(
                        Kind.RETRYABLE, ErrorCode.CONNECTION, "Check that the server runs and accepts connections.");
            case "40" -> new Meaning(Kind.ROLLED_BACK, ErrorCode.TARGET_REFUSED, null);
            case "28" -> new Meaning(Kind.FATAL, ErrorCode.AUTHENTICATION, "Check user and password.");
            case "22", "23" -> new Meaning(Kind.POISON, ErrorCode.TARGET_REFUSED, null);
            case "HY" -> state.equals("HYT00") ? lockTimeout() : other(e);
            default -> other(e);
        };
    }

    static Meaning lockTimeout() {
        return new Meaning(Kind.ROLLED_BACK, ErrorCode.TARGET_REFUSED, null);
    }

    static Meaning other(SQLException e) {
        boolean passes = e instanceof SQLTransientException || e instanceof SQLRecoverableException;
        return new Meaning(
                passes ? Kind.RETRYABLE : Kind.FATAL, passes ? ErrorCode.CONNECTION : ErrorCode.INTERNAL, null);
    }
}
