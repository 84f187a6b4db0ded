package dev.replicator.it.contract;

import dev.replicator.codec.KeyCodec;
import dev.replicator.model.Column;
import dev.replicator.model.Key;
import dev.replicator.model.Operation;
import dev.replicator.model.Relation;
import dev.replicator.model.Row;
import dev.replicator.model.Table;
import dev.replicator.model.TableName;
import dev.replicator.model.TableSchema;
import dev.replicator.model.TableSchema.SourceColumn;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A table as a source describes it, and operations on its rows from PostgreSQL's text. The key comes first. */
final class ContractTable {
    /** In place of a value: the row does not carry the column. */
    static final String ABSENT = "(absent)";

    private final Table table;
    private final TableSchema schema;
    private final Relation relation;
    private final KeyCodec keys;

    /** {@code columns}: "name type", both as in the catalog; types may have a modifier in parentheses. */
    ContractTable(int id, String name, int keySize, String... columns) {
        List<SourceColumn> source = new ArrayList<>();
        List<Column> sent = new ArrayList<>();
        for (String column : columns) {
            int space = column.lastIndexOf(' ');
            String declared = column.substring(space + 1);
            String type = declared.replaceFirst("\\(.*", "");
            String columnName = column.substring(0, space);
            int typmod = typmod(type, declared);
            source.add(new SourceColumn(columnName, type, typmod, declared, source.size() < keySize, List.of()));
            sent.add(new Column(columnName, 0, type, typmod));
        }
        List<SourceColumn> key = source.subList(0, keySize);
        this.table = new Table(
                id,
                new TableName("public", name),
                key.stream().map(SourceColumn::name).toList(),
                key.stream().map(SourceColumn::baseType).toList());
        this.schema = new TableSchema(table, source);
        this.relation = new Relation(table, sent);
        this.keys = new KeyCodec(table);
    }

    private static int typmod(String type, String declared) {
        if (!declared.contains("(")) {
            return -1;
        }
        String[] numbers = declared.replaceAll(".*\\(|\\)", "").split(";", -1);
        int first = Integer.parseInt(numbers[0]);
        return 4 + (type.equals("numeric") ? first << 16 | Integer.parseInt(numbers[1]) : first);
    }

    TableSchema schema() {
        return schema;
    }

    TableName name() {
        return table.name();
    }

    Table table() {
        return table;
    }

    List<String> columns() {
        return schema.columns().stream().map(SourceColumn::name).toList();
    }

    Row row(@Nullable String... values) {
        Row.Builder row = new Row.Builder(relation);
        for (int c = 0; c < relation.size(); c++) {
            String value = c < values.length ? values[c] : ABSENT;
            if (value == null) {
                row.nil();
            } else if (value.equals(ABSENT)) {
                row.absent();
            } else if (value.startsWith("(add)")) {
                row.difference(number("0", c), number(value.substring("(add)".length()), c), c);
            } else {
                row.text(value);
            }
        }
        return row.build();
    }

    private Row number(String number, int column) {
        Row.Builder row = new Row.Builder(relation);
        for (int c = 0; c < relation.size(); c++) {
            row.text(c == column ? number : "0");
        }
        return row.build();
    }

    private Key key(Row row) {
        return keys.keyOf(row);
    }

    Operation upsert(@Nullable String... values) {
        Row row = row(values);
        return Operation.upsert(key(row), row, Operation.UNGUARDED);
    }

    Operation update(@Nullable String... values) {
        Row row = row(values);
        return Operation.update(key(row), row, Operation.UNGUARDED);
    }

    Operation delete(String... keyValues) {
        Row row = row(keyValues);
        return Operation.delete(key(row), row, Operation.UNGUARDED);
    }

    /** {@code from}: the old key. */
    Operation move(Row from, @Nullable String... values) {
        Row row = row(values);
        return Operation.move(key(row), row, from);
    }
}
