package dev.replicator.postgres;

import dev.replicator.model.Conflict;
import dev.replicator.model.Lsn;
import dev.replicator.model.Relation;
import dev.replicator.model.Row;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Writes conflicts into the history, in the transaction of the batch they come with. */
final class ConflictWriter {
    private ConflictWriter() {}

    /** Identifies a discarded change: source, commit LSN, table and key. */
    static String id(Conflict conflict) {
        Conflict.Side loser = conflict.loser();
        return loser.database() + ":" + Lsn.format(loser.commitLsn()) + ":"
                + loser.key().table().name() + ":"
                + String.format(Locale.ROOT, "%016x", loser.key().hash());
    }

    static void write(Script script, String sync, Conflict conflict) {
        List<Parameter> parameters = new ArrayList<>();
        StringBuilder sql = new StringBuilder("INSERT INTO replicator.conflict_history (id, sync, type, schema_name, "
                + "table_name, policy, reason, loser_database, loser_lsn, loser_time, loser_kind, loser_key, loser_row, "
                + "winner_database, winner_lsn, winner_time, winner_kind, winner_key, winner_row) "
                + "VALUES (?, ?, ?, ?, ?, ?, ?");
        parameters.add(Parameter.text(id(conflict)));
        parameters.add(Parameter.text(sync));
        parameters.add(Parameter.text(conflict.type()));
        parameters.add(Parameter.text(conflict.loser().key().table().name().schema()));
        parameters.add(Parameter.text(conflict.loser().key().table().name().name()));
        parameters.add(Parameter.text(conflict.policy()));
        parameters.add(Parameter.text(conflict.reason()));
        side(sql, parameters, conflict.loser());
        side(sql, parameters, conflict.winner());
        script.add(sql.append(") ON CONFLICT (id) DO NOTHING").toString(), parameters);
    }

    private static void side(StringBuilder sql, List<Parameter> parameters, Conflict.Side side) {
        sql.append(", ?, ?::pg_lsn, ?, ?, ");
        parameters.add(Parameter.text(side.database()));
        parameters.add(Parameter.text(Lsn.format(side.commitLsn())));
        parameters.add(Parameter.time(side.commitMicros()));
        parameters.add(Parameter.text(side.kind().name().toLowerCase(Locale.ROOT)));
        object(sql, parameters, side.row(), true);
        sql.append(", ");
        object(sql, parameters, side.row(), false);
    }

    /** A JSON object of text forms; the server turns binary values into text. */
    static void object(StringBuilder sql, List<Parameter> parameters, @Nullable Row row, boolean keyOnly) {
        if (row == null) {
            sql.append(keyOnly ? "'{}'::jsonb" : "NULL::jsonb");
            return;
        }
        Relation relation = row.relation();
        List<Integer> columns = new ArrayList<>();
        for (int c = 0; c < relation.size(); c++) {
            if (!row.isAbsent(c) && (!keyOnly || relation.isKey(c))) {
                columns.add(c);
            }
        }
        String marks = String.join(", ", columns.stream().map(c -> "?::text").toList());
        sql.append("pg_catalog.jsonb_object(ARRAY[").append(marks).append("]::text[], ARRAY[");
        sql.append(marks).append("]::text[])");
        for (int c : columns) {
            parameters.add(Parameter.text(relation.columns().get(c).name()));
        }
        for (int c : columns) {
            int oid = row.kind(c) == Row.BINARY ? relation.columns().get(c).typeOid() : 0;
            parameters.add(Parameter.column(row, c, oid));
        }
    }
}
