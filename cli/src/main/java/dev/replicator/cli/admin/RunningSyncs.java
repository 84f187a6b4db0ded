package dev.replicator.cli.admin;

import dev.replicator.model.RowExplanation;
import dev.replicator.model.TableName;
import dev.replicator.observe.SyncStatus;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the admin API can do with the syncs of this process. Thread-safe. Failures are {@link
 * dev.replicator.error.ReplicatorException}; a wait that takes too long is one with code TIMEOUT, an unknown sync one with
 * code USAGE.
 */
public interface RunningSyncs {
    /** All syncs, in the order of the configuration. */
    List<SyncStatus> status();

    /**
     * Reads the configuration file again, and says what is otherwise; a file or a database that is not as it should be is
     * refused, and nothing changes.
     *
     * @param apply has it done, too: returns when what is changed or gone has ended and what can begin has begun
     */
    List<SyncChange> reload(boolean apply);

    /**
     * Gives a database up for now, in every sync: they go on without it, and nothing of them stays there. Says what was done.
     */
    List<String> detach(String database);

    /** Takes a detached database back, as one that joins anew. Says what was done. */
    List<String> attach(String database);

    /** Ends a sync after what is in flight, and has it begin again where the databases stand. */
    void restart(String sync);

    /** Ends a sync for good, so that it can be taken off its databases; it begins again only when its entry in the file changes. */
    void release(String sync);

    /** What is known of the open changes of a row; {@code key} by column, as text. */
    RowExplanation explain(String sync, TableName table, Map<String, String> key);

    /** Returns when nothing more will be written. The pause survives a restart. */
    void pause(String sync);

    /** Ends a pause, if there is one. */
    void resume(String sync);

    /** Acts now, and returns when everything committed before the call is applied everywhere. */
    void kick(String sync, Duration limit);

    /**
     * Copies the tables whole to the databases that are configured for that, once more, and returns when they are there.
     * It goes on also when that takes longer than the limit.
     */
    void copyWhole(String sync, Duration limit);

    /**
     * Returns when every target has everything below the positions.
     *
     * @param positions by source; null: where the sources' logs end now
     */
    void await(String sync, @Nullable Map<String, Long> positions, Duration limit);
}
