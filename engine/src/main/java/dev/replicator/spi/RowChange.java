package dev.replicator.spi;

import dev.replicator.model.TableName;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A change that an {@link ExceptionHandler} wants. Values are as {@link Answer.Merge} takes them. */
public sealed interface RowChange {
    /** A table that the sync replicates. */
    TableName table();

    /** The row with this key gets these values; if there is none, it is inserted. */
    record Upsert(TableName table, Map<String, @Nullable Object> row) implements RowChange {
        // In full, because a compact constructor loses the annotation of the values.
        public Upsert(TableName table, Map<String, @Nullable Object> row) {
            this.table = table;
            this.row = new LinkedHashMap<>(row);
        }
    }

    /** The row with this key is deleted; columns beside the key are of no matter. */
    record Delete(TableName table, Map<String, @Nullable Object> key) implements RowChange {
        public Delete(TableName table, Map<String, @Nullable Object> key) {
            this.table = table;
            this.key = new LinkedHashMap<>(key);
        }
    }
}
