package dev.replicator.mapping;

import dev.replicator.codec.CopyText;
import dev.replicator.model.Column;
import dev.replicator.model.Relation;
import dev.replicator.model.Row;
import dev.replicator.spi.CopyRows;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The rows of a table as a database is given them. They pass undecoded where only names differ. */
final class MappedCopyRows {
    private MappedCopyRows() {}

    static CopyRows of(CopyRows rows, MappedTable table) {
        return table.keepsColumns(rows.columns()) ? new Renamed(rows, table) : new Decoded(rows, table);
    }

    /** All columns, under other names. */
    private record Renamed(CopyRows rows, MappedTable table) implements CopyRows {
        @Override
        public List<Column> columns() {
            return table.columns(rows.columns());
        }

        @Override
        public boolean isBinary() {
            return rows.isBinary();
        }

        @Override
        public Reading open() {
            return rows.open();
        }
    }

    /** Other columns or only some rows: each is looked at. */
    private static final class Decoded implements CopyRows {
        private final CopyRows rows;
        private final MappedTable table;
        private final Relation relation;

        Decoded(CopyRows rows, MappedTable table) {
            this.rows = rows;
            this.table = table;
            this.relation = new Relation(table.source().table(), new ArrayList<>(rows.columns()));
        }

        @Override
        public List<Column> columns() {
            return table.columns(rows.columns());
        }

        @Override
        public boolean isBinary() {
            return false;
        }

        @Override
        public Reading open() {
            Reading reading = rows.open();
            return new Reading() {
                @Override
                public byte @Nullable [] next() {
                    for (byte[] line = reading.next(); line != null; line = reading.next()) {
                        Row row = CopyText.parse(relation, line);
                        if (table.holds(row)) {
                            return CopyText.format(table.row(row));
                        }
                    }
                    return null;
                }

                @Override
                public void close() {
                    reading.close();
                }
            };
        }
    }
}
