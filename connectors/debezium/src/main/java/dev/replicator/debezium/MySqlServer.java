package dev.replicator.debezium;

import dev.replicator.codec.XxHash64;
import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.TableSchema.SourceColumn;
import dev.replicator.spi.SourceCatalog.SourceTable;
import dev.replicator.spi.SourceRequest;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.mariadb.jdbc.Driver;

/** A session for questions on a MySQL or MariaDB server. Thread: one. */
final class MySqlServer implements AutoCloseable {
    private static final int ACCESS_DENIED = 1045;
    private static final int PORT = 3306;

    private final SourceRequest request;
    private final Address address;
    private final Connection connection;
    private final String version;

    /** Where it is, of a URL without user and password. */
    record Address(String host, int port, String database, Map<String, String> options) {
        static Address of(String url) {
            URI uri = URI.create(url.replaceFirst("^jdbc:", ""));
            Map<String, String> options = new LinkedHashMap<>();
            String query = uri.getQuery();
            if (query != null) {
                for (String option : query.split("&", -1)) {
                    String[] parts = option.split("=", 2);
                    options.put(parts[0], parts.length == 2 ? parts[1] : "");
                }
            }
            String path = uri.getPath() == null ? "" : uri.getPath().replaceFirst("^/", "");
            return new Address(
                    uri.getHost() == null ? "localhost" : uri.getHost(),
                    uri.getPort() < 0 ? PORT : uri.getPort(),
                    path,
                    options);
        }
    }

    private MySqlServer(SourceRequest request, Address address, Connection connection) throws SQLException {
        this.request = request;
        this.address = address;
        this.connection = connection;
        this.version = one("SELECT version()");
    }

    static MySqlServer connect(SourceRequest request) {
        String url = request.database().url().replaceFirst("^(?:jdbc:)?(?:mysql|mariadb):", "jdbc:mariadb:");
        Properties properties = new Properties();
        properties.setProperty("connectTimeout", "10000");
        properties.setProperty("socketTimeout", "30000");
        if (request.database().user() != null) {
            properties.setProperty("user", request.database().user());
        }
        if (request.database().password() != null) {
            properties.setProperty("password", request.database().password().reveal());
        }
        Address address = Address.of(request.database().url());
        if (address.database().isEmpty()) {
            throw ReplicatorException.fatal(
                    ErrorCode.CONFIGURATION,
                    "cannot read database \"" + request.database().name() + "\"",
                    "Its url names no database.",
                    "Write mariadb://host/database or mysql://host/database.");
        }
        try {
            Connection connection = new Driver().connect(url, properties);
            return new MySqlServer(request, address, connection);
        } catch (SQLException e) {
            boolean denied = e.getErrorCode() == ACCESS_DENIED;
            throw new ReplicatorException(
                    denied ? ReplicatorException.Kind.FATAL : ReplicatorException.Kind.RETRYABLE,
                    denied ? ErrorCode.AUTHENTICATION : ErrorCode.CONNECTION,
                    "could not connect to database \"" + request.database().name() + "\" at " + address.host() + ":"
                            + address.port(),
                    e.getMessage(),
                    denied ? "Check user and password." : "Check that the server runs and accepts connections.",
                    e);
        }
    }

    Address address() {
        return address;
    }

    /** What tells it from other servers, also after its logs were numbered anew. */
    String identity() {
        String uuid = variable(isMariaDb() ? "server_uid" : "server_uuid");
        return uuid.isEmpty() ? "server_id " + variable("server_id") : uuid;
    }

    boolean isMariaDb() {
        return version.toLowerCase(Locale.ROOT).contains("mariadb");
    }

    private String one(String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            return row.next() ? String.valueOf(row.getString(1)) : "";
        }
    }

    private ReplicatorException asking(SQLException e) {
        return ReplicatorException.retryable(
                ErrorCode.CONNECTION,
                "could not ask database \"" + request.database().name() + "\"",
                e.getMessage(),
                e);
    }

    /** A server variable; empty: there is no such. */
    String variable(String name) {
        try (PreparedStatement select = connection.prepareStatement("SHOW GLOBAL VARIABLES WHERE Variable_name = ?")) {
            select.setString(1, name);
            try (ResultSet row = select.executeQuery()) {
                return row.next() ? String.valueOf(row.getString(2)) : "";
            }
        } catch (SQLException e) {
            throw asking(e);
        }
    }

    /** Takes a lock of this name for as long as this session lasts; false: another session has it. */
    boolean lock(String name) {
        try {
            return ask("SELECT get_lock(?, 0)", lockName(name)).equals("1");
        } catch (SQLException e) {
            throw asking(e);
        }
    }

    /** Which other session has that lock, in words; empty: none. */
    String lockedBy(String name) {
        try {
            String holder = ask("SELECT nullif(is_used_lock(?), connection_id())", lockName(name));
            return holder.isEmpty() ? "" : "connection " + holder + " of the server";
        } catch (SQLException e) {
            throw asking(e);
        }
    }

    /** MySQL takes no longer ones. */
    private static String lockName(String name) {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        return "replicator " + Long.toHexString(XxHash64.hash(bytes, 0, bytes.length, 0));
    }

    private String ask(String sql, String parameter) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(sql)) {
            select.setString(1, parameter);
            try (ResultSet row = select.executeQuery()) {
                String answer = row.next() ? row.getString(1) : null;
                return answer == null ? "" : answer;
            }
        }
    }

    List<String> grants() {
        List<String> grants = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SHOW GRANTS")) {
            while (rows.next()) {
                grants.add(rows.getString(1));
            }
            return grants;
        } catch (SQLException e) {
            throw asking(e);
        }
    }

    String user() {
        try {
            return one("SELECT current_user()");
        } catch (SQLException e) {
            throw asking(e);
        }
    }

    /** Where the log ends. */
    long end() {
        SQLException failure = null;
        // The one is MariaDB's and MySQL's up to 8.3, the other later ones'.
        for (String sql : List.of("SHOW MASTER STATUS", "SHOW BINARY LOG STATUS")) {
            try (Statement statement = connection.createStatement();
                    ResultSet row = statement.executeQuery(sql)) {
                return row.next() ? BinlogPlace.of(row.getString(1), row.getLong(2)) : 0;
            } catch (SQLException e) {
                failure = failure == null ? e : failure;
            }
        }
        throw asking(failure == null ? new SQLException("no answer") : failure);
    }

    Duration clockOffset() {
        try {
            long before = System.currentTimeMillis();
            long there = Math.round(Double.parseDouble(one("SELECT unix_timestamp(now(6))")) * 1_000_000);
            long after = System.currentTimeMillis();
            return Duration.ofNanos((there - (before + after) * 500) * 1000);
        } catch (SQLException e) {
            throw asking(e);
        }
    }

    /** The tables of the database, with their columns as PostgreSQL would have them. */
    List<SourceTable> tables() {
        Map<String, List<SourceColumn>> columns = new LinkedHashMap<>();
        Map<String, List<String>> keys = new LinkedHashMap<>();
        try (PreparedStatement select = connection.prepareStatement("""
                SELECT c.table_name, c.column_name, c.data_type, c.column_type, c.character_maximum_length,
                       c.numeric_precision, c.numeric_scale, c.is_nullable
                FROM information_schema.columns c JOIN information_schema.tables t
                  ON t.table_schema = c.table_schema AND t.table_name = c.table_name AND t.table_type = 'BASE TABLE'
                WHERE c.table_schema = ? ORDER BY c.table_name, c.ordinal_position""")) {
            select.setString(1, address.database());
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    columns.computeIfAbsent(rows.getString(1), table -> new ArrayList<>())
                            .add(column(rows));
                }
            }
        } catch (SQLException e) {
            throw asking(e);
        }
        try (PreparedStatement select = connection.prepareStatement("""
                SELECT table_name, column_name FROM information_schema.statistics
                WHERE table_schema = ? AND index_name = 'PRIMARY' ORDER BY table_name, seq_in_index""")) {
            select.setString(1, address.database());
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    keys.computeIfAbsent(rows.getString(1), table -> new ArrayList<>())
                            .add(rows.getString(2));
                }
            }
        } catch (SQLException e) {
            throw asking(e);
        }
        List<SourceTable> tables = new ArrayList<>();
        columns.forEach((table, list) ->
                tables.add(new SourceTable(Transactions.name(table), list, keys.getOrDefault(table, List.of()))));
        return tables;
    }

    private static SourceColumn column(ResultSet row) throws SQLException {
        String dataType = row.getString(3);
        boolean bits = dataType.equalsIgnoreCase("bit");
        boolean decimal = dataType.equalsIgnoreCase("decimal");
        @Nullable Integer length = number(row, bits || decimal ? 6 : 5);
        TypeMap.Type type = TypeMap.of(row.getString(4), length, number(row, 7));
        return new SourceColumn(
                row.getString(2),
                type.name(),
                type.typmod(),
                type.declared(),
                row.getString(8).equals("NO"),
                List.of());
    }

    private static @Nullable Integer number(ResultSet row, int column) throws SQLException {
        long value = row.getLong(column);
        return row.wasNull() || value > Integer.MAX_VALUE - 8 ? null : Integer.valueOf((int) value);
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (SQLException e) {
            // The session is given up either way.
        }
    }
}
