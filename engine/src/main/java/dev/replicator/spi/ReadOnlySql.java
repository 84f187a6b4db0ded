package dev.replicator.spi;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Asks the databases of a sync, in read-only transactions that are cut off after a few seconds. */
public interface ReadOnlySql {
    /**
     * The rows of a query, at most a thousand: maps from column names to values of the classes that {@link
     * ConflictingChange} names.
     *
     * @param database short name of a PostgreSQL database of the sync
     * @param sql one statement with {@code ?} for each parameter; tables have to be named with their schemas
     * @param parameters numbers, texts, booleans, null, or values that a row had
     * @throws IllegalArgumentException when there is no such database, or it cannot be asked
     */
    List<Map<String, @Nullable Object>> query(String database, String sql, @Nullable Object... parameters);
}
