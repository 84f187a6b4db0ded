package dev.replicator.codec;

import dev.replicator.model.Change;
import dev.replicator.model.ChangeKind;
import dev.replicator.model.Conflict;
import dev.replicator.model.Key;
import dev.replicator.model.Operation;
import dev.replicator.model.Relation;
import dev.replicator.model.Row;
import dev.replicator.model.Table;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * Rows, changes, operations and conflicts as bytes of a spool file.
 *
 * <p>A file never outlives the process, so tables and relations are written as small numbers that this object gives out
 * and keeps: what one codec wrote, only the same codec reads, and a relation comes back as the same object. Written by
 * one thread at a time; what was written may be read by others once it was handed over, while more is written.
 */
@SuppressWarnings("EnumOrdinal") // nothing written outlives the process
public final class RowCodec {
    private static final ChangeKind[] CHANGE_KINDS = ChangeKind.values();
    private static final Operation.Kind[] OPERATION_KINDS = Operation.Kind.values();

    private static final int HAS_KEY = 1;
    private static final int HAS_ROW = 2;
    private static final int HAS_OLD = 4;
    private static final int HAS_MOVED_FROM = 8;

    private final List<Table> tables = new CopyOnWriteArrayList<>();
    private final IdentityHashMap<Table, Integer> tableNumbers = new IdentityHashMap<>();
    private final List<Relation> relations = new CopyOnWriteArrayList<>();
    private final IdentityHashMap<Relation, Integer> relationNumbers = new IdentityHashMap<>();

    public void writeChange(DataOutput out, Change change) throws IOException {
        out.writeByte(change.kind().ordinal());
        out.writeByte((change.key() == null ? 0 : HAS_KEY)
                | (change.row() == null ? 0 : HAS_ROW)
                | (change.old() == null ? 0 : HAS_OLD)
                | (change.movedFrom() == null ? 0 : HAS_MOVED_FROM));
        out.writeInt(number(tables, tableNumbers, change.table()));
        writeKeyIfAny(out, change.key());
        writeRowIfAny(out, change.row());
        writeRowIfAny(out, change.old());
        writeKeyIfAny(out, change.movedFrom());
    }

    public Change readChange(DataInput in) throws IOException {
        ChangeKind kind = CHANGE_KINDS[in.readByte()];
        int has = in.readByte();
        Table table = tables.get(in.readInt());
        Key key = (has & HAS_KEY) == 0 ? null : readKey(in);
        Row row = (has & HAS_ROW) == 0 ? null : readRow(in);
        Row old = (has & HAS_OLD) == 0 ? null : readRow(in);
        Key movedFrom = (has & HAS_MOVED_FROM) == 0 ? null : readKey(in);
        return new Change(kind, table, key, row, old, movedFrom);
    }

    public void writeOperation(DataOutput out, Operation operation) throws IOException {
        out.writeByte(operation.kind().ordinal());
        out.writeByte((operation.key() == null ? 0 : HAS_KEY)
                | (operation.row() == null ? 0 : HAS_ROW)
                | (operation.from() == null ? 0 : HAS_OLD));
        out.writeInt(number(tables, tableNumbers, operation.table()));
        out.writeLong(operation.guard());
        writeKeyIfAny(out, operation.key());
        writeRowIfAny(out, operation.row());
        writeRowIfAny(out, operation.from());
    }

    public Operation readOperation(DataInput in) throws IOException {
        Operation.Kind kind = OPERATION_KINDS[in.readByte()];
        int has = in.readByte();
        Table table = tables.get(in.readInt());
        long guard = in.readLong();
        Key key = (has & HAS_KEY) == 0 ? null : readKey(in);
        Row row = (has & HAS_ROW) == 0 ? null : readRow(in);
        Row from = (has & HAS_OLD) == 0 ? null : readRow(in);
        return new Operation(kind, table, key, row, guard, from);
    }

    public void writeConflict(DataOutput out, Conflict conflict) throws IOException {
        out.writeUTF(conflict.type());
        writeSide(out, conflict.loser());
        writeSide(out, conflict.winner());
        out.writeUTF(conflict.policy());
        out.writeUTF(conflict.reason());
    }

    public Conflict readConflict(DataInput in) throws IOException {
        return new Conflict(in.readUTF(), readSide(in), readSide(in), in.readUTF(), in.readUTF());
    }

    private void writeSide(DataOutput out, Conflict.Side side) throws IOException {
        out.writeUTF(side.database());
        out.writeLong(side.commitLsn());
        out.writeLong(side.commitMicros());
        out.writeByte(side.kind().ordinal());
        writeKey(out, side.key());
        out.writeBoolean(side.row() != null);
        writeRowIfAny(out, side.row());
    }

    private Conflict.Side readSide(DataInput in) throws IOException {
        String database = in.readUTF();
        long commitLsn = in.readLong();
        long commitMicros = in.readLong();
        ChangeKind kind = CHANGE_KINDS[in.readByte()];
        Key key = readKey(in);
        return new Conflict.Side(database, commitLsn, commitMicros, kind, key, in.readBoolean() ? readRow(in) : null);
    }

    public void writeKey(DataOutput out, Key key) throws IOException {
        out.writeInt(number(tables, tableNumbers, key.table()));
        out.writeLong(key.hash());
        out.writeInt(key.canonical().length);
        out.write(key.canonical());
    }

    public Key readKey(DataInput in) throws IOException {
        Table table = tables.get(in.readInt());
        long hash = in.readLong();
        byte[] canonical = new byte[in.readInt()];
        in.readFully(canonical);
        return new Key(table, canonical, hash);
    }

    /** Writes the values of the row alone, also when its array holds more. */
    public void writeRow(DataOutput out, Row row) throws IOException {
        out.writeInt(number(relations, relationNumbers, row.relation()));
        int columns = row.relation().size();
        int length = 0;
        for (int c = 0; c < columns; c++) {
            length += hasValue(row.kind(c)) ? 5 + row.length(c) : 1;
        }
        out.writeInt(length);
        for (int c = 0; c < columns; c++) {
            byte kind = row.kind(c);
            if (hasValue(kind)) {
                out.write(row.bytes(), row.start(c) - 5, row.length(c) + 5);
            } else {
                out.writeByte(kind);
            }
        }
    }

    public Row readRow(DataInput in) throws IOException {
        Relation relation = relations.get(in.readInt());
        byte[] bytes = new byte[in.readInt()];
        in.readFully(bytes);
        int[] starts = new int[relation.size()];
        int at = 0;
        for (int c = 0; c < starts.length; c++) {
            starts[c] = at;
            at += hasValue(bytes[at]) ? 5 + lengthAt(bytes, at + 1) : 1;
        }
        return new Row(relation, bytes, starts);
    }

    private void writeKeyIfAny(DataOutput out, @Nullable Key key) throws IOException {
        if (key != null) {
            writeKey(out, key);
        }
    }

    private void writeRowIfAny(DataOutput out, @Nullable Row row) throws IOException {
        if (row != null) {
            writeRow(out, row);
        }
    }

    private static boolean hasValue(byte kind) {
        return kind != Row.NULL && kind != Row.ABSENT;
    }

    private static int lengthAt(byte[] bytes, int at) {
        return (bytes[at] & 0xFF) << 24
                | (bytes[at + 1] & 0xFF) << 16
                | (bytes[at + 2] & 0xFF) << 8
                | (bytes[at + 3] & 0xFF);
    }

    private static <T> int number(List<T> all, IdentityHashMap<T, Integer> numbers, T one) {
        Integer known = numbers.get(one);
        if (known != null) {
            return known;
        }
        int number = all.size();
        all.add(one);
        numbers.put(one, number);
        return number;
    }
}
