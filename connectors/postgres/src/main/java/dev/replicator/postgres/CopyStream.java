package dev.replicator.postgres;

import dev.replicator.model.TableName;
import dev.replicator.spi.CopyRows;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.stream.Collectors;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;

/** Passes rows on into a table, as COPY reads them. Thread: that of the connection. */
final class CopyStream {
    private static final int BUFFER_BYTES = 1 << 16;

    private CopyStream() {}

    /** The columns, as SQL. */
    static String columnList(CopyRows rows) {
        return rows.columns().stream()
                .map(column -> TableName.quote(column.name()))
                .collect(Collectors.joining(", "));
    }

    /** {@code into} and {@code columns}: as SQL; returns how many rows there were. */
    static long into(Connection connection, String into, String columns, CopyRows rows) throws SQLException {
        CopyIn copy = connection
                .unwrap(PGConnection.class)
                .getCopyAPI()
                .copyIn("COPY " + into + " (" + columns + ") FROM STDIN" + (rows.isBinary() ? " (FORMAT binary)" : ""));
        byte[] buffer = new byte[BUFFER_BYTES];
        int filled = 0;
        try (CopyRows.Reading reading = rows.open()) {
            for (byte[] row = reading.next(); row != null; row = reading.next()) {
                if (filled + row.length > buffer.length) {
                    copy.writeToCopy(buffer, 0, filled);
                    filled = 0;
                }
                if (row.length > buffer.length) {
                    copy.writeToCopy(row, 0, row.length);
                } else {
                    System.arraycopy(row, 0, buffer, filled, row.length);
                    filled += row.length;
                }
            }
            copy.writeToCopy(buffer, 0, filled);
            return copy.endCopy();
        } finally {
            if (copy.isActive()) {
                copy.cancelCopy();
            }
        }
    }
}
