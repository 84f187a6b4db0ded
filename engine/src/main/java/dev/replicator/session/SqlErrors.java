package dev.replicator.session;

import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.error.ReplicatorException.Kind;
import dev.replicator.model.DatabaseSpec;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.sql.SQLException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * What a failure on a PostgreSQL session means: kind, code, and text with a hint. The one place that reads SQLSTATEs,
 * but for the target's finer view of failed writes. What is not listed needs a person.
 *
 * <p>Messages of the classes 22 and 23 quote values: of those only names are repeated.
 *
 * <p>Source: PostgreSQL documentation, appendix A, "PostgreSQL Error Codes".
 */
public final class SqlErrors {
    private SqlErrors() {}

    /** A failure while a session was being opened. */
    public static ReplicatorException connecting(DatabaseSpec spec, SQLException e) {
        Endpoint endpoint = Endpoint.of(spec);
        Meaning meaning = meaning(state(e));
        boolean retryable = meaning.kind == Kind.RETRYABLE;
        String primary =
                (retryable ? "could not" : "cannot") + " connect to database \"" + spec.name() + "\" at " + endpoint;
        @Nullable String hint = meaning.hint;
        if (state(e).equals("3D000")) {
            hint = "Create the database, or correct the url of \"" + spec.name() + "\" in the configuration.";
        } else if (state(e).equals("42501")) {
            hint = "Grant CONNECT on the database to the role, and for replication: ALTER ROLE ... REPLICATION.";
        }
        return new ReplicatorException(meaning.kind, meaning.code, primary, text(e), hint, e);
    }

    /**
     * A failure of a statement. {@code doing} is an infinitive that completes "could not ...": {@code create publication
     * "x" on database "shake1"}.
     */
    public static ReplicatorException doing(String doing, SQLException e) {
        Meaning meaning = meaning(state(e));
        String primary = (meaning.kind == Kind.RETRYABLE ? "could not " : "cannot ") + doing;
        return new ReplicatorException(meaning.kind, meaning.code, primary, text(e), meaning.hint, e);
    }

    /** Whether the same call may work later. */
    public static boolean isRetryable(SQLException e) {
        return meaning(state(e)).kind == Kind.RETRYABLE;
    }

    /** The SQLSTATE, or an empty string. */
    public static String state(SQLException e) {
        return e.getSQLState() == null ? "" : e.getSQLState();
    }

    /** The server's own words without values, or the driver's; one line, ending with a full stop. */
    public static String text(SQLException e) {
        String state = state(e);
        ServerErrorMessage server = e instanceof PSQLException p ? p.getServerErrorMessage() : null;
        if (server == null) {
            return sentence(network(e)) + " (SQLSTATE " + (state.isEmpty() ? "unknown" : state) + ")";
        }
        boolean quotesValues = state.startsWith("22") || state.startsWith("23");
        StringBuilder text = new StringBuilder();
        text.append("The server says: ");
        text.append(sentence(quotesValues ? named(state, server) : String.valueOf(server.getMessage())));
        if (!quotesValues && server.getDetail() != null) {
            text.append(' ').append(sentence(server.getDetail()));
        }
        if (!quotesValues && server.getHint() != null) {
            text.append(' ').append(sentence(server.getHint()));
        }
        return text.append(" (SQLSTATE ").append(state).append(')').toString();
    }

    private static String named(String state, ServerErrorMessage server) {
        StringBuilder text = new StringBuilder(state.startsWith("23") ? "constraint violated" : "bad value");
        append(text, ", table ", server.getTable());
        append(text, ", column ", server.getColumn());
        append(text, ", constraint ", server.getConstraint());
        append(text, ", type ", server.getDatatype());
        return text.toString();
    }

    private static void append(StringBuilder text, String label, @Nullable String name) {
        if (name != null && !name.isEmpty()) {
            text.append(label).append('"').append(name).append('"');
        }
    }

    private static String network(SQLException e) {
        for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
            if (cause instanceof UnknownHostException) {
                return "The host name cannot be resolved.";
            }
            if (cause instanceof ConnectException) {
                return "Nobody listens there: "
                        + String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT) + ".";
            }
            if (cause instanceof NoRouteToHostException) {
                return "There is no route to the host.";
            }
            if (cause instanceof SocketTimeoutException) {
                return "No answer came in time.";
            }
        }
        return String.valueOf(e.getMessage());
    }

    private static String sentence(String text) {
        String line = text.strip().replaceAll("\\s*\\R\\s*", " ");
        return line.isEmpty() || line.endsWith(".") || line.endsWith(")") ? line : line + ".";
    }

    private record Meaning(
            Kind kind, ErrorCode code, @Nullable String hint) {}

    private static Meaning meaning(String state) {
        Meaning exact = exact(state);
        if (exact != null) {
            return exact;
        }
        String group = state.length() < 2 ? "" : state.substring(0, 2);
        return switch (group) {
            case "08" ->
                retry(ErrorCode.CONNECTION, "Check host and port, and that the server runs and accepts connections.");
            case "28" -> fatal(ErrorCode.AUTHENTICATION, "Check user and password, and the server's pg_hba.conf.");
            case "40" -> retry(ErrorCode.CONNECTION, null);
            case "53" -> retry(ErrorCode.SERVER_SETTING, null);
            case "57" -> retry(ErrorCode.CONNECTION, null);
            case "58" -> retry(ErrorCode.CONNECTION, null);
            case "22", "23" -> fatal(ErrorCode.TARGET_REFUSED, null);
            default -> fatal(ErrorCode.INTERNAL, null);
        };
    }

    private static @Nullable Meaning exact(String state) {
        return switch (state) {
            case "08004" ->
                fatal(ErrorCode.AUTHENTICATION, "Check the password, sslmode, and the server's pg_hba.conf.");
            case "28P01" ->
                fatal(ErrorCode.AUTHENTICATION, "Check user and password (password, password_file, or ~/.pgpass).");
            case "28000" ->
                fatal(
                        ErrorCode.AUTHENTICATION,
                        "Check that the role exists and may log in, and that pg_hba.conf lets it in from this host.");
            case "3D000" -> fatal(ErrorCode.CONFIGURATION, null);
            case "42501" ->
                fatal(ErrorCode.PRIVILEGE, "Run \"replicator check --sql\" for the grants that are missing.");
            case "42P01", "42703", "3F000" -> fatal(ErrorCode.TABLE, null);
            case "0A000", "42883" -> fatal(ErrorCode.SERVER_SETTING, null);
            case "53100" -> retry(ErrorCode.DISK, "Make room on the server's disk.");
            case "53300" -> retry(ErrorCode.CONNECTION, "Raise max_connections, or the role's CONNECTION LIMIT.");
            case "53400" ->
                fatal(
                        ErrorCode.SERVER_SETTING,
                        "Raise max_replication_slots (origins on 18 and later: max_active_replication_origins) and restart"
                                + " the server, or drop slots that nobody needs.");
            case "55006" -> retry(ErrorCode.SLOT_BUSY, "Another process holds it. Stop that one, or wait for its end.");
            case "55P03" -> retry(ErrorCode.CONNECTION, null);
            case "55000" -> fatal(ErrorCode.SERVER_SETTING, null);
            case "25006" ->
                retry(ErrorCode.CONNECTION, "The server is read-only, most likely a standby: connect to the primary.");
            case "57P04" -> fatal(ErrorCode.CONFIGURATION, "The database was dropped.");
            default -> null;
        };
    }

    private static Meaning fatal(ErrorCode code, @Nullable String hint) {
        return new Meaning(Kind.FATAL, code, hint);
    }

    private static Meaning retry(ErrorCode code, @Nullable String hint) {
        return new Meaning(Kind.RETRYABLE, code, hint);
    }
}
