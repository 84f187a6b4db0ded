package dev.replicator.codec;

import dev.replicator.model.Column;
import dev.replicator.model.Relation;
import dev.replicator.model.Row;
import dev.replicator.model.Table;
import dev.replicator.model.TableName;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Rows for tests, spelled shortly. */
final class Rows {
    private Rows() {}

    /** A relation whose only columns are key columns of these types, named k1, k2, ... */
    static Relation keyed(String... types) {
        List<String> names = new ArrayList<>();
        List<Column> columns = new ArrayList<>();
        for (String type : types) {
            names.add("k" + (names.size() + 1));
            columns.add(new Column(names.get(names.size() - 1), 0, type, -1));
        }
        return new Relation(new Table(1, new TableName("public", "t"), names, List.of(types)), columns);
    }

    static Row text(Relation relation, @Nullable String... values) {
        Row.Builder row = new Row.Builder(relation);
        for (String value : values) {
            if (value == null) {
                row.nil();
            } else {
                row.text(value);
            }
        }
        return row.build();
    }

    static Row binary(Relation relation, byte[]... values) {
        Row.Builder row = new Row.Builder(relation);
        for (byte[] value : values) {
            row.binary(value);
        }
        return row.build();
    }
}
