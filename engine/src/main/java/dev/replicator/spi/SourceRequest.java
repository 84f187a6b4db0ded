package dev.replicator.spi;

import dev.replicator.model.DatabaseSpec;
import dev.replicator.model.SyncSpec;
import dev.replicator.model.TableSchema;
import java.nio.file.Path;
import java.util.List;

/**
 * Which source is to be opened, and for what.
 *
 * @param tables what the sync replicates, numbered; empty for a session that only looks
 * @param spool where files of large transactions go
 * @param transactionBytes memory for one transaction; beyond it, it goes to a file
 * @param libraries sees the jars of the {@code plugins} folder
 */
public record SourceRequest(
        SyncSpec sync,
        DatabaseSpec database,
        List<TableSchema> tables,
        Path spool,
        long transactionBytes,
        ClassLoader libraries) {
    public SourceRequest {
        tables = List.copyOf(tables);
    }

    /** Where this is, for the CONTEXT of an error. */
    public String context() {
        return "sync \"" + sync.name() + "\", database \"" + database.name() + "\"";
    }
}
