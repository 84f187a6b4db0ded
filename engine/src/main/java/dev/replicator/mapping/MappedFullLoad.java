package dev.replicator.mapping;

import dev.replicator.model.Column;
import dev.replicator.model.FullCopy.Emptying;
import dev.replicator.model.Table;
import dev.replicator.model.TableName;
import dev.replicator.spi.CopyRows;
import dev.replicator.spi.FullLoad;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** As {@link MappedLoad}, for tables that are emptied and filled. */
final class MappedFullLoad implements FullLoad {
    private final FullLoad load;
    private final Map<TableName, MappedTable> bySource = new HashMap<>();

    MappedFullLoad(FullLoad load, Iterable<MappedTable> tables) {
        this.load = load;
        tables.forEach(table -> bySource.put(table.source().table().name(), table));
    }

    private Table there(Table table) {
        MappedTable mapped = bySource.get(table.name());
        return mapped == null ? table : mapped.table();
    }

    @Override
    public Optional<Done> recorded() {
        return load.recorded();
    }

    @Override
    public void want() {
        load.want();
    }

    @Override
    public void begin() {
        load.begin();
    }

    @Override
    public void empty(List<Table> tables, Emptying emptying) {
        load.empty(tables.stream().map(this::there).toList(), emptying);
    }

    @Override
    public boolean takesBinary(Table table, List<Column> columns) {
        MappedTable mapped = bySource.get(table.name());
        return mapped == null
                ? load.takesBinary(table, columns)
                : mapped.keepsColumns(columns) && load.takesBinary(mapped.table(), mapped.columns(columns));
    }

    @Override
    public long load(Table table, CopyRows rows) {
        MappedTable mapped = bySource.get(table.name());
        return mapped == null ? load.load(table, rows) : load.load(mapped.table(), MappedCopyRows.of(rows, mapped));
    }

    @Override
    public Done finish(String source, int tables, long rows) {
        return load.finish(source, tables, rows);
    }

    @Override
    public void close() {
        load.close();
    }
}
