package dev.replicator.spi;

import dev.replicator.model.Column;
import dev.replicator.model.Positions;
import dev.replicator.model.Table;
import dev.replicator.model.TableName;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Brings whole tables into one database, before it is written by batches: what is recorded of how its tables joined the
 * sync, and sessions that load rows. An optional capability of a connector, see {@link Loading}.
 *
 * <p>Guarantees an implementation gives: what is recorded outlives a crash no later than {@link #finish}; a range is
 * there whole and recorded, or not at all; after {@link #start} by another process nothing of this one is written any
 * more. Thread: one, but for the {@link Session}s, each of which belongs to the thread that uses it.
 */
public interface TableLoad extends AutoCloseable {
    /** What is recorded, of all tables of the sync that have joined there. May be asked before {@link #start}. */
    List<TableJoin> joins();

    /**
     * Takes the fence, as {@link Target#start} does, and ends what an earlier process left running.
     *
     * @param own the number that this process took last, or 0
     * @return the number taken
     */
    long start(long own);

    /** What the database holds of every source. After {@link #start}. */
    Positions held();

    boolean isEmpty(Table table);

    /**
     * Records how a table joins, instead of what was recorded; {@code emptied}: and removes all of its rows, and what of
     * it is put aside there.
     */
    void record(TableJoin join, boolean emptied);

    /** A session that loads ranges; {@code number} counts from 0. */
    Session session(int number);

    /**
     * Records, durably, that tables have been copied, all of their ranges.
     *
     * @param tables what of every source each holds at least
     * @param whole if every table of the sync has come so: what the database holds then; else null
     * @param highest the largest logical time of what they hold
     */
    void finish(Map<TableName, Positions> tables, @Nullable Positions whole, long highest);

    /** Never throws. */
    @Override
    void close();

    /** Loads ranges, one after the other. */
    interface Session extends AutoCloseable {
        /** Whether rows with these columns can be taken in COPY's binary form. */
        boolean takesBinary(Table table, List<Column> columns);

        /**
         * Loads the rows of one range and records that, all or nothing; returns how many there were. A row that stands
         * there already stays on a master, and is replaced on a database that only receives.
         *
         * @param held what of every source the rows hold
         */
        long load(Table table, CopyRange range, Positions held, CopyRows rows);

        /** Ends it, also what another thread has it doing. Never throws. */
        @Override
        void close();
    }
}
