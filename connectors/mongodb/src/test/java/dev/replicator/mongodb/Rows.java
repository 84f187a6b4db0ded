package dev.replicator.mongodb;

import dev.replicator.codec.KeyCodec;
import dev.replicator.model.Column;
import dev.replicator.model.Key;
import dev.replicator.model.Operation;
import dev.replicator.model.Relation;
import dev.replicator.model.Row;
import dev.replicator.model.Table;
import dev.replicator.model.TableName;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Rows of one table, made of PostgreSQL's text, and what becomes of them. */
final class Rows {
    private final Table table;
    private final Relation relation;
    private final KeyCodec keys;

    /** {@code columns}: "name type"; the first ones are the key. */
    Rows(int keySize, String... columns) {
        List<Column> all = new ArrayList<>();
        for (String column : columns) {
            String[] words = column.split(" ", 2);
            all.add(new Column(words[0], 0, words[1], -1));
        }
        List<Column> key = all.subList(0, keySize);
        table = new Table(
                0,
                new TableName("public", "stock"),
                key.stream().map(Column::name).toList(),
                key.stream().map(Column::type).toList());
        relation = new Relation(table, all);
        keys = new KeyCodec(table);
    }

    static MongoOptions options(MongoOptions.Times times, String unrepresentable, boolean nullAbsent) {
        return new MongoOptions(
                nullAbsent, times, unrepresentable, "{table}", "progress", Duration.ofSeconds(20), Duration.ZERO);
    }

    static Documents documents(MongoOptions options) {
        return new Documents(options, List.of(), new Refusals("copy"));
    }

    Table table() {
        return table;
    }

    /** null is NULL. */
    Row row(@Nullable String... values) {
        Row.Builder row = new Row.Builder(relation);
        for (int c = 0; c < relation.size(); c++) {
            String value = c < values.length ? values[c] : null;
            if (c >= values.length) {
                row.absent();
            } else if (value == null) {
                row.nil();
            } else {
                row.text(value);
            }
        }
        return row.build();
    }

    Operation upsert(@Nullable String... values) {
        Row row = row(values);
        return Operation.upsert(key(row), row, Operation.UNGUARDED);
    }

    Operation update(@Nullable String... values) {
        Row row = row(values);
        return Operation.update(key(row), row, Operation.UNGUARDED);
    }

    Operation delete(String... values) {
        Row row = row(values);
        return Operation.delete(key(row), row, Operation.UNGUARDED);
    }

    Operation move(Row from, @Nullable String... values) {
        Row row = row(values);
        return Operation.move(key(row), row, from);
    }

    private Key key(Row row) {
        return keys.keyOf(row);
    }
}
