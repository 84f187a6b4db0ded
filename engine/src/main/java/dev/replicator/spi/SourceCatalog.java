package dev.replicator.spi;

import dev.replicator.model.TableName;
import dev.replicator.model.TableSchema.SourceColumn;
import java.util.List;

/**
 * The tables of a source, with the types that their columns have once they are PostgreSQL's, and what else was found.
 *
 * @param remarks what keeps it from being read, or will
 */
public record SourceCatalog(List<SourceTable> tables, List<Remark> remarks) {
    public SourceCatalog {
        tables = List.copyOf(tables);
        remarks = List.copyOf(remarks);
    }

    /**
     * One table.
     *
     * @param key the columns of its primary key; empty: it has none
     */
    public record SourceTable(TableName name, List<SourceColumn> columns, List<String> key) {
        public SourceTable {
            columns = List.copyOf(columns);
            key = List.copyOf(key);
        }
    }
}
