package dev.replicator.postgres;

import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.Column;
import dev.replicator.model.Operation;
import dev.replicator.model.Relation;
import dev.replicator.model.Row;
import dev.replicator.model.Table;
import dev.replicator.model.TableName;
import dev.replicator.postgres.Shape.Carried;
import dev.replicator.postgres.TargetTable.TargetColumn;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Finds the {@link Shape} of an operation; keeps those met so far, by the relation of their rows. One thread. */
final class Shapes {
    private static final int MAX_RELATIONS = 2_000;
    private static final int MAX_PER_RELATION = 200;

    private final TargetCatalog catalog;
    private final String database;
    private final Map<Integer, TargetTable> tables = new HashMap<>();
    private final IdentityHashMap<Relation, Map<Operation.Kind, List<Shape>>> known = new IdentityHashMap<>();

    Shapes(TargetCatalog catalog, String database, List<TargetTable> tables) {
        this.catalog = catalog;
        this.database = database;
        tables.forEach(table -> this.tables.put(table.table().id(), table));
    }

    TargetTable table(Table table) {
        TargetTable found = tables.get(table.id());
        if (found == null) {
            throw ReplicatorException.bug(
                    "a batch names table " + table.name() + ", which its session was not opened for",
                    "database \"" + database + "\"");
        }
        return found;
    }

    /** The shape of the operation's row. */
    Shape of(Operation operation) throws SQLException {
        return of(operation.kind(), operation.requireRow());
    }

    Shape of(Operation.Kind kind, Row row) throws SQLException {
        if (known.size() > MAX_RELATIONS) {
            known.clear();
        }
        List<Shape> candidates = known.computeIfAbsent(row.relation(), r -> new EnumMap<>(Operation.Kind.class))
                .computeIfAbsent(kind, k -> new ArrayList<>());
        for (Shape candidate : candidates) {
            if (candidate.fits(row)) {
                return candidate;
            }
        }
        if (candidates.size() >= MAX_PER_RELATION) {
            candidates.clear();
        }
        Shape made = make(kind, row);
        // Those with binary values come first: a NULL fits them as well as it fits text.
        candidates.add(made.columns().stream().anyMatch(c -> c.binaryOid() != 0) ? 0 : candidates.size(), made);
        return made;
    }

    private Shape make(Operation.Kind kind, Row row) throws SQLException {
        Relation relation = row.relation();
        TargetTable table = table(relation.table());
        byte[] formats = new byte[relation.size()];
        List<Carried> carried = new ArrayList<>();
        for (int c = 0; c < formats.length; c++) {
            if (kind == Operation.Kind.DELETE && !relation.isKey(c)) {
                formats[c] = Shape.ANY;
                continue;
            }
            formats[c] = row.isNull(c) ? formOfNull(row, relation.columns().get(c)) : row.kind(c);
            if (formats[c] == Row.ABSENT) {
                continue;
            }
            Column column = relation.columns().get(c);
            TargetColumn target = table.columns().get(column.name());
            if (target == null) {
                reload(table, column.name());
                return make(kind, row);
            }
            if (!target.generated()) {
                carried.add(carried(c, column, target, formats[c]));
            }
        }
        for (int i = 0; i < relation.keySize(); i++) {
            if (row.isAbsent(relation.keyColumn(i)) || row.isNull(relation.keyColumn(i))) {
                throw ReplicatorException.bug(
                        kind + " of table " + relation.table().name() + " comes without key column \""
                                + relation.columns().get(relation.keyColumn(i)).name() + "\"",
                        relation.toString());
            }
        }
        return new Shape(kind, table, carried, formats);
    }

    /** That of the column's values in such a stream: one that is always NULL is to be no exception. */
    private byte formOfNull(Row row, Column column) throws SQLException {
        for (int c = 0; c < row.relation().size(); c++) {
            if (row.kind(c) == Row.BINARY) {
                boolean hasBinary =
                        TargetCatalog.isBuiltIn(column.typeOid()) && catalog.arrayType(column.typeOid()) != 0;
                return hasBinary ? Row.BINARY : Row.TEXT;
            }
        }
        return Row.TEXT;
    }

    private Carried carried(int from, Column column, TargetColumn target, byte format) throws SQLException {
        if (format != Row.BINARY) {
            return new Carried(from, target, 0, Parameter.TEXT_ARRAY, format == Row.ADDED);
        }
        if (!TargetCatalog.isBuiltIn(column.typeOid())) {
            throw ReplicatorException.fatal(
                    ErrorCode.PROTOCOL,
                    "cannot take binary values of type " + column.type(),
                    "Column \"" + column.name() + "\": only built-in types have the same binary form on every server.",
                    null);
        }
        return new Carried(from, target, column.typeOid(), catalog.arrayType(column.typeOid()), false);
    }

    /** The column may have been added since the session began. */
    private TargetTable reload(TargetTable table, String missing) throws SQLException {
        TargetTable now = catalog.load(table.table());
        if (!now.columns().containsKey(missing)) {
            throw TargetCatalog.differs(
                    "column \"" + missing + "\" of table " + table.table().name() + " does not exist on database \""
                            + database + "\"",
                    "Add the column there; a change of the schema has to be made on every database.");
        }
        tables.put(table.table().id(), now);
        known.clear();
        return now;
    }

    /** What {@link #of} would be asked for a whole row of the target, all values text. */
    Relation relationOf(TargetTable table) {
        List<Column> columns = new ArrayList<>();
        for (TargetColumn column : table.columns().values()) {
            if (!column.generated()) {
                columns.add(new Column(column.name(), Parameter.TEXT, column.castType(), -1));
            }
        }
        return new Relation(table.table(), columns);
    }

    @Nullable
    TargetTable find(int id) {
        return tables.get(id);
    }

    @Nullable
    TargetTable find(TableName name) {
        for (TargetTable table : tables.values()) {
            if (table.table().name().equals(name)) {
                return table;
            }
        }
        return null;
    }
}
