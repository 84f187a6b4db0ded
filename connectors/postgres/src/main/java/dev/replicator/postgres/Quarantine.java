package dev.replicator.postgres;

import dev.replicator.codec.KeyCodec;
import dev.replicator.model.Chunk;
import dev.replicator.model.Key;
import dev.replicator.model.OnError;
import dev.replicator.model.Operation;
import dev.replicator.model.PerTable;
import dev.replicator.model.Relation;
import dev.replicator.model.Row;
import dev.replicator.model.Table;
import dev.replicator.model.TableName;
import dev.replicator.session.SqlErrors;
import dev.replicator.spi.Refusal;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Changes that the database has refused and that were put aside, in table {@code replicator.quarantine}: at most one for
 * each row, which stands for all changes of that row since.
 *
 * <p>What is done here is part of the batch's transaction. Memory holds only which keys are concerned; {@link #reload}
 * after a rollback. An entry on a master is void once the row has been changed there by somebody else: that change was
 * made in sight of what the entry carries, and goes to all others.
 *
 * <p>Thread: the target's. Statements that were collected have to be sent before it is asked for anything.
 */
final class Quarantine {
    private final Connection connection;
    private final String sync;
    private final Shapes shapes;
    private final PerTable<OnError> rules;
    private final boolean master;
    private final Map<Key, Long> parked = new LinkedHashMap<>();
    private boolean retryDue;

    /** {@code master}: others than we write the tables, too. */
    Quarantine(Connection connection, String sync, Shapes shapes, PerTable<OnError> rules, boolean master) {
        this.connection = connection;
        this.sync = sync;
        this.shapes = shapes;
        this.rules = rules;
        this.master = master;
    }

    /** What was put aside for one row, and the version of the row that stood there then; null: none. */
    record Entry(long id, Operation operation, @Nullable String rowXmin) {}

    /** Reads which rows are concerned. What was put aside by an earlier session is tried again with the next batch. */
    void reload() throws SQLException {
        parked.clear();
        try (PreparedStatement select = connection.prepareStatement(
                "SELECT id, schema_name, table_name" + " FROM replicator.quarantine WHERE sync = ? ORDER BY id")) {
            select.setString(1, sync);
            ResultSet rows = select.executeQuery();
            while (rows.next()) {
                TargetTable table = shapes.find(new TableName(rows.getString(2), rows.getString(3)));
                if (table != null) {
                    long id = rows.getLong(1);
                    parked.put(key(table, id), id);
                }
            }
        }
        retryDue = !parked.isEmpty();
    }

    private Key key(TargetTable table, long id) throws SQLException {
        return new KeyCodec(table.table()).keyOf(row(shapes.relationOf(table), id, "key"));
    }

    /** What the rules say of a refusal. */
    OnError.Action action(Table table, SQLException refusal) {
        return rules.of(table.name()).action(SqlErrors.state(refusal), WriteErrors.constraint(refusal));
    }

    /** Whether the chunk has work for a table of which something was put aside, so that it may be there now. */
    boolean concerns(Chunk chunk) {
        if (parked.isEmpty()) {
            return false;
        }
        List<Table> tables = parked.keySet().stream().map(Key::table).toList();
        return chunk.truncated().stream().anyMatch(tables::contains)
                || chunk.merged().stream().anyMatch(operation -> tables.contains(operation.table()));
    }

    boolean holds(Key key) {
        return parked.containsKey(key);
    }

    /** The rows of these tables of which something is put aside, the oldest first. */
    List<Key> of(java.util.Set<Table> tables) {
        return parked.keySet().stream()
                .filter(key -> tables.contains(key.table()))
                .toList();
    }

    /** All rows of which something is put aside, if all of it shall be tried; that is said once for a session. */
    List<Key> takeDue() {
        boolean due = retryDue;
        retryDue = false;
        return due ? List.copyOf(parked.keySet()) : List.of();
    }

    /** Has everything tried again with the next batch. */
    void retry() {
        retryDue = true;
    }

    /** What is put aside for this row; null when a person has dropped it meanwhile. */
    @Nullable
    Entry entry(Key key) throws SQLException {
        Long id = parked.get(key);
        if (id == null) {
            return null;
        }
        try (PreparedStatement select = connection.prepareStatement(
                "SELECT operation, row_xmin::text FROM replicator.quarantine WHERE id = ? FOR UPDATE")) {
            select.setLong(1, id);
            ResultSet found = select.executeQuery();
            if (!found.next()) {
                parked.remove(key);
                return null;
            }
            Operation.Kind kind = Operation.Kind.valueOf(found.getString(1).toUpperCase(Locale.ROOT));
            Row row = row(shapes.relationOf(shapes.table(key.table())), id, "carried");
            return new Entry(id, new Operation(kind, key.table(), key, row, Operation.UNGUARDED), found.getString(2));
        }
    }

    /** Whether the entry still is about the row that stands there. */
    boolean isCurrent(Entry entry) throws SQLException {
        if (!master) {
            return true;
        }
        @Nullable String now = xmin(entry.operation());
        return now == null ? entry.rowXmin() == null : now.equals(entry.rowXmin());
    }

    /** {@code next} on top of what is put aside for its row, in the relation of {@code next}. */
    static Operation over(Operation earlier, Operation next) {
        if (next.kind() != Operation.Kind.UPDATE || earlier.kind() == Operation.Kind.DELETE) {
            return next;
        }
        Row beneath = earlier.requireRow();
        Row above = next.requireRow();
        Relation relation = above.relation();
        Row.Builder row = new Row.Builder(relation);
        for (int c = 0; c < relation.size(); c++) {
            int there = beneath.relation().indexOf(relation.columns().get(c).name());
            if (above.isAdded(c) && there >= 0 && !beneath.isAbsent(there)) {
                row.sum(beneath, there, above, c);
            } else if (!above.isAbsent(c)) {
                row.copy(above, c);
            } else if (there >= 0) {
                row.copy(beneath, there);
            } else {
                row.absent();
            }
        }
        return new Operation(earlier.kind(), next.table(), next.key(), row.build(), Operation.UNGUARDED);
    }

    /** The change is written, or void. */
    void release(Key key) throws SQLException {
        Long id = parked.remove(key);
        if (id != null) {
            try (PreparedStatement delete =
                    connection.prepareStatement("DELETE FROM replicator.quarantine WHERE id = ?")) {
                delete.setLong(1, id);
                delete.executeUpdate();
            }
        }
    }

    /** Everything that was put aside for the table is void. */
    void truncated(Table table) throws SQLException {
        for (Key key : of(java.util.Set.of(table))) {
            release(key);
        }
    }

    /** Puts a change aside. */
    void park(Operation operation, SQLException refusal, long commitMicros) throws SQLException {
        release(operation.requireKey());
        List<Parameter> parameters = new ArrayList<>();
        TableName table = operation.table().name();
        StringBuilder sql = new StringBuilder("INSERT INTO replicator.quarantine (sync, schema_name, table_name,"
                + " operation, sqlstate, constraint_name, reason, row_xmin, commit_time, key, carried)"
                + " VALUES (?, ?, ?, ?, ?, ?, ?, ?::xid, ?, ");
        parameters.add(Parameter.text(sync));
        parameters.add(Parameter.text(table.schema()));
        parameters.add(Parameter.text(table.name()));
        parameters.add(Parameter.text(operation.kind().name().toLowerCase(Locale.ROOT)));
        parameters.add(Parameter.text(SqlErrors.state(refusal)));
        parameters.add(Parameter.text(WriteErrors.constraint(refusal)));
        parameters.add(Parameter.text(SqlErrors.text(refusal)));
        parameters.add(Parameter.text(xmin(operation)));
        parameters.add(Parameter.time(commitMicros));
        ConflictWriter.object(sql, parameters, operation.requireRow(), true);
        sql.append(", ");
        ConflictWriter.object(sql, parameters, operation.requireRow(), false);
        sql.append(") RETURNING id");
        Script script = new Script();
        script.add(sql.toString(), parameters);
        String id = new Pipe(connection).run(script).get(0).text(0);
        parked.put(operation.requireKey(), Long.valueOf(String.valueOf(id)));
    }

    long size() {
        return parked.size();
    }

    /** What there is to decide about a change that was put aside; null: nothing, it may be taken by now. */
    @Nullable
    Refusal refusal(Operation operation, SQLException refusal) throws SQLException {
        Long id = parked.get(operation.requireKey());
        if (id == null) {
            return null;
        }
        TargetTable table = shapes.table(operation.table());
        Relation relation = shapes.relationOf(table);
        Shape byKey = shapes.of(Operation.Kind.DELETE, operation.requireRow());
        List<Parameter> parameters = new ArrayList<>(byKey.singleParameters(operation.requireRow()));
        parameters.add(Parameter.int8(id));
        Script script = new Script();
        script.add(
                "SELECT " + StandingRow.columns(relation) + ", t.replicator_time FROM (SELECT"
                        + " (pg_catalog.jsonb_populate_record((" + ShapeSql.select(byKey, "t") + "), q.carried)).*,"
                        + " (EXTRACT(epoch FROM q.commit_time) * 1000000)::int8::text AS replicator_time"
                        + " FROM replicator.quarantine q WHERE q.id = ?) AS t",
                parameters);
        Pipe.Reply reply = new Pipe(connection).run(script).get(0);
        Row row = StandingRow.of(relation, reply);
        List<Operation> others = inTheWay(operation, refusal, table, byKey, id);
        if (row == null || (others.isEmpty() && SqlErrors.state(refusal).equals("23505"))) {
            return null;
        }
        @Nullable String time = reply.text(relation.size());
        return new Refusal(
                operation,
                row,
                SqlErrors.state(refusal),
                WriteErrors.constraint(refusal),
                others,
                List.of(),
                time == null ? 0 : Long.parseLong(time));
    }

    private List<Operation> inTheWay(Operation operation, SQLException refusal, TargetTable table, Shape byKey, long id)
            throws SQLException {
        String constraint = WriteErrors.constraint(refusal);
        if (constraint == null || !WriteErrors.isUnique(refusal)) {
            return List.of();
        }
        @Nullable
        Row standing = new UniqueIndex(connection, table, constraint)
                .rowInTheWay(shapes.relationOf(table), byKey, operation.requireRow(), id);
        if (standing == null) {
            return List.of();
        }
        Key key = new KeyCodec(operation.table()).keyOf(standing);
        return key.equals(operation.key()) ? List.of() : List.of(Operation.upsert(key, standing, Operation.UNGUARDED));
    }

    /** The row as it stands there, in text, or null. */
    @Nullable
    Row current(Operation operation) throws SQLException {
        Shape byKey = shapes.of(Operation.Kind.DELETE, operation.requireRow());
        Relation relation = shapes.relationOf(byKey.table());
        Script script = new Script();
        script.add(
                ShapeSql.select(byKey, StandingRow.columns(relation)), byKey.singleParameters(operation.requireRow()));
        return StandingRow.of(relation, new Pipe(connection).run(script).get(0));
    }

    /** Version of the row that stands there, which stays locked; null: none. */
    private @Nullable String xmin(Operation operation) throws SQLException {
        Shape byKey = shapes.of(Operation.Kind.DELETE, operation.requireRow());
        Script script = new Script();
        script.add(
                ShapeSql.select(byKey, "t.xmin::text") + " FOR UPDATE OF t",
                byKey.singleParameters(operation.requireRow()));
        return new Pipe(connection).run(script).get(0).text(0);
    }

    private Row row(Relation relation, long id, String column) throws SQLException {
        return StoredRow.read(connection, "quarantine", column, id, relation);
    }
}
