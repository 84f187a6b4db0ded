package dev.replicator.cli.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGProperty;

/** Turns libpq's connection parameters into pgjdbc's, and refuses those that do not exist or would do harm. */
final class PostgresOptions {
    /** libpq's names for what pgjdbc names differently. */
    private static final Map<String, String> DRIVER_NAMES = Map.ofEntries(
            Map.entry("application_name", "ApplicationName"),
            Map.entry("fallback_application_name", "ApplicationName"),
            Map.entry("connect_timeout", "connectTimeout"),
            Map.entry("channel_binding", "channelBinding"),
            Map.entry("gssencmode", "gssEncMode"),
            Map.entry("keepalives", "tcpKeepAlive"),
            Map.entry("krbsrvname", "kerberosServerName"),
            Map.entry("load_balance_hosts", "loadBalanceHosts"),
            Map.entry("require_auth", "requireAuth"),
            Map.entry("sslnegotiation", "sslNegotiation"),
            Map.entry("target_session_attrs", "targetServerType"));

    private static final Map<String, String> SERVER_TYPES = Map.of(
            "any", "any",
            "read-write", "primary",
            "primary", "primary",
            "read-only", "secondary",
            "standby", "secondary",
            "prefer-standby", "preferSecondary");

    /** Environment variables of libpq and the keywords they are defaults of. */
    static final Map<String, String> VARIABLES = Map.ofEntries(
            Map.entry("PGHOST", "host"),
            Map.entry("PGPORT", "port"),
            Map.entry("PGDATABASE", "dbname"),
            Map.entry("PGUSER", "user"),
            Map.entry("PGPASSWORD", "password"),
            Map.entry("PGSERVICE", "service"),
            Map.entry("PGSSLMODE", "sslmode"),
            Map.entry("PGSSLCERT", "sslcert"),
            Map.entry("PGSSLKEY", "sslkey"),
            Map.entry("PGSSLROOTCERT", "sslrootcert"),
            Map.entry("PGSSLNEGOTIATION", "sslnegotiation"),
            Map.entry("PGCONNECT_TIMEOUT", "connect_timeout"),
            Map.entry("PGCHANNELBINDING", "channel_binding"),
            Map.entry("PGGSSENCMODE", "gssencmode"),
            Map.entry("PGKRBSRVNAME", "krbsrvname"),
            Map.entry("PGREQUIREAUTH", "require_auth"),
            Map.entry("PGTARGETSESSIONATTRS", "target_session_attrs"));

    /** What this program sets itself, or what breaks a replication connection. */
    private static final Map<String, String> REFUSED = Map.of(
            "replication", "it is set where it is needed",
            "assumeMinServerVersion", "it is set where it is needed",
            "preferQueryMode", "it is set where it is needed",
            "binaryTransfer", "it is set where it is needed",
            "autosave", "it is set where it is needed",
            "readOnly", "databases are written to",
            "queryTimeout", "it would end creating a slot, which waits for every running transaction");

    private static final Set<String> PARTS = Set.of("host", "port", "dbname", "user", "password", "service");

    private PostgresOptions() {}

    /**
     * What is left of {@code keywords} beside host, port, database, user, password and service, under the driver's names.
     * Complaints are sentences, put into {@code complaints}.
     */
    static Map<String, String> of(Map<String, String> keywords, boolean jdbcNames, List<String> complaints) {
        Map<String, String> options = new LinkedHashMap<>();
        keywords.forEach((keyword, value) -> {
            if (PARTS.contains(keyword)) {
                return;
            }
            String name = jdbcNames ? keyword : DRIVER_NAMES.getOrDefault(keyword, keyword);
            String complaint = complaint(keyword, name);
            if (complaint != null) {
                complaints.add(complaint);
                return;
            }
            String translated = jdbcNames ? value : translated(keyword, value);
            if (translated == null) {
                complaints.add("connection parameter target_session_attrs must be any, read-write, read-only, primary,"
                        + " standby or prefer-standby");
                return;
            }
            options.put(name, translated);
        });
        return options;
    }

    private static @Nullable String complaint(String keyword, String name) {
        String reason = REFUSED.get(name);
        if (reason != null) {
            return "connection parameter \"" + keyword + "\" cannot be set here: " + reason;
        }
        if (PGProperty.forName(name) != null) {
            return null;
        }
        List<String> known = new ArrayList<>(DRIVER_NAMES.keySet());
        for (PGProperty property : PGProperty.values()) {
            known.add(property.getName());
        }
        return "unknown connection parameter \"" + keyword + "\"" + NearestWord.hint(keyword, known);
    }

    private static @Nullable String translated(String keyword, String value) {
        return switch (keyword) {
            case "target_session_attrs" -> SERVER_TYPES.get(value);
            case "keepalives" -> value.equals("0") ? "false" : "true";
            default -> value;
        };
    }
}
