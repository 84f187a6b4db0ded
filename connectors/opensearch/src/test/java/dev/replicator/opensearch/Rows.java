package dev.replicator.opensearch;

import dev.replicator.codec.RowReader;
import dev.replicator.model.Column;
import dev.replicator.model.Relation;
import dev.replicator.model.Row;
import dev.replicator.model.Table;
import dev.replicator.model.TableName;
import java.util.ArrayList;
import java.util.List;

/** Rows of one table, made of PostgreSQL's text. */
final class Rows {
    private final RowReader reader;

    /** {@code columns}: "name type"; the first ones are the key. */
    Rows(int keySize, String... columns) {
        List<Column> all = new ArrayList<>();
        for (String column : columns) {
            String[] words = column.split(" ", 2);
            all.add(new Column(words[0], 0, words[1], -1));
        }
        List<Column> key = all.subList(0, keySize);
        Table table = new Table(
                0,
                new TableName("public", "stock"),
                key.stream().map(Column::name).toList(),
                key.stream().map(Column::type).toList());
        reader = RowReader.of(new Relation(table, all), null);
    }

    RowReader reader() {
        return reader;
    }

    Row row(String... values) {
        Row.Builder row = new Row.Builder(reader.relation());
        for (String value : values) {
            row.text(value);
        }
        return row.build();
    }
}
