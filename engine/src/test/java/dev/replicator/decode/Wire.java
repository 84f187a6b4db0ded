package dev.replicator.decode;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Writes pgoutput messages by hand, field by field as PostgreSQL's documentation lists them. */
final class Wire {
    static final long EPOCH_MICROS = 946_684_800_000_000L;

    /** Stands for an unchanged value that is stored out of line. */
    static final String UNCHANGED = "\0unchanged";

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    private Wire(char kind) {
        out.write(kind);
    }

    static ByteBuffer begin(long commitLsn, long commitMicros, int xid) {
        return new Wire('B')
                .int64(commitLsn)
                .int64(commitMicros - EPOCH_MICROS)
                .int32(xid)
                .done();
    }

    static ByteBuffer commit(long commitLsn, long end, long commitMicros) {
        return new Wire('C')
                .int8(0)
                .int64(commitLsn)
                .int64(end)
                .int64(commitMicros - EPOCH_MICROS)
                .done();
    }

    static ByteBuffer origin(String name) {
        return new Wire('O').int64(0).string(name).done();
    }

    static ByteBuffer type(int oid, String schema, String name) {
        return new Wire('Y').int32(oid).string(schema).string(name).done();
    }

    /** Columns are spelled {@code *id:23}, the star for a part of the identity. */
    static ByteBuffer relation(int oid, String schema, String name, char identity, String... columns) {
        Wire wire = new Wire('R')
                .int32(oid)
                .string(schema)
                .string(name)
                .int8(identity)
                .int16(columns.length);
        for (String column : columns) {
            boolean key = column.startsWith("*");
            int colon = column.indexOf(':');
            wire.int8(key ? 1 : 0)
                    .string(column.substring(key ? 1 : 0, colon))
                    .int32(Integer.parseInt(column.substring(colon + 1)))
                    .int32(-1);
        }
        return wire.done();
    }

    static ByteBuffer insert(int oid, @Nullable String... row) {
        return new Wire('I').int32(oid).int8('N').tuple(row).done();
    }

    static ByteBuffer update(int oid, @Nullable String... row) {
        return new Wire('U').int32(oid).int8('N').tuple(row).done();
    }

    static ByteBuffer update(int oid, char kind, @Nullable String[] old, @Nullable String... row) {
        return new Wire('U')
                .int32(oid)
                .int8(kind)
                .tuple(old)
                .int8('N')
                .tuple(row)
                .done();
    }

    static ByteBuffer delete(int oid, char kind, @Nullable String... row) {
        return new Wire('D').int32(oid).int8(kind).tuple(row).done();
    }

    static ByteBuffer truncate(int options, int... oids) {
        Wire wire = new Wire('T').int32(oids.length).int8(options);
        for (int oid : oids) {
            wire.int32(oid);
        }
        return wire.done();
    }

    static ByteBuffer message(boolean transactional, String prefix, byte[] content) {
        Wire wire = new Wire('M')
                .int8(transactional ? 1 : 0)
                .int64(0)
                .string(prefix)
                .int32(content.length);
        wire.out.writeBytes(content);
        return wire.done();
    }

    private Wire tuple(@Nullable String... row) {
        int16(row.length);
        for (String value : row) {
            if (value == null) {
                int8('n');
            } else if (value.equals(UNCHANGED)) {
                int8('u');
            } else {
                byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
                int8('t').int32(utf8.length);
                out.writeBytes(utf8);
            }
        }
        return this;
    }

    private Wire int8(int value) {
        out.write(value);
        return this;
    }

    private Wire int16(int value) {
        return int8(value >>> 8).int8(value);
    }

    private Wire int32(int value) {
        return int16(value >>> 16).int16(value);
    }

    private Wire int64(long value) {
        return int32((int) (value >>> 32)).int32((int) value);
    }

    private Wire string(String text) {
        out.writeBytes(text.getBytes(StandardCharsets.UTF_8));
        return int8(0);
    }

    /** As pgjdbc hands it out: a slice of a larger array. */
    private ByteBuffer done() {
        byte[] payload = out.toByteArray();
        byte[] framed = new byte[25 + payload.length];
        System.arraycopy(payload, 0, framed, 25, payload.length);
        return ByteBuffer.wrap(framed, 25, payload.length).slice();
    }
}
