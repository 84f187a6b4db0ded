package dev.replicator.mapping;

import dev.replicator.codec.CopyText;
import dev.replicator.model.Column;
import dev.replicator.model.Positions;
import dev.replicator.model.Relation;
import dev.replicator.model.Row;
import dev.replicator.model.Table;
import dev.replicator.model.TableName;
import dev.replicator.spi.CopyRange;
import dev.replicator.spi.CopyRows;
import dev.replicator.spi.TableJoin;
import dev.replicator.spi.TableLoad;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Whole tables for a database that is given them otherwise than the sources have them: who copies speaks of the sources'
 * tables, and the database hears of its own. Rows pass undecoded where only names differ.
 */
final class MappedLoad implements TableLoad {
    private final TableLoad load;
    private final Map<TableName, MappedTable> bySource = new HashMap<>();
    private final Map<TableName, TableName> sourceNames = new HashMap<>();

    MappedLoad(TableLoad load, Iterable<MappedTable> tables) {
        this.load = load;
        for (MappedTable table : tables) {
            bySource.put(table.source().table().name(), table);
            sourceNames.put(table.table().name(), table.source().table().name());
        }
    }

    private Table there(Table table) {
        MappedTable mapped = bySource.get(table.name());
        return mapped == null ? table : mapped.table();
    }

    private TableName there(TableName table) {
        MappedTable mapped = bySource.get(table);
        return mapped == null ? table : mapped.table().name();
    }

    private static TableJoin named(TableJoin join, TableName name) {
        return new TableJoin(name, join.state(), join.source(), join.ranges());
    }

    @Override
    public List<TableJoin> joins() {
        return load.joins().stream()
                .map(join -> named(join, sourceNames.getOrDefault(join.table(), join.table())))
                .toList();
    }

    @Override
    public long start(long own) {
        return load.start(own);
    }

    @Override
    public Positions held() {
        return load.held();
    }

    @Override
    public boolean isEmpty(Table table) {
        return load.isEmpty(there(table));
    }

    @Override
    public void record(TableJoin join, boolean emptied) {
        load.record(named(join, there(join.table())), emptied);
    }

    @Override
    public void finish(Map<TableName, Positions> tables, @Nullable Positions whole, long highest) {
        Map<TableName, Positions> named = new HashMap<>();
        tables.forEach((table, held) -> named.put(there(table), held));
        load.finish(named, whole, highest);
    }

    @Override
    public void close() {
        load.close();
    }

    @Override
    public Session session(int number) {
        Session session = load.session(number);
        return new Session() {
            @Override
            public boolean takesBinary(Table table, List<Column> columns) {
                MappedTable mapped = bySource.get(table.name());
                return mapped == null
                        ? session.takesBinary(table, columns)
                        : mapped.keepsColumns(columns) && session.takesBinary(mapped.table(), mapped.columns(columns));
            }

            @Override
            public long load(Table table, CopyRange range, Positions held, CopyRows rows) {
                MappedTable mapped = bySource.get(table.name());
                return mapped == null
                        ? session.load(table, range, held, rows)
                        : session.load(
                                mapped.table(),
                                range,
                                held,
                                mapped.keepsColumns(rows.columns())
                                        ? new Renamed(rows, mapped)
                                        : new Decoded(rows, mapped));
            }

            @Override
            public void close() {
                session.close();
            }
        };
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
