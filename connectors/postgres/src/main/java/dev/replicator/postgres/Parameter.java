package dev.replicator.postgres;

import dev.replicator.model.Row;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * One bind parameter in the binary form of its type; for {@code text} that is the UTF-8 bytes themselves.
 *
 * @param value the bytes, or null for SQL NULL
 * @param oid the type's object identifier
 */
record Parameter(byte @Nullable [] value, int oid) {
    static final int BYTEA = 17;
    static final int INT8 = 20;
    static final int TEXT = 25;
    static final int XID = 28;
    static final int TIMESTAMPTZ = 1184;
    static final int TEXT_ARRAY = 1009;
    static final int XID_ARRAY = 1011;

    /** Microseconds from 1970 to 2000, where PostgreSQL's time starts. */
    private static final long EPOCH_MICROS = 946_684_800_000_000L;

    static Parameter text(@Nullable String value) {
        return new Parameter(value == null ? null : value.getBytes(StandardCharsets.UTF_8), TEXT);
    }

    static Parameter int8(long value) {
        return new Parameter(ByteBuffer.allocate(8).putLong(value).array(), INT8);
    }

    static Parameter bytea(byte[] value) {
        return new Parameter(value, BYTEA);
    }

    /** A time in microseconds since 1970; NULL for 0, which stands for unknown. */
    static Parameter time(long micros) {
        return micros == 0
                ? new Parameter(null, TIMESTAMPTZ)
                : new Parameter(
                        ByteBuffer.allocate(8).putLong(micros - EPOCH_MICROS).array(), TIMESTAMPTZ);
    }

    /** A column's value as it stands in the row; {@code binaryOid} is 0 where values are text. */
    static Parameter column(Row row, int column, int binaryOid) {
        int oid = binaryOid == 0 ? TEXT : binaryOid;
        if (row.isNull(column) || row.isAbsent(column)) {
            return new Parameter(null, oid);
        }
        byte[] value = new byte[row.length(column)];
        System.arraycopy(row.bytes(), row.start(column), value, 0, value.length);
        return new Parameter(value, oid);
    }

    int size() {
        return value == null ? 4 : value.length + 4;
    }
}
