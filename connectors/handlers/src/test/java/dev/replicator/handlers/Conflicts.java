package dev.replicator.handlers;

import dev.replicator.codec.KeyCodec;
import dev.replicator.handlers.TableColumns.ColumnType;
import dev.replicator.model.ChangeKind;
import dev.replicator.model.Column;
import dev.replicator.model.CustomCode;
import dev.replicator.model.Key;
import dev.replicator.model.Relation;
import dev.replicator.model.Row;
import dev.replicator.model.Table;
import dev.replicator.model.TableName;
import dev.replicator.policy.Decision;
import dev.replicator.policy.Frontier;
import dev.replicator.policy.Policy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Conflicts over table {@code public.stock}, spelled shortly, and what handlers did wrong with them. */
final class Conflicts {
    static final Policy LATEST =
            frontier -> new Decision.Winner(frontier.members().size() - 1, "latest: it was committed last");

    static final TableColumns STOCK = new TableColumns(
            new TableName("public", "stock"),
            List.of(
                    column("id", "int4", "integer", false, true),
                    column("price", "numeric", "numeric(10,2)", true, false),
                    column("on_hand", "int8", "bigint", true, false),
                    column("updated_at", "timestamptz", "timestamp with time zone", true, false),
                    new ColumnType("name", "varchar", "character varying(5)", 9, false, false, List.of()),
                    new ColumnType("mood", "enum", "mood", -1, true, false, List.of("sad", "glad")),
                    column("Odd Name", "bool", "boolean", true, false),
                    column("tags", "_text", "text[]", true, false)));

    static final Relation RELATION = new Relation(
            new Table(1, STOCK.table(), List.of("id"), List.of("int4")),
            STOCK.columns().stream()
                    .map(column -> new Column(column.name(), 0, column.type(), column.typmod()))
                    .toList());

    final List<String> failures = new ArrayList<>();

    private static ColumnType column(String name, String type, String declared, boolean nullable, boolean key) {
        return new ColumnType(name, type, declared, -1, nullable, key, List.of());
    }

    Policy policy(CustomCode code) {
        return new CustomPolicies((handler, table, what) -> failures.add(handler + " on " + table + ": " + what))
                .policy(code, STOCK, LATEST);
    }

    /** A row of id 1: price, on_hand, updated_at, name; the rest fixed. */
    static Row row(@Nullable String price, @Nullable String onHand, @Nullable String updatedAt, @Nullable String name) {
        Row.Builder row = new Row.Builder(RELATION).text("1");
        for (@Nullable String value : Arrays.asList(price, onHand, updatedAt, name, "sad", "t", "{a,b}")) {
            if (value == null) {
                row.nil();
            } else {
                row.text(value);
            }
        }
        return row.build();
    }

    /** The rows in version order, made on s1, s2, ...; null is a delete. */
    static Frontier frontier(@Nullable Row... rows) {
        List<Frontier.Member> members = new ArrayList<>();
        for (@Nullable Row row : rows) {
            int number = members.size() + 1;
            members.add(new Frontier.Member(
                    "s" + number,
                    100L * number,
                    1_000_000L * number,
                    row == null ? ChangeKind.DELETE : ChangeKind.UPDATE,
                    row,
                    null));
        }
        return new Frontier(key(), members);
    }

    private static Key key() {
        return new KeyCodec(RELATION.table()).keyOf(row("1", "1", null, "x"));
    }

    /** The value of a column of a merged row. */
    static @Nullable String value(Decision decision, String column) {
        Row row = ((Decision.Merged) decision).row();
        int at = row.relation().indexOf(column);
        return row.isNull(at) ? null : row.text(at);
    }

    static int winner(Decision decision) {
        return ((Decision.Winner) decision).index();
    }
}
