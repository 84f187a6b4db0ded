package dev.replicator.jdbc;

import dev.replicator.codec.ColumnType;
import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException.Kind;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/**
 * Oracle. An empty text is NULL there. Never run on an Oracle server: its statements are parsed by a grammar of PL/SQL and
 * executed on H2 in Oracle mode by the tests.
 *
 * <p>Source: Oracle Database SQL Language Reference, "MERGE", "Data Types"; Oracle Database Error Messages.
 */
final class OracleDialect extends Dialect {
    /** Cannot be in the select list of a MERGE as parameters. */
    private static final Set<String> LARGE =
            Set.of("CLOB", "BLOB", "NCLOB", "CHARACTER LARGE OBJECT", "BINARY LARGE OBJECT");

    @Override
    String product() {
        return "Oracle";
    }

    @Override
    String driverHint() {
        return "Put Oracle's driver (ojdbc11.jar, com.oracle.database.jdbc:ojdbc11) into the folder \"plugins\" beside the"
                + " configuration file: its licence keeps it from being part of this program.";
    }

    @Override
    void configure(Connection connection) throws SQLException {
        super.configure(connection);
        if (connection.getMetaData().getDatabaseProductName().equals("Oracle")) {
            try (Statement statement = connection.createStatement()) {
                statement.execute("ALTER SESSION SET TIME_ZONE = '+00:00'");
            }
        }
    }

    @Override
    String columnType(ColumnType type, int keyColumns) {
        boolean key = keyColumns > 0;
        String text = key ? "VARCHAR2(1000 CHAR)" : "CLOB";
        return switch (type.type()) {
            case BOOL -> "NUMBER(1)";
            case INT2 -> "NUMBER(5)";
            case INT4 -> "NUMBER(10)";
            case INT8, OID -> "NUMBER(19)";
            case FLOAT4, FLOAT8 -> "BINARY_DOUBLE";
            case NUMERIC -> decimal(type, 38, 38, key ? "NUMBER" : "CLOB").replace("DECIMAL", "NUMBER");
            case TEXT, BPCHAR ->
                type.length() > 0 && type.length() <= 1000 ? "VARCHAR2(" + type.length() + " CHAR)" : text;
            case UUID -> "CHAR(36)";
            case BYTEA -> key ? "RAW(1000)" : "BLOB";
            case DATE -> "DATE";
            case TIMESTAMP -> "TIMESTAMP(6)";
            case TIMESTAMPTZ -> "TIMESTAMP(6) WITH TIME ZONE";
            case ENUM -> "VARCHAR2(63 CHAR)";
            case TIME, TIMETZ -> "VARCHAR2(32)";
            case JSON, JSONB, INTERVAL, ARRAY, OTHER -> text;
        };
    }

    @Override
    @Nullable
    String upsert(TargetTable table, List<String> columns, int rows) {
        boolean large = columns.stream()
                .anyMatch(
                        column -> LARGE.contains(table.column(column).typeName().toUpperCase(Locale.ROOT)));
        if (large || table.otherUnique()) {
            return null;
        }
        StringJoiner given = new StringJoiner(", ");
        StringJoiner on = new StringJoiner(" AND ");
        StringJoiner set = new StringJoiner(", ");
        StringJoiner values = new StringJoiner(", ");
        for (String column : columns) {
            String name = name(table, column);
            given.add("CAST(? AS " + castType(table.column(column)) + ") " + name);
            values.add("s." + name);
            if (table.table().keyColumns().contains(column)) {
                on.add("t." + name + " = s." + name);
            } else {
                set.add("t." + name + " = s." + name);
            }
        }
        return "MERGE INTO " + table.sqlName() + " t USING (SELECT " + given + " FROM DUAL) s ON (" + on + ")"
                + (set.length() == 0 ? "" : " WHEN MATCHED THEN UPDATE SET " + set)
                + " WHEN NOT MATCHED THEN INSERT (" + names(table, columns) + ") VALUES (" + values + ")";
    }

    private static String castType(TargetColumn column) {
        return switch (column.form()) {
            case BOOLEAN, INTEGER, DECIMAL -> "NUMBER";
            case DOUBLE -> "BINARY_DOUBLE";
            case TEXT -> "VARCHAR2(4000)";
            case BYTES -> "RAW(2000)";
            case DATE -> "DATE";
            case TIME, TIMESTAMP -> "TIMESTAMP(6)";
            case TIMESTAMP_WITH_ZONE -> "TIMESTAMP(6) WITH TIME ZONE";
        };
    }

    @Override
    boolean emptyIsNull() {
        return true;
    }

    @Override
    int maxDigits() {
        return 38;
    }

    @Override
    String forUpdate() {
        return " FOR UPDATE WAIT 5";
    }

    /** They end with the transaction. */
    @Override
    boolean releasesSavepoints() {
        return false;
    }

    @Override
    List<String> warnings(Connection connection) {
        return List.of(
                "this connector was not run on an Oracle server: its statements were checked by a grammar of PL/SQL"
                        + " and executed on H2 in Oracle mode");
    }

    @Override
    Meaning meaning(SQLException e) {
        return switch (e.getErrorCode()) {
            case 54, 60, 8177, 30006 -> lockTimeout();
            case 1, 1400, 1401, 1407, 1438, 1722, 1830, 1843, 1847, 1861, 2290, 2291, 2292, 12899 ->
                new Meaning(Kind.POISON, ErrorCode.TARGET_REFUSED, null);
            case 28,
                    1012,
                    1033,
                    1034,
                    1089,
                    1090,
                    1092,
                    3113,
                    3114,
                    3135,
                    12170,
                    12505,
                    12514,
                    12528,
                    12541,
                    17002,
                    17008,
                    17410 ->
                new Meaning(
                        Kind.RETRYABLE, ErrorCode.CONNECTION, "Check that the server runs and accepts connections.");
            case 1017, 28000, 28001 -> new Meaning(Kind.FATAL, ErrorCode.AUTHENTICATION, "Check user and password.");
            case 1031, 1950, 41900 ->
                new Meaning(
                        Kind.FATAL, ErrorCode.PRIVILEGE, "Grant the user the tables, and a quota on its tablespace.");
            case 1652, 1653, 1654, 1658 -> new Meaning(Kind.RETRYABLE, ErrorCode.DISK, "Make room in the tablespace.");
            default -> super.meaning(e);
        };
    }
}
