package dev.replicator.cli.command;

import dev.replicator.model.DatabaseSpec;
import dev.replicator.model.SyncSpec;
import dev.replicator.model.SyncSpec.ClockLimit;
import dev.replicator.model.SyncSpec.ForeignOrigins;
import dev.replicator.model.SyncSpec.SlotBudget;
import dev.replicator.model.SyncSpec.WhenExceeded;
import dev.replicator.model.Table;
import dev.replicator.session.Endpoint;
import dev.replicator.slot.Catalog;
import dev.replicator.slot.CatalogColumn;
import dev.replicator.slot.TableSelection;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** The text that {@code replicator init} writes. Never holds a password. */
final class SampleConfiguration {
    private static final Set<String> NUMBERS = Set.of("int2", "int4", "int8");

    private final String sync;
    private final Map<String, DatabaseSpec> databases;
    private final int sourceCount;
    private final Map<String, Catalog> catalogs;

    /** {@code databases}: the sources first. */
    SampleConfiguration(
            String sync, Map<String, DatabaseSpec> databases, int sourceCount, Map<String, Catalog> catalogs) {
        this.sync = sync;
        this.databases = databases;
        this.sourceCount = sourceCount;
        this.catalogs = catalogs;
    }

    String text() {
        List<DatabaseSpec> all = List.copyOf(databases.values());
        SyncSpec spec = new SyncSpec(
                sync,
                all.subList(0, sourceCount),
                all.subList(sourceCount, all.size()),
                null,
                ForeignOrigins.FORWARD,
                new SlotBudget(20L << 30, Duration.ofHours(24)),
                new ClockLimit(Duration.ofSeconds(60), WhenExceeded.WARN));
        StringBuilder text =
                new StringBuilder("# Written by \"replicator init\". Every key: conf/sync.yaml.\n\ndatabases:\n");
        all.forEach(database -> database(database, text));
        text.append("\nsyncs:\n  ").append(sync).append(":\n");
        text.append("    # Databases whose write-ahead log is read; ")
                .append(sourceCount > 1 ? "each also receives the others' changes.\n" : "this one is not written.\n");
        text.append("    sources: ").append(names(all.subList(0, sourceCount))).append('\n');
        if (sourceCount < all.size()) {
            text.append("    # Databases that only receive.\n");
            text.append("    targets: ")
                    .append(names(all.subList(sourceCount, all.size())))
                    .append('\n');
        }
        TableSelection selection = TableSelection.of(spec, catalogs);
        tables(selection, text);
        if (sourceCount > 1) {
            numbered(selection.tables(), text);
        }
        if (sourceCount < all.size()) {
            text.append("    # Sequences that are kept ahead on targets, so that one can take over: all, or a list.\n");
            text.append("    # sequences: all\n");
        }
        if (sourceCount == 1) {
            text.append("""
                    # Rows that exist already are copied to targets where the table is empty: if_empty | always | never.
                    initial_copy: if_empty
                """);
        }
        text.append("""
                    # Which of several concurrent changes of a row wins: the one committed last.
                    conflict: latest
                    # What came to a source by replication from elsewhere: forward | ignore.
                    foreign_origins: forward
                    # How much log a server may have to keep for us before there is a warning.
                    slot_budget: { bytes: 20GiB, age: 24h, when_spent: warn }
                    # How far a database's clock may be off.
                    max_clock_offset: { limit: 60s, when_exceeded: warn }
                """);
        return text.toString();
    }

    private static void database(DatabaseSpec database, StringBuilder text) {
        Endpoint endpoint = Endpoint.of(database);
        text.append("  ").append(database.name()).append(":\n");
        text.append("    url: \"postgresql://")
                .append(endpoint.hosts())
                .append('/')
                .append(URLEncoder.encode(endpoint.database(), StandardCharsets.UTF_8)
                        .replace("+", "%20"))
                .append("\"\n");
        if (database.user() != null) {
            text.append("    user: \"")
                    .append(database.user().replace("\\", "\\\\").replace("\"", "\\\""))
                    .append("\"\n");
        }
        String variable = database.name().toUpperCase(Locale.ROOT).replace('-', '_') + "_PASSWORD";
        text.append(database.password() == null ? "    # password: \"${" : "    password: \"${")
                .append(variable)
                .append("}\"")
                .append(database.password() == null ? "      # or password_file, or ~/.pgpass\n" : "\n");
        if (!database.options().isEmpty()) {
            text.append("    options:\n");
            database.options()
                    .forEach((name, value) -> text.append("      ")
                            .append(name)
                            .append(": \"")
                            .append(value.replace("\\", "\\\\").replace("\"", "\\\""))
                            .append("\"\n"));
        }
    }

    private static void tables(TableSelection selection, StringBuilder text) {
        text.append(
                "    # all: every table that can be replicated. Or a list of names and patterns. At this moment:\n");
        for (Table table : selection.tables()) {
            text.append("    #   ").append(comment(table.name().toString())).append('\n');
        }
        if (selection.tables().isEmpty()) {
            text.append("    #   none\n");
        }
        if (!selection.rejected().isEmpty()) {
            text.append("    # These cannot be replicated:\n");
            selection
                    .rejected()
                    .forEach(table -> text.append("    #   ")
                            .append(comment(table.table().toString()))
                            .append(": on ")
                            .append(table.database())
                            .append(" it ")
                            .append(comment(table.reason()))
                            .append(table.hint() == null ? "" : ". " + comment(table.hint()))
                            .append('\n'));
        }
        text.append("    tables: all\n");
    }

    /** Keys that every master gives out by itself. */
    private void numbered(List<Table> tables, StringBuilder text) {
        List<String> numbered = tables.stream()
                .filter(this::isNumbered)
                .map(table -> comment(table.name() + "." + table.keyColumns().get(0)))
                .toList();
        if (!numbered.isEmpty()) {
            text.append("    # Each master numbers new rows of these by itself, and two would take the same number:\n");
            numbered.forEach(column -> text.append("    #   ").append(column).append('\n'));
            text.append(
                    "    # Give each master its own remainder of a common increment (\"replicator check\" says by which"
                            + " statements),\n    # or use uuid keys.\n");
        }
    }

    private boolean isNumbered(Table table) {
        return table.keyColumns().size() == 1
                && NUMBERS.contains(table.keyTypes().get(0))
                && catalogs.values().stream()
                        .flatMap(catalog -> catalog.table(table.name()).stream())
                        .flatMap(found -> found.column(table.keyColumns().get(0)).stream())
                        .anyMatch(CatalogColumn::hasDefault);
    }

    private static String comment(String text) {
        return text.replaceAll("\\R", " ");
    }

    private static String names(List<DatabaseSpec> databases) {
        return databases.stream().map(DatabaseSpec::name).toList().toString();
    }
}
