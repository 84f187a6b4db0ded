package dev.replicator.mapping;

import dev.replicator.codec.KeyCodec;
import dev.replicator.codec.RowReader;
import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.ChangeKind;
import dev.replicator.model.Column;
import dev.replicator.model.Key;
import dev.replicator.model.Operation;
import dev.replicator.model.Row;
import dev.replicator.model.Table;
import dev.replicator.model.TableMapping;
import dev.replicator.model.TableSchema;
import dev.replicator.model.TableSchema.SourceColumn;
import dev.replicator.spi.RowExpressions;
import dev.replicator.spi.RowExpressions.Condition;
import dev.replicator.spi.RowExpressions.Expression;
import dev.replicator.spi.RowExpressions.Value;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One table as one database gets it, and what becomes of each operation on it.
 *
 * <p>A row for which {@code where} does not hold is deleted by its key, because it may have held before. So rows have to be
 * known whole where they are looked into; an operation that lacks what is asked for stops the database, with what to do.
 *
 * <p>Thread: one, but for {@link #schema()}.
 */
public final class MappedTable {
    private final TableSchema source;
    private final TableMapping mapping;
    private final @Nullable Condition where;
    private final List<Value> computed = new ArrayList<>();
    private final TableSchema there;
    private final MappedRows rows;
    private final KeyCodec keys;

    /** Throws CONFIGURATION when the mapping does not fit the table; {@code language} null: there is none. */
    MappedTable(TableSchema source, TableMapping mapping, @Nullable RowExpressions language) {
        this.source = source;
        this.mapping = mapping;
        checkNames();
        String condition = mapping.where();
        this.where = condition == null ? null : need(language).condition(condition, source);
        mapping.columns()
                .computed()
                .forEach((name, text) -> computed.add(need(language)
                        .value(name, text, source, source.column(name).orElse(null))));
        this.there = mapped();
        this.rows = new MappedRows(there.table(), mapping.columns(), computed);
        this.keys = new KeyCodec(there.table());
    }

    private static RowExpressions need(@Nullable RowExpressions language) {
        if (language == null) {
            throw ReplicatorException.fatal(
                    ErrorCode.CONFIGURATION,
                    "cannot evaluate expressions over rows",
                    "The module that can is not on the class path.",
                    "Use the program as it is shipped.");
        }
        return language;
    }

    private void checkNames() {
        TableMapping.Columns columns = mapping.columns();
        Set<String> named = new LinkedHashSet<>(columns.exclude());
        named.addAll(columns.rename().keySet());
        if (columns.include() != null) {
            named.addAll(columns.include());
        }
        for (String name : named) {
            if (source.column(name).isEmpty()) {
                throw bad(
                        "There is no column \"" + name + "\".",
                        "It has: "
                                + String.join(
                                        ", ",
                                        source.columns().stream()
                                                .map(SourceColumn::name)
                                                .toList()) + ".");
            }
        }
        Set<String> there = new LinkedHashSet<>(columns.computed().keySet());
        for (SourceColumn column : source.columns()) {
            String name = columns.nameOf(column.name()).orElse(null);
            if (name != null && !there.add(name)) {
                throw bad("Two columns would be called \"" + name + "\" there.", "Give one of them another name.");
            }
        }
        for (String key : source.table().keyColumns()) {
            if (columns.nameOf(key).isEmpty()) {
                throw bad(
                        "Key column \"" + key + "\" is not carried, or computed.",
                        "Every row is found by its key: leave the key's columns in. They can have other names.");
            }
        }
    }

    private ReplicatorException bad(String detail, String hint) {
        return ReplicatorException.fatal(
                ErrorCode.CONFIGURATION, "cannot map table " + source.table().name(), detail, hint);
    }

    private TableSchema mapped() {
        TableMapping.Columns columns = mapping.columns();
        Table table = source.table();
        Table renamed = new Table(
                table.id(),
                mapping.nameOf(table.name()),
                table.keyColumns().stream()
                        .map(key -> columns.nameOf(key).orElseThrow())
                        .toList(),
                table.keyTypes());
        List<SourceColumn> carried = new ArrayList<>();
        for (SourceColumn column : source.columns()) {
            columns.nameOf(column.name())
                    .ifPresent(name -> carried.add(new SourceColumn(
                            name,
                            column.baseType(),
                            column.typmod(),
                            column.declared(),
                            column.notNull(),
                            column.enumLabels())));
        }
        computed.forEach(value -> carried.add(value.column()));
        return new TableSchema(renamed, carried);
    }

    /** The table as it has to be there. */
    public TableSchema schema() {
        return there;
    }

    /** The table as the sources have it. */
    public TableSchema source() {
        return source;
    }

    /** Expressions that need to know whole rows: not those over the key alone. */
    public List<Expression> overMoreThanTheKey() {
        List<Expression> all = new ArrayList<>(computed);
        if (where != null) {
            all.add(where);
        }
        all.removeIf(expression -> source.table().keyColumns().containsAll(expression.columns()));
        return all;
    }

    /** Whether a whole row belongs there. */
    public boolean holds(Row row) {
        return where == null || where.holds(row);
    }

    /** A whole row as it is there. */
    public Row row(Row row) {
        return rows.of(row, true);
    }

    /** Whether a row of these columns is, but for names, the same there. */
    boolean keepsColumns(List<Column> columns) {
        return where == null
                && computed.isEmpty()
                && columns.stream()
                        .allMatch(column ->
                                mapping.columns().nameOf(column.name()).isPresent());
    }

    /** The columns of a row there. */
    List<Column> columns(List<Column> columns) {
        return rows.columns(columns);
    }

    boolean carries(ChangeKind kind) {
        return mapping.carries(kind);
    }

    Table table() {
        return there.table();
    }

    /** Null: nothing. */
    @Nullable
    Operation of(Operation operation) {
        return switch (operation.kind()) {
            case TRUNCATE -> carries(ChangeKind.TRUNCATE) ? Operation.truncate(table()) : null;
            case DELETE -> carries(ChangeKind.DELETE) ? removed(operation) : null;
            case UPSERT -> holds(operation.requireRow()) ? written(operation) : left(operation);
            case UPDATE, MOVE -> incomplete(operation);
        };
    }

    /** It carries some columns. Whether such a row belongs there never changes if the key alone says so. */
    private @Nullable Operation incomplete(Operation operation) {
        Row row = operation.requireRow();
        if (operation.kind() == Operation.Kind.MOVE && where != null) {
            throw incompleteRow(operation);
        }
        for (Value value : computed) {
            if (lacks(row, value) && MappedRows.carriesSome(row, value)) {
                throw incompleteRow(operation);
            }
        }
        if (where == null) {
            return written(operation);
        }
        if (lacks(row, where)) {
            throw incompleteRow(operation);
        }
        if (!where.holds(row)) {
            return left(operation);
        }
        if (!source.table().keyColumns().containsAll(where.columns())) {
            // It may not have been there before, and what it lacks is not known.
            throw incompleteRow(operation);
        }
        return written(operation);
    }

    private static boolean lacks(Row row, Expression expression) {
        return expression.columns().stream().anyMatch(column -> {
            int at = row.relation().indexOf(column);
            return at < 0 || row.isAbsent(at) || row.isAdded(at);
        });
    }

    private ReplicatorException incompleteRow(Operation operation) {
        return ReplicatorException.fatal(
                ErrorCode.TABLE,
                "cannot tell what an update of table " + operation.table().name() + " makes of a row",
                "The log has not the whole row with key "
                        + RowReader.of(operation.requireRow().relation(), source)
                                .key(operation.requireRow())
                        + ", and \"where\" or a computed column needs it.",
                "ALTER TABLE " + operation.table().name().quoted()
                        + " REPLICA IDENTITY FULL; on the source, then \"replicator copy\" for this table.");
    }

    private @Nullable Operation left(Operation operation) {
        return carries(ChangeKind.DELETE) ? removed(operation) : null;
    }

    private Operation removed(Operation operation) {
        Row row = rows.of(operation.requireRow(), false);
        return new Operation(Operation.Kind.DELETE, table(), key(operation, row), row, operation.guard());
    }

    private Operation written(Operation operation) {
        Row row = rows.of(operation.requireRow(), true);
        Row from = operation.from();
        return new Operation(
                operation.kind(),
                table(),
                key(operation, row),
                row,
                operation.guard(),
                from == null ? null : rows.of(from, false));
    }

    /** A key of the table there as the sources have it. */
    Key before(Key key) {
        return new KeyCodec(source.table()).keyOf(key.canonical());
    }

    /** The hash of a key is of the table's name, too. */
    private Key key(Operation operation, Row row) {
        Key key = operation.requireKey();
        return table().name().equals(key.table().name())
                ? new Key(table(), key.canonical(), key.hash())
                : keys.keyOf(row);
    }
}
