package dev.replicator.cli.admin;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.replicator.codec.TypedValue;
import dev.replicator.model.Lsn;
import dev.replicator.model.Row;
import dev.replicator.model.RowExplanation;
import java.time.Instant;
import java.util.Locale;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** What the process knows of a row, as JSON. */
final class ExplanationJson {
    private ExplanationJson() {}

    static ObjectNode write(RowExplanation explanation) {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("policy", explanation.policy());
        node.put("reason", explanation.reason());
        ArrayNode changes = node.putArray("changes");
        for (RowExplanation.Change change : explanation.changes()) {
            ObjectNode one = changes.addObject();
            one.put("database", change.database());
            one.put("commit_lsn", Lsn.format(change.commitLsn()));
            one.put("commit_time", time(change.commitMicros()));
            one.put("operation", change.kind().name().toLowerCase(Locale.ROOT));
            one.put("stands", change.stands());
            change.seenBy().forEach(one.putArray("seen_by")::add);
            change.heldBy().forEach(one.putArray("held_by")::add);
            one.set("row", row(change.row()));
        }
        new TreeMap<>(explanation.onTheirWay()).forEach(node.putObject("on_their_way")::put);
        return node;
    }

    private static String time(long micros) {
        long second = TimeUnit.SECONDS.toMicros(1);
        return Instant.ofEpochSecond(Math.floorDiv(micros, second), Math.floorMod(micros, second) * 1000)
                .toString();
    }

    private static @Nullable ObjectNode row(@Nullable Row row) {
        if (row == null) {
            return null;
        }
        ObjectNode values = JsonNodeFactory.instance.objectNode();
        for (int c = 0; c < row.relation().size(); c++) {
            if (!row.isAbsent(c)) {
                values.put(row.relation().columns().get(c).name(), row.isNull(c) ? null : text(row, c));
            }
        }
        return values;
    }

    private static String text(Row row, int column) {
        if (row.kind(column) == Row.TEXT) {
            return row.text(column);
        }
        String type = row.relation().columns().get(column).type();
        return TypedValue.readsBinary(type)
                ? TypedValue.toText(TypedValue.of(type, row, column))
                : "(" + type + " in binary form)";
    }
}
