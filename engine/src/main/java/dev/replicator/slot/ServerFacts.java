package dev.replicator.slot;

import dev.replicator.model.DatabaseSpec;
import dev.replicator.session.DatabaseIdentity;
import dev.replicator.session.Endpoint;
import dev.replicator.session.SqlErrors;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a database says of itself, its server, and of what our role may do there. One reading, a few round trips, no
 * privilege needed.
 *
 * @param versionNumber as {@code server_version_num}
 * @param identity which database of which cluster it is
 * @param settings those that matter, by name; what a version does not have is missing
 * @param role the role of this session
 * @param superuser whether it is one
 * @param replication whether it may use slots
 * @param mayCreate whether it may create schemas and publications in this database
 * @param ownSchema what it finds of our schema
 * @param maySetReplicaRole whether it can write without firing triggers and checking foreign keys
 * @param lackingFunctions signatures of the origin functions it may not call
 * @param standby whether the server is in recovery
 * @param slots slots in use on the server
 * @param senders WAL senders in use on the server
 * @param origins names of the replication origins of the server
 * @param clockOffset the server's clock minus this machine's, from the quickest of a few readings
 * @param clockError how far that may be off: half of the round trip
 */
public record ServerFacts(
        String database,
        Endpoint endpoint,
        int versionNumber,
        DatabaseIdentity identity,
        Map<String, String> settings,
        String role,
        boolean superuser,
        boolean replication,
        boolean mayCreate,
        OwnSchema ownSchema,
        boolean maySetReplicaRole,
        List<String> lackingFunctions,
        boolean standby,
        int slots,
        int senders,
        Set<String> origins,
        Duration clockOffset,
        Duration clockError) {

    /** Functions that apply and remove call; all are refused to ordinary roles until granted, database by database. */
    static final List<String> ORIGIN_FUNCTIONS = List.of(
            "pg_replication_origin_create",
            "pg_replication_origin_drop",
            "pg_replication_origin_oid",
            "pg_replication_origin_progress",
            "pg_replication_origin_session_is_setup",
            "pg_replication_origin_session_reset",
            "pg_replication_origin_session_setup",
            "pg_replication_origin_xact_reset",
            "pg_replication_origin_xact_setup");

    private static final int CLOCK_READINGS = 3;

    /** What there is of schema {@code replicator}. */
    public enum OwnSchema {
        MISSING,
        USABLE,
        /** It is there, and this role may not use or fill it. */
        REFUSED
    }

    public ServerFacts {
        settings = Map.copyOf(settings);
        lackingFunctions = List.copyOf(lackingFunctions);
        origins = Set.copyOf(origins);
    }

    public int major() {
        return versionNumber / 10_000;
    }

    /** A numeric setting, or {@code otherwise} where the version does not have it. */
    public long number(String setting, long otherwise) {
        String value = settings.get(setting);
        return value == null ? otherwise : Long.parseLong(value);
    }

    private static final String FACTS = """
            SELECT current_setting('server_version_num')::int AS version, current_user::text AS role,
              r.rolsuper, r.rolsuper OR r.rolreplication AS replication,
              has_database_privilege(current_database(), 'CREATE') AS may_create,
              CASE WHEN n.oid IS NULL THEN 'MISSING'
                WHEN has_schema_privilege(n.oid, 'USAGE') AND has_schema_privilege(n.oid, 'CREATE') THEN 'USABLE'
                ELSE 'REFUSED' END AS own_schema,
              current_setting('session_replication_role') = 'replica' AS is_replica,
              pg_is_in_recovery() AS standby,
              (SELECT count(*) FROM pg_replication_slots) AS slots,
              (SELECT count(*) FROM pg_stat_replication) AS senders
            FROM pg_roles r LEFT JOIN pg_namespace n ON n.nspname = 'replicator'
            WHERE r.rolname = current_user
            """;

    /** Reads; the session is one of {@link dev.replicator.session.Sessions}. */
    public static ServerFacts read(Connection connection, DatabaseSpec spec) {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(FACTS)) {
            row.next();
            int version = row.getInt("version");
            boolean superuser = row.getBoolean("rolsuper");
            Duration[] clock = clock(connection);
            return new ServerFacts(
                    spec.name(),
                    Endpoint.of(spec),
                    version,
                    DatabaseIdentity.read(connection, spec.name()),
                    settings(connection),
                    row.getString("role"),
                    superuser,
                    row.getBoolean("replication"),
                    row.getBoolean("may_create"),
                    OwnSchema.valueOf(row.getString("own_schema")),
                    superuser || row.getBoolean("is_replica") || hasParameterPrivilege(connection, version),
                    lackingFunctions(connection),
                    row.getBoolean("standby"),
                    row.getInt("slots"),
                    row.getInt("senders"),
                    origins(connection),
                    clock[0],
                    clock[1]);
        } catch (SQLException e) {
            throw SqlErrors.doing("read the settings of database \"" + spec.name() + "\"", e);
        }
    }

    private static boolean hasParameterPrivilege(Connection connection, int version) throws SQLException {
        if (version < 150_000) {
            return false;
        }
        try (Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery("SELECT has_parameter_privilege('session_replication_role', 'SET')")) {
            return row.next() && row.getBoolean(1);
        }
    }

    private static Map<String, String> settings(Connection connection) throws SQLException {
        String sql = """
                SELECT name, setting, unit
                FROM pg_settings WHERE name IN ('wal_level', 'max_replication_slots', 'max_wal_senders',
                  'max_active_replication_origins', 'wal_sender_timeout', 'max_slot_wal_keep_size',
                  'idle_replication_slot_timeout', 'server_encoding')
                """;
        Map<String, String> settings = new HashMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            while (row.next()) {
                settings.put(row.getString(1), plain(row.getString(2), row.getString(3)));
            }
        }
        return settings;
    }

    /** Bytes and milliseconds; what is not positive keeps its special meaning. */
    private static String plain(String setting, @Nullable String unit) {
        long factor = switch (unit == null ? "" : unit) {
            case "MB" -> 1L << 20;
            case "s" -> 1_000;
            case "min" -> 60_000;
            default -> 1;
        };
        return factor == 1 || setting.startsWith("-") ? setting : Long.toString(Long.parseLong(setting) * factor);
    }

    private static List<String> lackingFunctions(Connection connection) throws SQLException {
        String sql = """
                SELECT oid::regprocedure::text FROM pg_proc
                WHERE pronamespace = 'pg_catalog'::regnamespace AND proname = ANY (?)
                  AND NOT has_function_privilege(oid, 'EXECUTE') ORDER BY 1
                """;
        List<String> lacking = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setArray(1, connection.createArrayOf("text", ORIGIN_FUNCTIONS.toArray()));
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    lacking.add(row.getString(1));
                }
            }
        }
        return lacking;
    }

    private static Set<String> origins(Connection connection) throws SQLException {
        Set<String> origins = new HashSet<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT roname FROM pg_replication_origin")) {
            while (row.next()) {
                origins.add(row.getString(1));
            }
        }
        return origins;
    }

    /** The server's clock against ours at the middle of the round trip; the quickest reading is the best one. */
    private static Duration[] clock(Connection connection) throws SQLException {
        long offset = 0;
        long shortest = Long.MAX_VALUE;
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::int8")) {
            for (int i = 0; i < CLOCK_READINGS; i++) {
                long wall = System.currentTimeMillis() * 1000;
                long start = System.nanoTime();
                try (ResultSet row = statement.executeQuery()) {
                    row.next();
                    long trip = (System.nanoTime() - start) / 1000;
                    if (trip < shortest) {
                        shortest = trip;
                        offset = row.getLong(1) - wall - trip / 2;
                    }
                }
            }
        }
        return new Duration[] {
            Duration.ofNanos(offset * 1000),
            Duration.ofNanos(shortest * 1000 / 2).plusMillis(1)
        };
    }
}
