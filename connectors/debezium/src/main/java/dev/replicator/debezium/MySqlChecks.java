package dev.replicator.debezium;

import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.spi.Remark;
import dev.replicator.spi.SourceRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What has to be right on a server whose binary log is read. Source: Debezium documentation, "MySQL connector", "Setting up
 * MySQL"; MySQL Reference Manual, "Binary Logging Options and Variables". Thread: that of
 * the session.
 */
final class MySqlChecks {
    private static final long LEAST_KEPT_SECONDS = 24 * 3600;

    private final MySqlServer server;
    private final String database;
    private final List<Remark> remarks = new ArrayList<>();

    private MySqlChecks(MySqlServer server, String database) {
        this.server = server;
        this.database = database;
    }

    static List<Remark> of(MySqlServer server, SourceRequest request) {
        MySqlChecks checks = new MySqlChecks(server, request.database().name());
        checks.log();
        checks.rows();
        checks.retention();
        checks.privileges();
        return checks.remarks;
    }

    /**
     * Throws what the log has not whole rows for. Settings change while the server runs; what was written meanwhile cannot
     * be told from what is of no interest.
     */
    static void verifyRows(MySqlServer server, SourceRequest request) {
        MySqlChecks checks = new MySqlChecks(server, request.database().name());
        checks.rows();
        for (Remark remark : checks.remarks) {
            throw ReplicatorException.fatal(
                    remark.code(),
                    remark.primary(),
                    remark.detail(),
                    String.join(" ", remark.fix()) + " Rows that were written meanwhile may be missing at the targets:"
                            + " \"replicator remove\" the sync and start it again to have all rows copied anew.");
        }
    }

    private void error(ErrorCode code, String detail, String hint, String... fix) {
        remarks.add(new Remark(
                Remark.Severity.ERROR,
                code,
                "cannot read the binary log of database \"" + database + "\"",
                detail,
                hint,
                List.of(fix)));
    }

    private void log() {
        if (!server.variable("log_bin").equalsIgnoreCase("ON")) {
            error(
                    ErrorCode.SERVER_SETTING,
                    "The server writes none (log_bin = OFF).",
                    "Add \"log_bin = binlog\" and a server_id to the section [mysqld] of its configuration, and restart it.");
        }
    }

    private void rows() {
        String format = server.variable("binlog_format");
        if (!format.isEmpty() && !format.equalsIgnoreCase("ROW")) {
            error(
                    ErrorCode.SERVER_SETTING,
                    "binlog_format is " + format + ": the log has statements instead of rows.",
                    "Set it, also in the server's configuration file; sessions that are open keep the old value",
                    "SET GLOBAL binlog_format = 'ROW';");
        }
        String image = server.variable("binlog_row_image");
        if (!image.equalsIgnoreCase("FULL")) {
            error(
                    ErrorCode.SERVER_SETTING,
                    "binlog_row_image is " + image + ": the log has not whole rows.",
                    "Set it, also in the server's configuration file; sessions that are open keep the old value",
                    "SET GLOBAL binlog_row_image = 'FULL';");
        }
        String parts = server.variable("binlog_row_value_options");
        if (!parts.isEmpty()) {
            error(
                    ErrorCode.SERVER_SETTING,
                    "binlog_row_value_options is " + parts + ": the log has parts of JSON values.",
                    "Set it, also in the server's configuration file",
                    "SET GLOBAL binlog_row_value_options = '';");
        }
        compression();
    }

    /** MariaDB's; Debezium passes over what is compressed, without a word. */
    private void compression() {
        if (server.variable("log_bin_compress").equalsIgnoreCase("ON")) {
            error(
                    ErrorCode.SERVER_SETTING,
                    "log_bin_compress is ON: what is compressed in the log cannot be read.",
                    "Set it, also in the server's configuration file",
                    "SET GLOBAL log_bin_compress = OFF;");
        }
    }

    private void retention() {
        String seconds = server.variable("binlog_expire_logs_seconds");
        if (seconds.isEmpty()) {
            return;
        }
        double kept = Double.parseDouble(seconds);
        if (kept > 0 && kept < LEAST_KEPT_SECONDS) {
            remarks.add(new Remark(
                    Remark.Severity.WARNING,
                    ErrorCode.SERVER_SETTING,
                    "database \"" + database + "\" keeps its binary log for " + (long) kept + " seconds only",
                    "When this program, or a target, is away for longer, all rows have to be copied anew.",
                    "Set it to some days",
                    List.of("SET GLOBAL binlog_expire_logs_seconds = 604800;")));
        }
    }

    private void privileges() {
        String grants = String.join("\n", server.grants()).toUpperCase(Locale.ROOT);
        boolean all = grants.contains("ALL PRIVILEGES ON *.*");
        List<String> missing = new ArrayList<>();
        if (!all && !grants.contains("REPLICATION SLAVE") && !grants.contains("REPLICATION REPLICA")) {
            missing.add("REPLICATION SLAVE");
        }
        if (!all && !grants.contains("REPLICATION CLIENT") && !grants.contains("BINLOG MONITOR")) {
            missing.add("REPLICATION CLIENT");
        }
        if (!all && !grants.contains("RELOAD")) {
            missing.add("RELOAD");
        }
        if (!missing.isEmpty()) {
            String[] user = server.user().split("@", 2);
            error(
                    ErrorCode.PRIVILEGE,
                    "User " + server.user() + " lacks " + String.join(", ", missing) + ".",
                    "Grant it",
                    "GRANT " + String.join(", ", missing) + " ON *.* TO '" + user[0] + "'@'" + user[1] + "';");
        }
    }
}
