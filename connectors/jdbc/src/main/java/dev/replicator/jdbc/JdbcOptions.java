package dev.replicator.jdbc;

import dev.replicator.jdbc.Encoder.Unrepresentable;
import dev.replicator.model.DatabaseSpec;
import dev.replicator.spi.TargetOption;
import dev.replicator.spi.TargetOptions;
import java.util.List;
import java.util.Locale;

/** What can be set for a JDBC database. */
final class JdbcOptions {
    static final TargetOption TABLE_NAME =
            TargetOption.text("table_name", "{table}", "What a table is called there, made of {schema} and {table}.");
    static final TargetOption PROGRESS_TABLE =
            TargetOption.text("progress_table", "replicator_progress", "Name of the table that holds the progress.");

    static final List<TargetOption> ALL =
            List.of(TargetOptions.CREATE_TABLES, TargetOptions.UNREPRESENTABLE, TABLE_NAME, PROGRESS_TABLE);

    private JdbcOptions() {}

    static Encoder encoder(Dialect dialect, DatabaseSpec database) {
        String policy = TargetOptions.of(database).text(TargetOptions.UNREPRESENTABLE.name());
        return new Encoder(dialect, Unrepresentable.valueOf(policy.toUpperCase(Locale.ROOT)));
    }
}
