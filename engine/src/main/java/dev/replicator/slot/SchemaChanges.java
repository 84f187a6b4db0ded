package dev.replicator.slot;

import dev.replicator.model.DatabaseSpec;
import dev.replicator.model.SyncSpec;
import dev.replicator.model.Table;
import dev.replicator.model.TableMapping;
import dev.replicator.model.TableName;
import dev.replicator.session.Sessions;
import dev.replicator.session.SqlErrors;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Columns that a source has and another database lacks, added there: so that what is sent can be written.
 *
 * <p>Only columns are added whose value is known in every row that lacks it, those that stand there and those that are
 * still on their way: none, or one constant. A default that is computed has never been in the log. With several sources
 * nothing is added: of a row that was changed here with the column and there without it, it could not be said what its
 * value is. Source: PostgreSQL documentation, "ALTER TABLE", "pg_attribute" ({@code attmissingval}). Any thread.
 */
public final class SchemaChanges {
    private static final String LOCK_TIMEOUT = "5s";
    /** A number, a truth value or a text, with casts, as PostgreSQL writes it. */
    private static final Pattern CONSTANT =
            Pattern.compile("\\(?-?(?:[0-9.]+|true|false|E?'(?:[^']|'')*')\\)?(?:::[\\w .\"\\[\\](),]+)*");

    private SchemaChanges() {}

    /** What is to be run on a database. */
    public record Addition(DatabaseSpec database, String sql) {}

    /** What the databases of a report that were reached lack and may be given; empty unless the sync asks for that. */
    public static List<Addition> due(Preflight.Report report) {
        return due(report.sync(), report.tables(), report.catalogs());
    }

    private static List<Addition> due(SyncSpec sync, List<Table> tables, Map<String, Catalog> catalogs) {
        Set<Addition> additions = new LinkedHashSet<>();
        for (Table table : tables) {
            for (int from = 0; from < sync.sourceCount(); from++) {
                Optional<CatalogTable> source = find(sync, from, table.name(), catalogs);
                for (int to = 0; to < sync.nodeCount() && source.isPresent(); to++) {
                    Optional<CatalogTable> there =
                            from == to ? Optional.empty() : find(sync, to, table.name(), catalogs);
                    if (there.isPresent()) {
                        TableMapping.Columns carried =
                                sync.mapping(to, table.name()).columns();
                        for (CatalogColumn column : source.get().columns()) {
                            DatabaseSpec database = sync.node(to);
                            addition(sync, column, carried, there.get())
                                    .ifPresent(sql -> additions.add(new Addition(database, sql)));
                        }
                    }
                }
            }
        }
        return List.copyOf(additions);
    }

    private static Optional<CatalogTable> find(SyncSpec sync, int node, TableName name, Map<String, Catalog> catalogs) {
        return Optional.ofNullable(catalogs.get(sync.node(node).name())).flatMap(catalog -> catalog.table(name));
    }

    /** What adds the column there, if it is sent, missing, and may be added by us. */
    static Optional<String> addition(
            SyncSpec sync, CatalogColumn column, TableMapping.Columns carried, CatalogTable there) {
        boolean asked = sync.schemaChanges() == SyncSpec.SchemaChange.ADDITIVE && !sync.isMultiMaster();
        if (!asked || column.generated() || !there.owned()) {
            return Optional.empty();
        }
        return carried.nameOf(column.name())
                .filter(name -> there.column(name).isEmpty())
                .flatMap(name -> sql(column, name, there.name()));
    }

    /** The statement; empty where the value of rows without the column is not known. */
    private static Optional<String> sql(CatalogColumn column, String name, TableName table) {
        String value = column.missingValue();
        String expression = column.defaultExpression();
        boolean constant = value != null && expression != null && isConstant(expression);
        // Of a source that is no PostgreSQL it is not known what its rows were given.
        if (column.hasDefault() && !constant
                || column.identity() != CatalogColumn.Identity.NONE
                || column.typeOid() == 0) {
            return Optional.empty();
        }
        return Optional.of("ALTER TABLE " + table.quoted() + " ADD COLUMN IF NOT EXISTS " + TableName.quote(name) + " "
                + column.declared()
                + (value == null || !constant
                        ? ""
                        : " DEFAULT " + literal(value) + (column.notNull() ? " NOT NULL" : ""))
                + ";");
    }

    /** Whether a default is the same for every row, whenever it is added. */
    static boolean isConstant(String expression) {
        return CONSTANT.matcher(expression).matches();
    }

    private static String literal(String text) {
        String quoted = "'" + text.replace("'", "''") + "'";
        return text.indexOf('\\') < 0 ? quoted : "E" + quoted.replace("\\", "\\\\");
    }

    /** Runs them; what each database got is one transaction. Waits for locks for {@value #LOCK_TIMEOUT} only. */
    public static void run(List<Addition> additions) {
        Set<DatabaseSpec> databases = new LinkedHashSet<>();
        additions.forEach(addition -> databases.add(addition.database()));
        for (DatabaseSpec database : databases) {
            List<String> script = new ArrayList<>(List.of("BEGIN"));
            additions.stream()
                    .filter(addition -> addition.database().equals(database))
                    .forEach(addition -> script.add(addition.sql()));
            script.add("COMMIT");
            try (Connection connection =
                            Sessions.open(database, "replicator schema", Map.of("lock_timeout", LOCK_TIMEOUT));
                    Statement statement = connection.createStatement()) {
                for (String sql : script) {
                    statement.execute(sql);
                }
            } catch (SQLException e) {
                throw SqlErrors.doing("add columns to database \"" + database.name() + "\"", e);
            }
        }
    }
}
