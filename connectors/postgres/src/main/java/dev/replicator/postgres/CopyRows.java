package dev.replicator.postgres;

import dev.replicator.model.Operation;
import dev.replicator.model.Row;
import dev.replicator.postgres.Shape.Carried;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;

/**
 * Rows in the binary form of COPY, in pieces; values are copied from rows as they are. Source: PostgreSQL documentation,
 * "COPY", Binary Format. One thread.
 */
final class CopyRows {
    private static final int PIECE_BYTES = 1 << 18;
    private static final byte[] HEADER = {
        'P', 'G', 'C', 'O', 'P', 'Y', '\n', (byte) 0xFF, '\r', '\n', 0, 0, 0, 0, 0, 0, 0, 0, 0
    };
    private static final byte[] TRAILER = {(byte) 0xFF, (byte) 0xFF};

    private byte[] buffer = new byte[PIECE_BYTES];
    private int size;

    /** Takes a piece; the array is used again afterwards. */
    interface Sink {
        void take(byte[] bytes, int length) throws SQLException;
    }

    void write(Shape shape, List<Operation> operations, Sink sink) throws SQLException {
        size = 0;
        put(HEADER);
        for (Operation operation : operations) {
            row(shape, operation.requireRow());
            if (size >= PIECE_BYTES) {
                send(sink);
            }
        }
        put(TRAILER);
        send(sink);
    }

    private void row(Shape shape, Row row) {
        reserve(2);
        buffer[size++] = (byte) (shape.columns().size() >>> 8);
        buffer[size++] = (byte) shape.columns().size();
        for (Carried column : shape.columns()) {
            if (row.isNull(column.from())) {
                reserve(4);
                for (int i = 0; i < 4; i++) {
                    buffer[size++] = (byte) 0xFF;
                }
            } else {
                // In the row, too, four bytes of length precede the value.
                int length = 4 + row.length(column.from());
                reserve(length);
                System.arraycopy(row.bytes(), row.start(column.from()) - 4, buffer, size, length);
                size += length;
            }
        }
    }

    private void put(byte[] bytes) {
        reserve(bytes.length);
        System.arraycopy(bytes, 0, buffer, size, bytes.length);
        size += bytes.length;
    }

    private void reserve(int more) {
        if (buffer.length - size < more) {
            buffer = Arrays.copyOf(buffer, Math.max(buffer.length * 2, Math.addExact(size, more)));
        }
    }

    private void send(Sink sink) throws SQLException {
        sink.take(buffer, size);
        size = 0;
        if (buffer.length > 4 * PIECE_BYTES) {
            buffer = new byte[PIECE_BYTES];
        }
    }
}
