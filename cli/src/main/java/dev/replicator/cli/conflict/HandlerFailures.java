package dev.replicator.cli.conflict;

import dev.replicator.handlers.FailureListener;
import dev.replicator.model.TableName;
import dev.replicator.observe.TablesStatus;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts what conflict handlers did wrong, by sync and table, and says it in the log: the first time, then by power of two.
 * Any thread.
 */
public final class HandlerFailures {
    private static final Logger LOG = LoggerFactory.getLogger(HandlerFailures.class);

    private final Map<String, Count> counts = new TreeMap<>();

    /**
     * How often the handler of a table failed.
     *
     * @param handler its name
     * @param what the last failure
     */
    public record Count(String sync, TableName table, String handler, String what, long failures) {}

    /** The listener for one sync. */
    public FailureListener of(String sync) {
        return (handler, table, what) -> failed(sync, handler, table, what);
    }

    private synchronized void failed(String sync, String handler, TableName table, String what) {
        Count count = counts.merge(
                sync + " " + table,
                new Count(sync, table, handler, what, 1),
                (before, now) -> new Count(sync, table, handler, what, before.failures + 1));
        if (Long.bitCount(count.failures) == 1) {
            LOG.warn(
                    "{}: {} could not decide a conflict of table {}, the fallback did: {} ({} so far)",
                    sync,
                    handler,
                    table,
                    what,
                    count.failures);
        }
    }

    /** Of one sync, by table. */
    public synchronized List<TablesStatus.Handler> status(String sync) {
        return counts.values().stream()
                .filter(count -> count.sync.equals(sync))
                .map(count ->
                        new TablesStatus.Handler(count.table.toString(), count.handler, count.failures, count.what))
                .toList();
    }

    /** By sync and table. */
    public synchronized List<Count> counts() {
        return List.copyOf(counts.values());
    }
}
