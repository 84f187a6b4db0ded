package dev.replicator.decode;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Parses pgoutput messages of protocol version 1, with the optional Origin and Logical messages.
 *
 * <p>Row values are not copied: a tuple refers to the message's own array, which must not be used again. Anything
 * malformed is a PROTOCOL error, never another exception and never a wait. Stateless; any thread. Source: PostgreSQL
 * documentation, "Logical Replication Message Formats"; {@code proto.c}.
 */
public final class PgOutputDecoder {
    /** Microseconds between 1970-01-01 and 2000-01-01. */
    private static final long EPOCH_MICROS = 946_684_800_000_000L;

    private static final int TRUNCATE_CASCADE = 1;
    private static final int TRUNCATE_RESTART_IDENTITY = 2;
    private static final int TRANSACTIONAL = 1;
    private static final int IDENTITY = 1;

    private PgOutputDecoder() {}

    /** The message's first byte, which says what it is; 0 when it is empty. */
    public static byte kind(ByteBuffer message) {
        return message.hasRemaining() ? message.get(message.position()) : 0;
    }

    public static Message decode(ByteBuffer message) {
        WireReader in = reader(message);
        byte kind = in.int8();
        return switch (kind) {
            case 'B' -> new Message.Begin(in.int64(), in.int64() + EPOCH_MICROS, in.int32());
            case 'C' -> commit(in);
            case 'O' -> origin(in);
            case 'R' -> relation(in);
            case 'Y' -> new Message.TypeInfo(in.int32(), in.string(), in.string());
            case 'I' -> new Message.Insert(in.int32(), in.tuple(expect(in.int8(), "N")));
            case 'U' -> update(in);
            case 'D' -> new Message.Delete(in.int32(), in.tuple(expect(in.int8(), "KO")));
            case 'T' -> truncate(in);
            case 'M' -> logical(in);
            default -> throw WireReader.malformed("its first byte is " + (kind & 0xFF));
        };
    }

    private static WireReader reader(ByteBuffer message) {
        if (message.hasArray()) {
            int from = message.arrayOffset() + message.position();
            return new WireReader(message.array(), from, from + message.remaining());
        }
        byte[] bytes = new byte[message.remaining()];
        message.duplicate().get(bytes);
        return new WireReader(bytes, 0, bytes.length);
    }

    private static Message commit(WireReader in) {
        in.int8();
        return new Message.Commit(in.int64(), in.int64(), in.int64() + EPOCH_MICROS);
    }

    private static Message origin(WireReader in) {
        in.int64();
        return new Message.Origin(in.string());
    }

    private static Message relation(WireReader in) {
        int oid = in.int32();
        String schema = in.string();
        String name = in.string();
        byte replicaIdentity = in.int8();
        int count = in.count(in.int16(), 10);
        List<Message.ColumnInfo> columns = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            boolean identity = (in.int8() & IDENTITY) != 0;
            columns.add(new Message.ColumnInfo(in.string(), identity, in.int32(), in.int32()));
        }
        return new Message.RelationInfo(
                oid, schema.isEmpty() ? "pg_catalog" : schema, name, replicaIdentity, List.copyOf(columns));
    }

    private static Message update(WireReader in) {
        int relation = in.int32();
        byte kind = expect(in.int8(), "KON");
        Message.Tuple old = null;
        if (kind != 'N') {
            old = in.tuple(kind);
            expect(in.int8(), "N");
        }
        return new Message.Update(relation, old, in.tuple((byte) 'N'));
    }

    private static Message truncate(WireReader in) {
        int count = in.int32();
        int options = in.int8();
        in.count(count, 4);
        List<Integer> relations = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            relations.add(in.int32());
        }
        return new Message.Truncate(
                List.copyOf(relations), (options & TRUNCATE_CASCADE) != 0, (options & TRUNCATE_RESTART_IDENTITY) != 0);
    }

    private static Message logical(WireReader in) {
        boolean transactional = (in.int8() & TRANSACTIONAL) != 0;
        long lsn = in.int64();
        String prefix = in.string();
        return new Message.Logical(transactional, lsn, prefix, in.bytes(in.int32()));
    }

    private static byte expect(byte kind, String allowed) {
        if (allowed.indexOf(kind) < 0) {
            throw WireReader.malformed("a row has kind " + (kind & 0xFF));
        }
        return kind;
    }
}
