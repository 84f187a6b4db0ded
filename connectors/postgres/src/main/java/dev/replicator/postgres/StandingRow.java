package dev.replicator.postgres;

import dev.replicator.model.Relation;
import dev.replicator.model.Row;
import dev.replicator.model.TableName;
import org.jspecify.annotations.Nullable;

/** A row as it stands on the target: how to ask for it, and what the answer is. Values are text. Any thread. */
final class StandingRow {
    private StandingRow() {}

    /** What to select, from the table as {@code t}. */
    static String columns(Relation relation) {
        return String.join(
                ", ",
                relation.columns().stream()
                        .map(column -> "t." + TableName.quote(column.name()) + "::text")
                        .toList());
    }

    /** The first row of the answer; null: there is none. */
    static @Nullable Row of(Relation relation, Pipe.Reply reply) {
        if (reply.count() == 0) {
            return null;
        }
        Row.Builder row = new Row.Builder(relation);
        for (int c = 0; c < relation.size(); c++) {
            @Nullable String value = reply.text(c);
            if (value == null) {
                row.nil();
            } else {
                row.text(value);
            }
        }
        return row.build();
    }
}
