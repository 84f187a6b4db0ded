package dev.replicator.decode;

import dev.replicator.codec.SpooledChanges;
import dev.replicator.model.MarkNumber;
import dev.replicator.model.ServerNames;
import dev.replicator.model.Table;
import java.nio.file.Path;
import java.util.List;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * What has to be known to read one source's stream.
 *
 * @param sync the sync's name
 * @param sourceNames its sources in their order, to place the entries of V
 * @param tables its tables
 * @param marks how our own transactions are told from others; null where nothing of ours is written to this source
 * @param spool where large transactions go
 * @param takes the types, by object identifier, whose values can be taken in the form in which this stream has them
 */
public record StreamSettings(
        String sync,
        List<String> sourceNames,
        List<Table> tables,
        @Nullable OwnMarks marks,
        Spool spool,
        IntPredicate takes) {
    public StreamSettings {
        sourceNames = List.copyOf(sourceNames);
        tables = List.copyOf(tables);
    }

    /** A stream in text form, in which every type can be taken. */
    public StreamSettings(
            String sync, List<String> sourceNames, List<Table> tables, @Nullable OwnMarks marks, Spool spool) {
        this(sync, sourceNames, tables, marks, spool, oid -> true);
    }

    /**
     * What our own transactions carry.
     *
     * @param origin name of the replication origin under which we write to this source for this sync
     * @param secret this master's, which signs the marks
     * @param last number of the last mark below the position where the stream starts
     */
    public record OwnMarks(String origin, byte[] secret, MarkNumber last) {
        /** Whether what has this origin was written by us: batches, or rows that were copied. */
        boolean isOurs(String name) {
            return origin.equals(name) || name.startsWith(origin + ServerNames.COPY_ORIGIN);
        }
    }

    /**
     * Where transactions too large for memory go.
     *
     * @param directory for temporary files
     * @param memoryBytes what one transaction may hold in memory
     */
    public record Spool(Path directory, long memoryBytes) {
        public static Spool usual() {
            return new Spool(Path.of(System.getProperty("java.io.tmpdir", ".")), SpooledChanges.DEFAULT_MEMORY_BYTES);
        }
    }
}
