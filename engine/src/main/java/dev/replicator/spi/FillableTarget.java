package dev.replicator.spi;

import dev.replicator.model.JoinedTable;
import dev.replicator.model.Table;
import java.util.List;

/**
 * A target that can be given the rows that stand in the source's tables already, by batches as any others. It keeps what a
 * batch says of joined tables with its progress, as {@code codec.StoredProgress} does. Thread: that of the target.
 */
public interface FillableTarget extends Target {
    /** How its tables joined the sync, as it is stored there; without taking the fence. */
    List<JoinedTable> joined();

    /** Whether a table has no row. Of a target that keeps no rows but what was done to them: true. */
    boolean isEmpty(Table table);
}
