package dev.replicator.cli.demo;

import dev.replicator.observe.DatabaseStatus;
import dev.replicator.observe.SourceStatus;
import dev.replicator.observe.SyncStatus;
import dev.replicator.observe.TargetStatus;
import java.util.List;
import java.util.Locale;

/** A sync's status as a few lines of text: one for each database. */
final class LiveStatus {
    private static final int WIDEST = 60;

    private LiveStatus() {}

    static List<String> lines(SyncStatus status) {
        TextTable table = new TextTable(
                WIDEST, "database", "state", "rows read", "rows written", "waiting", "lag", "conflicts lost", "note");
        for (DatabaseStatus database : status.databases()) {
            SourceStatus source = database.source();
            TargetStatus target = database.target();
            table.row(
                    database.database(),
                    state(status, database),
                    source == null ? "" : Long.toString(source.rows()),
                    target == null ? "" : Long.toString(target.rows()),
                    target == null ? "" : Long.toString(target.waitingTransactions()),
                    target == null ? "" : String.format(Locale.ROOT, "%.1f s", target.lagMicros() / 1e6),
                    source == null ? "" : Long.toString(source.conflicts()),
                    note(database));
        }
        return table.lines();
    }

    private static String state(SyncStatus status, DatabaseStatus database) {
        if (status.paused()) {
            return "paused";
        }
        SourceStatus source = database.source();
        TargetStatus target = database.target();
        boolean sourceTells = source != null && (target == null || database.isHealthy());
        String state = sourceTells && source != null
                ? source.state().name()
                : target == null ? "" : target.state().name();
        return state.toLowerCase(Locale.ROOT);
    }

    private static String note(DatabaseStatus database) {
        if (database.lastError() != null && database.lastError().current()) {
            return database.lastError().primary();
        }
        return database.waitReason() == null ? "" : database.waitReason();
    }
}
