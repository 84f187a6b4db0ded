package dev.replicator.session;

import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.DatabaseSpec;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import org.postgresql.Driver;
import org.postgresql.PGProperty;

/**
 * Opens sessions on PostgreSQL whose values read and write alike on every server, whatever its role, database and server
 * settings say.
 *
 * <p>Guarantees: date, interval, float, bytea, money and XML forms, time zone and encoding are fixed; {@code search_path}
 * is empty, so every name in SQL is qualified; no server-side timeout ends a statement of ours; row security never hides
 * a row in silence. Connecting never waits for longer than {@value #CONNECT_SECONDS} seconds for any one answer;
 * afterwards a read waits for ever unless the configured options name a {@code socketTimeout} (never in force on a
 * replication session: pgjdbc issue 4328). Failures are {@link SqlErrors}' exceptions and never name a password.
 *
 * <p>Thread: any; a session belongs to the thread that uses it. Source: PostgreSQL documentation, "Client Connection
 * Defaults"; what pg_dump sets before it reads.
 */
public final class Sessions {
    private static final int CONNECT_SECONDS = 10;
    private static final int MAX_NAME_BYTES = 63;

    private Sessions() {}

    /** An ordinary session in auto-commit mode. {@code purpose} is shown in {@code pg_stat_activity}. */
    public static Connection open(DatabaseSpec spec, String purpose) {
        return open(spec, purpose, Map.of());
    }

    /** An ordinary session, with further server settings such as {@code synchronous_commit}. */
    public static Connection open(DatabaseSpec spec, String purpose, Map<String, String> settings) {
        return connect(spec, properties(spec, purpose), settings, false);
    }

    /**
     * A session that may run replication commands ({@code replication=database}, simple query mode): SQL works in it as
     * well, before a stream is started. Pins are in force for the values the stream sends.
     */
    public static Connection openReplication(DatabaseSpec spec, String purpose, Map<String, String> settings) {
        return openReplication(spec, purpose, settings, Map.of());
    }

    /** As above, with further driver properties, such as a socket factory. */
    public static Connection openReplication(
            DatabaseSpec spec, String purpose, Map<String, String> settings, Map<String, String> driverProperties) {
        Properties properties = properties(spec, purpose);
        PGProperty.REPLICATION.set(properties, "database");
        PGProperty.PREFER_QUERY_MODE.set(properties, "simple");
        driverProperties.forEach(properties::setProperty);
        return connect(spec, properties, settings, true);
    }

    /** What stands in a URL would beat the properties, so its query is read into these and then cut off. */
    private static String withoutQuery(String url) {
        int query = url.indexOf('?');
        return query < 0 ? url : url.substring(0, query);
    }

    /** What the driver is given for a database: the URL's query, the options, then what may not be changed by them. */
    static Properties properties(DatabaseSpec spec, String purpose) {
        Properties properties = new Properties();
        PGProperty.CONNECT_TIMEOUT.set(properties, CONNECT_SECONDS);
        PGProperty.TCP_KEEP_ALIVE.set(properties, true);
        Endpoint.properties(spec).forEach((name, value) -> properties.setProperty((String) name, (String) value));
        spec.options().forEach(properties::setProperty);
        if (spec.user() != null) {
            PGProperty.USER.set(properties, spec.user());
        }
        if (spec.password() != null) {
            PGProperty.PASSWORD.set(properties, spec.password().reveal());
        }
        PGProperty.SOCKET_TIMEOUT.set(properties, CONNECT_SECONDS);
        PGProperty.APPLICATION_NAME.set(properties, applicationName(purpose));
        PGProperty.ASSUME_MIN_SERVER_VERSION.set(properties, "14");
        return properties;
    }

    private static Connection connect(
            DatabaseSpec spec, Properties properties, Map<String, String> settings, boolean replication) {
        Connection connection;
        try {
            if (!Driver.isRegistered()) {
                Driver.register();
            }
            connection = DriverManager.getConnection(withoutQuery(spec.url()), properties);
        } catch (SQLException e) {
            throw SqlErrors.connecting(spec, e);
        }
        try {
            Map<String, String> pins = pins(connection.getMetaData().getDatabaseMajorVersion());
            pins.putAll(settings);
            pin(connection, pins);
            connection.setNetworkTimeout(Runnable::run, replication ? 0 : configuredTimeoutMillis(spec));
            return connection;
        } catch (SQLException e) {
            closeQuietly(connection);
            throw SqlErrors.connecting(spec, e);
        }
    }

    private static int configuredTimeoutMillis(DatabaseSpec spec) {
        String inUrl = Endpoint.properties(spec).getProperty(PGProperty.SOCKET_TIMEOUT.getName());
        String configured = spec.options().getOrDefault(PGProperty.SOCKET_TIMEOUT.getName(), inUrl);
        try {
            return configured == null ? 0 : Math.multiplyExact(Integer.parseInt(configured), 1000);
        } catch (NumberFormatException | ArithmeticException e) {
            throw ReplicatorException.fatal(
                    ErrorCode.CONFIGURATION,
                    "cannot use option socketTimeout of database \"" + spec.name() + "\"",
                    "It is not a whole number of seconds.",
                    null);
        }
    }

    private static Map<String, String> pins(int major) {
        Map<String, String> pins = new LinkedHashMap<>();
        pins.put("client_encoding", "UTF8");
        pins.put("DateStyle", "ISO, MDY");
        pins.put("IntervalStyle", "postgres");
        pins.put("TimeZone", "UTC");
        pins.put("extra_float_digits", "3");
        pins.put("bytea_output", "hex");
        pins.put("lc_monetary", "C");
        pins.put("xmloption", "content");
        pins.put("array_nulls", "on");
        pins.put("standard_conforming_strings", "on");
        pins.put("quote_all_identifiers", "off");
        pins.put("search_path", "");
        pins.put("row_security", "off");
        pins.put("default_transaction_isolation", "read committed");
        pins.put("default_transaction_read_only", "off");
        pins.put("default_transaction_deferrable", "off");
        pins.put("statement_timeout", "0");
        pins.put("lock_timeout", "0");
        pins.put("idle_in_transaction_session_timeout", "0");
        pins.put("idle_session_timeout", "0");
        if (major >= 17) {
            pins.put("transaction_timeout", "0");
        }
        return pins;
    }

    /** One statement, one round trip: works in replication sessions too. */
    private static void pin(Connection connection, Map<String, String> pins) throws SQLException {
        StringBuilder sql = new StringBuilder("SELECT ");
        for (int i = 0; i < pins.size(); i++) {
            sql.append(i == 0 ? "" : ", ").append("pg_catalog.set_config(?, ?, false)");
        }
        try (PreparedStatement statement = connection.prepareStatement(sql.toString())) {
            int at = 1;
            for (Map.Entry<String, String> pin : pins.entrySet()) {
                statement.setString(at++, pin.getKey());
                statement.setString(at++, pin.getValue());
            }
            statement.execute();
        }
    }

    /** PostgreSQL cuts names at 63 bytes and shows what is not ASCII as question marks; so do we, before it warns. */
    private static String applicationName(String purpose) {
        String ascii = purpose.replaceAll("[^\\x20-\\x7e]", "?");
        int bytes = ascii.getBytes(StandardCharsets.US_ASCII).length;
        return bytes > MAX_NAME_BYTES ? ascii.substring(0, MAX_NAME_BYTES) : ascii;
    }

    /** Ends a session; a failure to do so is of no interest. */
    public static void closeQuietly(Connection connection) {
        try {
            connection.close();
        } catch (SQLException e) {
            // The session is given up either way.
        }
    }
}
