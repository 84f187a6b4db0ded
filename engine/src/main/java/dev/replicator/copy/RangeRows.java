package dev.replicator.copy;

import dev.replicator.model.Column;
import dev.replicator.session.SqlErrors;
import dev.replicator.spi.CopyRange;
import dev.replicator.spi.CopyRows;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyOut;

/** The rows of a range, read from a session of a snapshot. Thread: that of the session. */
final class RangeRows implements CopyRows {
    private static final int COUNTED_ROWS = 1000;

    private final Connection connection;
    private final SourceTable table;
    private final CopyRange range;
    private final boolean binary;
    private final CopyProgress progress;

    RangeRows(Connection connection, SourceTable table, CopyRange range, boolean binary, CopyProgress progress) {
        this.connection = connection;
        this.table = table;
        this.range = range;
        this.binary = binary;
        this.progress = progress;
    }

    @Override
    public List<Column> columns() {
        return table.columns();
    }

    @Override
    public boolean isBinary() {
        return binary;
    }

    @Override
    public Reading open() {
        String sql = "COPY (SELECT " + table.columnList() + table.from(range) + ") TO STDOUT"
                + (binary ? " (FORMAT binary)" : "");
        try {
            return new FromServer(
                    connection.unwrap(PGConnection.class).getCopyAPI().copyOut(sql));
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    private RuntimeException failed(SQLException e) {
        return SqlErrors.doing("read table " + table.table().name(), e);
    }

    private final class FromServer implements Reading {
        private final CopyOut copy;
        private long rows;
        private long bytes;

        FromServer(CopyOut copy) {
            this.copy = copy;
        }

        @Override
        public byte @Nullable [] next() {
            try {
                byte[] row = copy.readFromCopy();
                if (row == null) {
                    count();
                    return null;
                }
                rows += isTrailer(row) ? 0 : 1;
                bytes += row.length;
                if (rows == COUNTED_ROWS) {
                    count();
                }
                return row;
            } catch (SQLException e) {
                throw failed(e);
            }
        }

        /** The binary form ends with a message that is no row. Source: documentation of COPY, "File Trailer". */
        private boolean isTrailer(byte[] message) {
            return binary && message.length == 2 && message[0] == -1 && message[1] == -1;
        }

        private void count() {
            progress.add(rows, bytes);
            rows = 0;
            bytes = 0;
        }

        @Override
        public void close() {
            if (copy.isActive()) {
                try {
                    copy.cancelCopy();
                } catch (SQLException e) {
                    // The session is given up, or its snapshot is: nothing is lost.
                }
            }
        }
    }
}
