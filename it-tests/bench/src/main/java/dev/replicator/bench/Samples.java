package dev.replicator.bench;

import dev.replicator.codec.KeyCodec;
import dev.replicator.codec.SpooledChanges;
import dev.replicator.model.Change;
import dev.replicator.model.Column;
import dev.replicator.model.Key;
import dev.replicator.model.Operation;
import dev.replicator.model.Relation;
import dev.replicator.model.Row;
import dev.replicator.model.Table;
import dev.replicator.model.TableName;
import dev.replicator.model.Transaction;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Rows of five columns and about 130 bytes, as messages, transactions and operations. */
public final class Samples {
    public static final int OID = 17_000;
    public static final Table TABLE = new Table(0, new TableName("public", "item"), List.of("id"), List.of("bigint"));
    public static final Relation RELATION = new Relation(
            TABLE,
            List.of(
                    new Column("id", 20, "bigint", -1),
                    new Column("a", 23, "integer", -1),
                    new Column("b", 25, "text", -1),
                    new Column("c", 1184, "timestamp with time zone", -1),
                    new Column("d", 25, "text", -1)));

    private static final byte[] TEXT = "a row of about one hundred and thirty bytes, as the design measured it"
            .getBytes(StandardCharsets.UTF_8);

    private Samples() {}

    public static ByteBuffer relation() {
        ByteBuffer out = ByteBuffer.allocate(256).put((byte) 'R').putInt(OID);
        string(out, "public");
        string(out, "item");
        out.put((byte) 'd').putShort((short) RELATION.size());
        for (Column column : RELATION.columns()) {
            out.put((byte) (column.name().equals("id") ? 1 : 0));
            string(out, column.name());
            out.putInt(column.typeOid()).putInt(-1);
        }
        return out.flip();
    }

    private static void string(ByteBuffer out, String text) {
        out.put(text.getBytes(StandardCharsets.UTF_8)).put((byte) 0);
    }

    public static ByteBuffer begin(long lsn) {
        return ByteBuffer.allocate(21)
                .put((byte) 'B')
                .putLong(lsn)
                .putLong(lsn)
                .putInt((int) lsn)
                .flip();
    }

    public static ByteBuffer commit(long lsn) {
        return ByteBuffer.allocate(26)
                .put((byte) 'C')
                .put((byte) 0)
                .putLong(lsn)
                .putLong(lsn + 5)
                .putLong(lsn)
                .flip();
    }

    public static ByteBuffer insert(long id) {
        ByteBuffer out =
                ByteBuffer.allocate(160).put((byte) 'I').putInt(OID).put((byte) 'N').putShort((short) RELATION.size());
        return tuple(out, id).flip();
    }

    private static ByteBuffer tuple(ByteBuffer out, long id) {
        return out.put((byte) 'b')
                .putInt(8)
                .putLong(id)
                .put((byte) 'b')
                .putInt(4)
                .putInt((int) id)
                .put((byte) 'b')
                .putInt(TEXT.length)
                .put(TEXT)
                .put((byte) 'b')
                .putInt(8)
                .putLong(id)
                .put((byte) 'n');
    }

    public static Row row(long id) {
        byte[] bytes = new byte[4 * 5 + 1 + 8 + 4 + TEXT.length + 8];
        tuple(ByteBuffer.wrap(bytes), id);
        return new Row(RELATION, bytes, new int[] {0, 13, 22, 27 + TEXT.length, bytes.length - 1});
    }

    public static Key key(Row row) {
        return new KeyCodec(TABLE).keyOf(row);
    }

    public static Transaction transaction(long number, long id) {
        Row row = row(id);
        return new Transaction(
                number * 10, number * 10 + 5, number, (int) number, null, SpooledChanges.of(Change.insert(key(row), row)));
    }

    public static Operation upsert(long id) {
        Row row = row(id);
        return Operation.upsert(key(row), row, Operation.UNGUARDED);
    }
}
