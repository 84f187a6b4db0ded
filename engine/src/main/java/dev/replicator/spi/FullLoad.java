package dev.replicator.spi;

import dev.replicator.model.Column;
import dev.replicator.model.FullCopy.Emptying;
import dev.replicator.model.Table;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Empties tables of one database and fills them again, in one transaction: {@link #begin}, {@link #empty}, {@link #load}
 * for each, {@link #finish}.
 *
 * <p>Guarantees an implementation gives: others see the old rows or the new, never a part; two processes do it one after
 * the other, each with rows that are read after {@link #begin}, so that older rows never replace later ones. Thread: one;
 * {@link #close} any.
 */
public interface FullLoad extends AutoCloseable {
    /**
     * What is recorded of the last ones.
     *
     * @param wanted whether one was begun, or asked for, and not finished since
     * @param source short name of the database that was copied; null: none was finished yet
     * @param finished when the last one was; null: none yet
     */
    record Done(
            boolean wanted,
            @Nullable String source,
            @Nullable Instant finished,
            int tables,
            long rows) {}

    /** Empty: nothing is recorded. */
    Optional<Done> recorded();

    /** Records, durably, that one is to be made: it is made up for after a crash. */
    void want();

    /** Begins; waits for the end of what another process does. */
    void begin();

    /** Removes all rows of these tables. */
    void empty(List<Table> tables, Emptying emptying);

    /** Whether rows with these columns can be taken in COPY's binary form. */
    boolean takesBinary(Table table, List<Column> columns);

    /** Fills one table; returns the number of rows. */
    long load(Table table, CopyRows rows);

    /** Commits it all, with what is recorded of it. */
    Done finish(String source, int tables, long rows);

    /** What is not finished is as if nothing had been done. Never throws. */
    @Override
    void close();
}
