package dev.replicator.postgres;

import dev.replicator.codec.KeyCodec;
import dev.replicator.model.Chunk;
import dev.replicator.model.Column;
import dev.replicator.model.Key;
import dev.replicator.model.OnError;
import dev.replicator.model.Operation;
import dev.replicator.model.PerTable;
import dev.replicator.model.Relation;
import dev.replicator.model.Row;
import dev.replicator.model.Table;
import dev.replicator.model.TableName;
import dev.replicator.spi.Refusal;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Rows whose parent a batch deletes on a master, where a rule says what becomes of them. Foreign keys are not in force for
 * what batches write, so without a rule such rows just stay.
 *
 * <p>A child that one master makes while another deletes its parent meets the deletion on its own master at the latest:
 * there it stands, because its foreign key was in force. So only deletions are watched. The parent is locked first; who
 * would refer to it has to wait, and then fails. What is found is noted in table {@code replicator.orphan} in the batch's
 * transaction, with the parent's last values, until it has been decided or is no longer true.
 *
 * <p>Thread: the target's. Source: PostgreSQL documentation, pg_constraint; the locks of foreign keys, "Row-Level Locks".
 */
final class Orphans {
    private static final int MAX_TOLD = 1_000;
    private static final String KEYS = "SELECT f.conname, cn.nspname, c.relname, pn.nspname, p.relname, "
            + "ARRAY(SELECT a.attname::text FROM pg_catalog.unnest(f.conkey) WITH ORDINALITY k (attnum, o) "
            + "JOIN pg_catalog.pg_attribute a ON a.attrelid = f.conrelid AND a.attnum = k.attnum ORDER BY k.o), "
            + "ARRAY(SELECT a.attname::text FROM pg_catalog.unnest(f.confkey) WITH ORDINALITY k (attnum, o) "
            + "JOIN pg_catalog.pg_attribute a ON a.attrelid = f.confrelid AND a.attnum = k.attnum ORDER BY k.o) "
            + "FROM pg_catalog.pg_constraint f JOIN pg_catalog.pg_class c ON c.oid = f.conrelid "
            + "JOIN pg_catalog.pg_namespace cn ON cn.oid = c.relnamespace "
            + "JOIN pg_catalog.pg_class p ON p.oid = f.confrelid "
            + "JOIN pg_catalog.pg_namespace pn ON pn.oid = p.relnamespace "
            + "WHERE f.contype = 'f' AND f.conparentid = 0 ORDER BY f.conname";

    private final Connection connection;
    private final String sync;
    private final Shapes shapes;
    private final PerTable<OnError> rules;
    private final Map<Table, List<ForeignKey>> byParent = new HashMap<>();
    private final Map<Note, Long> noted = new LinkedHashMap<>();
    private final Set<Note> decided = new HashSet<>();
    private boolean checkDue;

    /** A foreign key with a rule. */
    private record ForeignKey(
            String constraint,
            TargetTable child,
            TargetTable parent,
            List<String> columns,
            List<String> parentColumns) {}

    /** A row and the foreign key by which it lacks a parent. */
    private record Note(Key child, String constraint) {}

    Orphans(Connection connection, String sync, Shapes shapes, PerTable<OnError> rules) {
        this.connection = connection;
        this.sync = sync;
        this.shapes = shapes;
        this.rules = rules;
    }

    /** Reads which foreign keys there are, and what has been noted. */
    void load() throws SQLException {
        byParent.clear();
        try (PreparedStatement select = connection.prepareStatement(KEYS)) {
            ResultSet rows = select.executeQuery();
            while (rows.next()) {
                String constraint = rows.getString(1);
                TargetTable child = shapes.find(new TableName(rows.getString(2), rows.getString(3)));
                TargetTable parent = shapes.find(new TableName(rows.getString(4), rows.getString(5)));
                if (child != null && parent != null && hasRule(child.table(), constraint)) {
                    byParent.computeIfAbsent(parent.table(), table -> new ArrayList<>())
                            .add(new ForeignKey(
                                    constraint,
                                    child,
                                    parent,
                                    List.of((String[]) rows.getArray(6).getArray()),
                                    List.of((String[]) rows.getArray(7).getArray())));
                }
            }
        }
        reload();
    }

    private boolean hasRule(Table child, String constraint) {
        OnError.Action action = rules.of(child.name()).action(Refusal.FOREIGN_KEY, constraint);
        return action == OnError.Action.CUSTOM || action.isOfForeignKeys();
    }

    /** After a rollback: reads again what has been noted. */
    void reload() throws SQLException {
        noted.clear();
        if (byParent.isEmpty()) {
            return;
        }
        try (PreparedStatement select = connection.prepareStatement("SELECT id, constraint_name, schema_name,"
                + " table_name FROM replicator.orphan WHERE sync = ? ORDER BY id")) {
            select.setString(1, sync);
            ResultSet rows = select.executeQuery();
            while (rows.next()) {
                TargetTable child = shapes.find(new TableName(rows.getString(3), rows.getString(4)));
                if (child != null) {
                    note(rows.getLong(1), rows.getString(2), child);
                }
            }
        }
        checkDue = !noted.isEmpty();
    }

    private void note(long id, String constraint, TargetTable child) throws SQLException {
        Row key = StoredRow.read(connection, "orphan", "key", id, shapes.relationOf(child));
        noted.put(new Note(new KeyCodec(child.table()).keyOf(key), constraint), id);
    }

    int size() {
        return noted.size();
    }

    /** Has what is noted told again with the next batch. */
    void retry() {
        checkDue = true;
    }

    /** It need not be told again. */
    void decided(Refusal refusal) {
        decided.add(new Note(refusal.refused().requireKey(), String.valueOf(refusal.constraint())));
        checkDue = true;
    }

    /** Notes the children of what the chunk is about to delete. What was collected has to be sent before. */
    void before(Chunk chunk) throws SQLException {
        if (byParent.isEmpty()) {
            return;
        }
        for (Table table : chunk.truncated()) {
            for (ForeignKey key : byParent.getOrDefault(table, List.of())) {
                note(key, "", List.of());
            }
        }
        for (Operation operation : chunk.merged()) {
            if (operation.kind() == Operation.Kind.DELETE) {
                for (ForeignKey key : byParent.getOrDefault(operation.table(), List.of())) {
                    Shape byKey = shapes.of(operation);
                    note(key, " WHERE " + ShapeSql.key(byKey), byKey.singleParameters(operation.requireRow()));
                }
            }
        }
    }

    /** Whether {@link #before} has anything to do. */
    boolean concerns(Chunk chunk) {
        return !byParent.isEmpty()
                && (chunk.truncated().stream().anyMatch(byParent::containsKey)
                        || chunk.merged().stream()
                                .anyMatch(operation -> operation.kind() == Operation.Kind.DELETE
                                        && byParent.containsKey(operation.table())));
    }

    private void note(ForeignKey key, String where, List<Parameter> parameters) throws SQLException {
        Script script = new Script();
        script.add("SELECT FROM " + key.parent().quoted() + " AS t" + where + " FOR UPDATE", parameters);
        List<Parameter> all = new ArrayList<>();
        TableName child = key.child().table().name();
        all.add(Parameter.text(sync));
        all.add(Parameter.text(key.constraint()));
        all.add(Parameter.text(child.schema()));
        all.add(Parameter.text(child.name()));
        all.addAll(parameters);
        script.add(
                "INSERT INTO replicator.orphan AS o (sync, constraint_name, schema_name, table_name, key, parent)"
                        + " SELECT ?, ?, ?, ?, "
                        + object("c", key.child().table().keyColumns()) + ", "
                        + object("t", columns(key.parent()))
                        + " FROM " + key.parent().quoted() + " AS t JOIN "
                        + key.child().quoted() + " AS c ON "
                        + refers("c", "t", key) + where
                        + " ON CONFLICT (sync, constraint_name, key) DO UPDATE SET parent = excluded.parent"
                        + " RETURNING o.id",
                all);
        for (org.postgresql.core.Tuple row :
                new Pipe(connection).run(script).get(1).rows()) {
            byte[] id = java.util.Objects.requireNonNull(row.get(0));
            note(
                    Long.parseLong(new String(id, java.nio.charset.StandardCharsets.US_ASCII)),
                    key.constraint(),
                    key.child());
            checkDue = true;
        }
    }

    private List<String> columns(TargetTable table) {
        return shapes.relationOf(table).columns().stream().map(Column::name).toList();
    }

    private static String refers(String child, String parent, ForeignKey key) {
        List<String> equal = new ArrayList<>();
        for (int i = 0; i < key.columns().size(); i++) {
            equal.add(child + "." + TableName.quote(key.columns().get(i)) + " = " + parent + "."
                    + TableName.quote(key.parentColumns().get(i)));
        }
        return String.join(" AND ", equal);
    }

    /** A JSON object of text forms. */
    private static String object(String alias, List<String> columns) {
        List<String> names = new ArrayList<>();
        List<String> values = new ArrayList<>();
        for (String column : columns) {
            names.add("'" + column.replace("'", "''") + "'");
            values.add(alias + "." + TableName.quote(column) + "::text");
        }
        return "pg_catalog.jsonb_object(ARRAY[" + String.join(", ", names) + "]::text[], ARRAY["
                + String.join(", ", values) + "]::text[])";
    }

    boolean isCheckDue() {
        return checkDue;
    }

    /** At the end of a batch: lets go of what is no longer true, and tells of the rest. What was collected is sent. */
    void check(Outcome outcome) throws SQLException {
        checkDue = false;
        int told = 0;
        for (Map.Entry<Note, Long> entry : List.copyOf(noted.entrySet())) {
            Refusal refusal = decided.contains(entry.getKey()) ? null : refusal(entry.getKey(), entry.getValue());
            if (refusal == null) {
                try (PreparedStatement delete =
                        connection.prepareStatement("DELETE FROM replicator.orphan WHERE id = ?")) {
                    delete.setLong(1, entry.getValue());
                    delete.executeUpdate();
                }
                noted.remove(entry.getKey());
            } else if (told++ < MAX_TOLD) {
                outcome.refused(refusal);
            }
        }
    }

    /** The batch is committed. */
    void committed() {
        decided.removeIf(note -> !noted.containsKey(note));
    }

    private @Nullable Refusal refusal(Note note, long id) throws SQLException {
        ForeignKey key = byParent.values().stream()
                .flatMap(List::stream)
                .filter(one -> one.constraint().equals(note.constraint())
                        && one.child().table().equals(note.child().table()))
                .findFirst()
                .orElse(null);
        if (key == null) {
            return null;
        }
        Relation relation = shapes.relationOf(key.child());
        Row keyRow = StoredRow.read(connection, "orphan", "key", id, relation);
        Shape byKey = shapes.of(Operation.Kind.DELETE, keyRow);
        StringBuilder sql = new StringBuilder(ShapeSql.select(byKey, StandingRow.columns(relation)));
        key.columns()
                .forEach(column ->
                        sql.append(" AND t.").append(TableName.quote(column)).append(" IS NOT NULL"));
        sql.append(" AND NOT EXISTS (SELECT FROM ")
                .append(key.parent().quoted())
                .append(" AS p WHERE ")
                .append(refers("t", "p", key))
                .append(")");
        Script script = new Script();
        script.add(sql.toString(), byKey.singleParameters(keyRow));
        Row row = StandingRow.of(relation, new Pipe(connection).run(script).get(0));
        if (row == null) {
            return null;
        }
        Row parent = StoredRow.read(connection, "orphan", "parent", id, shapes.relationOf(key.parent()));
        Key parentKey = new KeyCodec(key.parent().table()).keyOf(parent);
        return new Refusal(
                Operation.upsert(note.child(), row, Operation.UNGUARDED),
                row,
                Refusal.FOREIGN_KEY,
                key.constraint(),
                List.of(Operation.delete(parentKey, parent, Operation.UNGUARDED)),
                key.columns(),
                0);
    }
}
