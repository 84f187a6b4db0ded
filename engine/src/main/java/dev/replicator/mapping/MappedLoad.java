package dev.replicator.mapping;

import dev.replicator.model.Column;
import dev.replicator.model.Positions;
import dev.replicator.model.Table;
import dev.replicator.model.TableName;
import dev.replicator.spi.CopyRange;
import dev.replicator.spi.CopyRows;
import dev.replicator.spi.TableJoin;
import dev.replicator.spi.TableLoad;
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
                        : session.load(mapped.table(), range, held, MappedCopyRows.of(rows, mapped));
            }

            @Override
            public void close() {
                session.close();
            }
        };
    }
}
