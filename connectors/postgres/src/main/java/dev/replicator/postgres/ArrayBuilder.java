package dev.replicator.postgres;

import dev.replicator.model.Row;
import java.util.Arrays;

/**
 * Builds a one-dimensional array in PostgreSQL's binary form, copying elements from rows as they are. Source: {@code
 * array_recv} in {@code src/backend/utils/adt/arrayfuncs.c}.
 */
final class ArrayBuilder {
    private static final int HEADER_BYTES = 20;

    private final int elementOid;
    private byte[] bytes;
    private int size = HEADER_BYTES;
    private int count;
    private boolean hasNull;

    ArrayBuilder(int elementOid, int expected) {
        this.elementOid = elementOid;
        this.bytes = new byte[HEADER_BYTES + 16 * expected];
    }

    void add(Row row, int column) {
        if (row.isNull(column) || row.isAbsent(column)) {
            reserve(4);
            putInt(size, -1);
            size += 4;
            hasNull = true;
        } else {
            // In the row, too, four bytes of length precede the value.
            int length = 4 + row.length(column);
            reserve(length);
            System.arraycopy(row.bytes(), row.start(column) - 4, bytes, size, length);
            size += length;
        }
        count++;
    }

    void addInt(int value) {
        reserve(8);
        putInt(size, 4);
        putInt(size + 4, value);
        size += 8;
        count++;
    }

    byte[] build() {
        putInt(0, count == 0 ? 0 : 1);
        putInt(4, hasNull ? 1 : 0);
        putInt(8, elementOid);
        putInt(12, count);
        putInt(16, 1);
        return Arrays.copyOf(bytes, count == 0 ? 12 : size);
    }

    private void reserve(int more) {
        if (bytes.length - size < more) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, Math.addExact(size, more)));
        }
    }

    private void putInt(int at, int value) {
        bytes[at] = (byte) (value >>> 24);
        bytes[at + 1] = (byte) (value >>> 16);
        bytes[at + 2] = (byte) (value >>> 8);
        bytes[at + 3] = (byte) value;
    }
}
