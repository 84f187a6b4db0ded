package dev.replicator.sample;

import dev.replicator.model.TableName;
import dev.replicator.spi.Answer;
import dev.replicator.spi.ConflictHandler;
import dev.replicator.spi.ConflictingChange;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Takes the newest row, and for each of its columns that is null the newest value that another change has. A row that was
 * removed stays removed.
 */
public final class FillNulls implements ConflictHandler {
    @Override
    public Answer decide(TableName table, List<ConflictingChange> changes) {
        for (int i = 0; i < changes.size(); i++) {
            if (changes.get(i).row() == null) {
                return new Answer.Take(i);
            }
        }
        int newest = changes.size() - 1;
        Map<String, @Nullable Object> filled = new LinkedHashMap<>();
        for (String column : rowOf(changes.get(newest)).keySet()) {
            for (int i = newest; i >= 0 && filled.get(column) == null; i--) {
                filled.put(column, rowOf(changes.get(i)).get(column));
            }
        }
        return new Answer.Merge(newest, filled);
    }

    private static Map<String, @Nullable Object> rowOf(ConflictingChange change) {
        Map<String, @Nullable Object> row = change.row();
        return row == null ? Map.of() : row;
    }
}
