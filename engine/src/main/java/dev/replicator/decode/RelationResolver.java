package dev.replicator.decode;

import dev.replicator.codec.KeyCodec;
import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.Column;
import dev.replicator.model.Relation;
import dev.replicator.model.Table;
import dev.replicator.model.TableName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Gives the stream's relation numbers their meaning: the sync's tables, by name.
 *
 * <p>Tables outside the sync resolve to null. Key columns come from the table, never from the stream's flags, which under
 * REPLICA IDENTITY FULL name every column. Types that are not built in are known from the stream's Type messages, and
 * failing that from the given names. One per stream; one thread.
 */
public final class RelationResolver {
    private final Map<TableName, Table> tables = new HashMap<>();
    private final TypeNames typeNames;
    private final IntPredicate takes;
    private boolean needsText;
    private final Map<Integer, String> streamTypes = new HashMap<>();
    private final Map<Integer, Resolved> byOid = new HashMap<>();
    private int lastOid;
    private @Nullable Resolved last;

    /** A relation of the sync with what makes its keys. */
    public record Resolved(Relation relation, KeyCodec keys) {}

    public RelationResolver(List<Table> tables, TypeNames typeNames) {
        this(tables, typeNames, oid -> true);
    }

    RelationResolver(List<Table> tables, TypeNames typeNames, IntPredicate takes) {
        this.takes = takes;
        tables.forEach(table -> this.tables.put(table.name(), table));
        this.typeNames = typeNames;
    }

    /** Takes note of a type's name. */
    public void type(Message.TypeInfo type) {
        String name = TableName.quote(type.name());
        streamTypes.put(
                type.oid(), type.schema().isEmpty() ? builtIn(type) : TableName.quote(type.schema()) + "." + name);
    }

    /** Takes note of a relation, new or changed. */
    public void relation(Message.RelationInfo info) {
        last = null;
        Table table = tables.get(new TableName(info.schema(), info.name()));
        if (table == null) {
            byOid.remove(info.oid());
            return;
        }
        List<Column> columns = new ArrayList<>(info.columns().size());
        for (Message.ColumnInfo column : info.columns()) {
            if (!takes.test(column.typeOid())) {
                needsText = true;
                throw ReplicatorException.retryable(
                        ErrorCode.PROTOCOL,
                        "could not take table " + table.name() + " in binary form",
                        "Column \"" + column.name() + "\" has type " + typeName(table, column)
                                + ", whose binary form is not the same on every server.",
                        null);
            }
            columns.add(new Column(column.name(), column.typeOid(), typeName(table, column), column.typmod()));
        }
        byOid.put(info.oid(), new Resolved(relation(table, columns), new KeyCodec(table)));
    }

    /** Whether a relation has come with a type that cannot be taken in the stream's present form. */
    boolean needsText() {
        return needsText;
    }

    /** The relation, or null when its table is not in the sync. */
    public @Nullable Resolved resolve(int oid) {
        if (last == null || lastOid != oid) {
            lastOid = oid;
            last = byOid.get(oid);
        }
        return last;
    }

    private static Relation relation(Table table, List<Column> columns) {
        try {
            return new Relation(table, columns);
        } catch (IllegalArgumentException e) {
            throw ReplicatorException.fatal(
                    ErrorCode.TABLE,
                    "cannot replicate table " + table.name(),
                    "Of its key (" + String.join(", ", table.keyColumns())
                            + ") not every column is in the stream; the table has changed, or the publication lists"
                            + " its columns.",
                    "Publish every key column, and restart after changing a table's key.");
        }
    }

    private String typeName(Table table, Message.ColumnInfo column) {
        String name = streamTypes.get(column.typeOid());
        if (name == null) {
            name = TypeNames.builtIn().nameOf(column.typeOid());
        }
        if (name == null) {
            name = typeNames.nameOf(column.typeOid());
        }
        if (name == null) {
            throw ReplicatorException.fatal(
                    ErrorCode.PROTOCOL,
                    "cannot replicate table " + table.name(),
                    "Column \"" + column.name() + "\" has a type that the stream does not name (object identifier "
                            + Integer.toUnsignedString(column.typeOid()) + ").",
                    null);
        }
        return name;
    }

    /** A domain over a built-in type is named by that type, in the schema that goes without saying. */
    private static String builtIn(Message.TypeInfo type) {
        boolean array = type.name().startsWith("_");
        String element = array ? type.name().substring(1) : type.name();
        String name = element.equals("char") || element.equals("bit") ? TableName.quote(element) : element;
        return array ? name + "[]" : name;
    }
}
