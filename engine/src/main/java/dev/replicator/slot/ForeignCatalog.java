package dev.replicator.slot;

import dev.replicator.model.TableName;
import dev.replicator.model.TableSchema.SourceColumn;
import dev.replicator.slot.CatalogTable.Kind;
import dev.replicator.slot.CatalogTable.Leaves;
import dev.replicator.slot.CatalogTable.Persistence;
import dev.replicator.slot.CatalogTable.ReplicaIdentity;
import dev.replicator.slot.CatalogTable.UniqueIndex;
import dev.replicator.spi.SourceCatalog;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** The tables of a source that is no PostgreSQL as if they stood in one, so that tables are selected and compared alike. */
final class ForeignCatalog {
    private ForeignCatalog() {}

    static Catalog of(String database, SourceCatalog source) {
        SortedMap<TableName, CatalogTable> tables = new TreeMap<>();
        for (SourceCatalog.SourceTable table : source.tables()) {
            tables.put(table.name(), table(table));
        }
        return new Catalog(database, tables);
    }

    private static CatalogTable table(SourceCatalog.SourceTable table) {
        List<CatalogColumn> columns = new ArrayList<>();
        for (SourceColumn column : table.columns()) {
            columns.add(new CatalogColumn(
                    columns.size() + 1,
                    column.name(),
                    0,
                    column.baseType(),
                    column.baseType(),
                    column.declared(),
                    column.typmod(),
                    column.notNull(),
                    false,
                    false,
                    CatalogColumn.Identity.NONE,
                    true,
                    column.enumLabels(),
                    null,
                    null));
        }
        List<UniqueIndex> key = table.key().isEmpty()
                ? List.of()
                : List.of(new UniqueIndex("PRIMARY", table.key(), true, false, true, true));
        return new CatalogTable(
                table.name(),
                0,
                Kind.TABLE,
                Persistence.PERMANENT,
                null,
                Leaves.NONE,
                ReplicaIdentity.FULL,
                columns,
                key,
                List.of(),
                List.of(),
                "",
                false,
                true,
                Set.of(),
                false,
                null);
    }
}
