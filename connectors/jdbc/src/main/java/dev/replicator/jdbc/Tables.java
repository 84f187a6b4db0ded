package dev.replicator.jdbc;

import dev.replicator.codec.ColumnType;
import dev.replicator.codec.RowReader;
import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.Table;
import dev.replicator.model.TableSchema;
import dev.replicator.model.TableSchema.SourceColumn;
import dev.replicator.spi.Remark;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The tables of the sync as the target has them, checked against the source's schema, and made where that is asked for.
 * Thread: that of the connection.
 */
final class Tables {
    private final Connection connection;
    private final Dialect dialect;
    private final TableReader reader;
    private final Ddl ddl;
    private final boolean create;
    private final String database;
    private final Map<Table, TableSchema> schemas = new HashMap<>();
    private final Map<Table, TargetTable> known = new HashMap<>();

    /** Columns that a batch needs and the target lacks: they are made outside of the batch, which is then written again. */
    static final class ColumnsMissing extends RuntimeException {
        private static final long serialVersionUID = 1;
        private final transient List<String> statements;

        ColumnsMissing(List<String> statements) {
            super("columns are missing");
            this.statements = List.copyOf(statements);
        }

        List<String> statements() {
            return statements;
        }
    }

    Tables(
            Connection connection,
            Dialect dialect,
            TableNames names,
            List<TableSchema> schemas,
            boolean create,
            String database) {
        this.connection = connection;
        this.dialect = dialect;
        this.reader = new TableReader(connection, dialect, names);
        this.ddl = new Ddl(dialect, names);
        this.create = create;
        this.database = database;
        schemas.forEach(schema -> this.schemas.put(schema.table(), schema));
    }

    @Nullable
    TableSchema schema(Table table) {
        return schemas.get(table);
    }

    /** What is wrong; nothing is changed. */
    List<Remark> check() throws SQLException {
        List<Remark> remarks = new ArrayList<>();
        Map<String, Table> byName = new HashMap<>();
        for (TableSchema schema : schemas.values()) {
            String name = ddl.names().of(schema.table().name());
            Table other = byName.putIfAbsent(name, schema.table());
            if (other != null) {
                remarks.add(error(
                        ErrorCode.CONFIGURATION,
                        "tables " + other.name().quoted() + " and "
                                + schema.table().name().quoted() + " have one name on database \"" + database + "\"",
                        "Both are written to \"" + name + "\".",
                        "Set the option table_name, for instance to \"{schema}_{table}\".",
                        List.of()));
            }
            check(schema, remarks);
        }
        return remarks;
    }

    private void check(TableSchema schema, List<Remark> remarks) throws SQLException {
        TargetTable found = reader.read(schema.table(), names(schema));
        String table = "table \"" + ddl.names().of(schema.table().name()) + "\"";
        if (found == null) {
            if (!create) {
                remarks.add(error(
                        ErrorCode.SCHEMA_DIFFERS,
                        table + " is missing on database \"" + database + "\"",
                        null,
                        "Create it, or set the option create_tables: true",
                        List.of(ddl.create(schema) + ";")));
            }
            return;
        }
        List<String> problems = new ArrayList<>();
        List<String> fixes = new ArrayList<>();
        for (SourceColumn column : schema.columns()) {
            if (found.find(column.name()) == null && !create) {
                problems.add("column \"" + column.name() + "\" is missing");
                fixes.add(ddl.add(found, ColumnType.of(column)) + ";");
            }
        }
        if (!found.keyed()) {
            problems.add("no primary key or unique constraint is over exactly the key ("
                    + String.join(", ", schema.table().keyColumns()) + ")");
        }
        found.unfilled()
                .forEach(column ->
                        problems.add("column \"" + column + "\" exists only there, refuses NULL and has no default"));
        String notAtomic = dialect.notAtomic(connection, found.name());
        if (notAtomic != null) {
            problems.add(notAtomic);
        }
        if (!problems.isEmpty()) {
            remarks.add(error(
                    ErrorCode.SCHEMA_DIFFERS,
                    table + " of database \"" + database + "\" cannot be written",
                    "In it " + String.join("; ", problems) + ".",
                    fixes.isEmpty()
                            ? "Change it, or leave it out of the sync."
                            : "Add the columns, or set the option create_tables: true",
                    fixes));
        }
    }

    private static Remark error(
            ErrorCode code, String primary, @Nullable String detail, String hint, List<String> fix) {
        return new Remark(Remark.Severity.ERROR, code, primary, detail, hint, fix);
    }

    private static Set<String> names(TableSchema schema) {
        Set<String> names = new LinkedHashSet<>();
        schema.columns().forEach(column -> names.add(column.name()));
        return names;
    }

    /** Creates what is missing, if that is asked for. With autocommit on. */
    void createMissing() throws SQLException {
        if (!create) {
            return;
        }
        for (TableSchema schema : schemas.values()) {
            TargetTable found = reader.read(schema.table(), names(schema));
            if (found == null) {
                run(ddl.create(schema));
                continue;
            }
            for (SourceColumn column : schema.columns()) {
                if (found.find(column.name()) == null) {
                    run(ddl.add(found, ColumnType.of(column)));
                }
            }
        }
    }

    /** With autocommit on. */
    void run(String statement) throws SQLException {
        try (Statement made = connection.createStatement()) {
            made.execute(statement);
        }
    }

    /** The table as it was when it was last looked at. */
    TargetTable of(Table table) throws SQLException {
        TargetTable target = known.get(table);
        if (target == null) {
            TableSchema schema = schemas.get(table);
            target = reader.read(table, schema == null ? table.keyColumns() : names(schema));
            if (target == null) {
                throw gone(table);
            }
            known.put(table, target);
        }
        return target;
    }

    /** The same, with all columns of a relation; looks again if it has to. */
    TargetTable of(Table table, RowReader rows) throws SQLException {
        TargetTable target = of(table);
        Set<String> names = new LinkedHashSet<>();
        rows.relation().columns().forEach(column -> names.add(column.name()));
        if (target.columns().keySet().containsAll(names)) {
            return target;
        }
        target = reader.read(table, names);
        if (target == null) {
            throw gone(table);
        }
        List<String> statements = new ArrayList<>();
        for (int c = 0; c < rows.relation().size(); c++) {
            if (target.find(rows.type(c).name()) == null) {
                statements.add(ddl.add(target, rows.type(c)));
            }
        }
        if (statements.isEmpty()) {
            known.put(table, target);
            return target;
        }
        if (create) {
            throw new ColumnsMissing(statements);
        }
        throw ReplicatorException.fatal(
                ErrorCode.SCHEMA_DIFFERS,
                "cannot write table " + table.name() + " to database \"" + database + "\"",
                "It has columns on the source that are missing there.",
                "Run there: " + String.join("; ", statements) + "; or set the option create_tables: true.");
    }

    private ReplicatorException gone(Table table) {
        return ReplicatorException.fatal(
                ErrorCode.SCHEMA_DIFFERS,
                "cannot write table " + table.name() + " to database \"" + database + "\"",
                "There is no table \"" + ddl.names().of(table.name()) + "\" any more.",
                "\"replicator check\" prints the statement that creates it.");
    }

    void forget() {
        known.clear();
    }
}
