package dev.replicator.cli.daemon;

import dev.replicator.cli.config.NearestWord;
import dev.replicator.codec.KeyCodec;
import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.Column;
import dev.replicator.model.Key;
import dev.replicator.model.Relation;
import dev.replicator.model.Row;
import dev.replicator.model.Table;
import dev.replicator.model.TableName;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** Keys as a person writes them. */
final class RowKeys {
    private RowKeys() {}

    /** The key of a row; throws USAGE, naming what there is, for a table or column that is not known. */
    static Key key(List<Table> tables, TableName name, Map<String, String> values) {
        Table table = tables.stream()
                .filter(each -> each.name().equals(name))
                .findFirst()
                .orElseThrow(() -> ReplicatorException.fatal(
                        ErrorCode.USAGE,
                        "table " + name + " is not replicated"
                                + NearestWord.hint(
                                        name.toString(),
                                        tables.stream()
                                                .map(each -> each.name().toString())
                                                .toList()),
                        null,
                        null));
        if (!values.keySet().equals(Set.copyOf(table.keyColumns()))) {
            throw ReplicatorException.fatal(
                    ErrorCode.USAGE,
                    "these columns are not the key of table " + name,
                    "Its key is (" + String.join(", ", table.keyColumns()) + ").",
                    null);
        }
        List<Column> columns = new ArrayList<>();
        for (int i = 0; i < table.keyColumns().size(); i++) {
            columns.add(
                    new Column(table.keyColumns().get(i), 0, table.keyTypes().get(i), -1));
        }
        Row.Builder row = new Row.Builder(new Relation(table, columns));
        table.keyColumns().forEach(column -> row.text(Objects.requireNonNull(values.get(column))));
        return new KeyCodec(table).keyOf(row.build());
    }
}
