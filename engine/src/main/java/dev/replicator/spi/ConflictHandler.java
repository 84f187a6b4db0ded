package dev.replicator.spi;

import dev.replicator.model.TableName;
import java.util.List;

/**
 * Code of the user's that decides a conflict: concurrent changes of one row, none of which was made in sight of another.
 *
 * <p>A class in a jar of the {@code plugins} folder: it has a constructor without parameters and is named in the jar's
 * {@code META-INF/services/dev.replicator.spi.ConflictHandler}; a table uses it by {@code conflict: { class: its.Name }}.
 * A sample project is in {@code connectors/sample-handler}.
 *
 * <p>Contract: the answer depends on the arguments alone, because the same question comes again after a crash, perhaps in
 * another process, and a different answer would leave databases that differ. What it throws is contained: the declared
 * fallback decides. Called on one thread at a time; one that does not answer in time pauses the sync.
 */
public interface ConflictHandler {
    /**
     * Decides.
     *
     * @param changes at least two, nearly always exactly two, in version order: the oldest first
     */
    Answer decide(TableName table, List<ConflictingChange> changes);
}
