package dev.replicator.spi;

import dev.replicator.model.DatabaseSpec;
import dev.replicator.model.SyncSpec;
import dev.replicator.model.Table;
import dev.replicator.model.TableSchema;
import java.util.List;

/**
 * For which database and tables a session is to be opened.
 *
 * @param node the number of the database in the sync
 * @param tables what the sync replicates; empty for a session that only looks at what is stored there
 * @param libraries sees the jars of the {@code plugins} folder, for instance a driver whose licence keeps it from being
 *     part of this program
 */
public record TargetRequest(SyncSpec sync, int node, List<TableSchema> tables, ClassLoader libraries) {
    public TargetRequest {
        tables = List.copyOf(tables);
    }

    /** The database. */
    public DatabaseSpec database() {
        return sync.node(node);
    }

    /** Names of the sources, in the order of every vector: what progress is stored by. */
    public List<String> sourceNames() {
        return sync.sources().stream().map(DatabaseSpec::name).toList();
    }

    /** The tables without their columns. */
    public List<Table> plainTables() {
        return tables.stream().map(TableSchema::table).toList();
    }

    /** Where this is, for the CONTEXT of an error. */
    public String context() {
        return "sync \"" + sync.name() + "\", database \"" + database().name() + "\"";
    }
}
