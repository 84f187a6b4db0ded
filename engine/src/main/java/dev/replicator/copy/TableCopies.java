package dev.replicator.copy;

import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.ConflictRule;
import dev.replicator.model.Positions;
import dev.replicator.model.SyncSpec;
import dev.replicator.model.Table;
import dev.replicator.model.TableName;
import dev.replicator.observe.Listener;
import dev.replicator.session.SqlErrors;
import dev.replicator.slot.Catalog;
import dev.replicator.slot.CatalogReader;
import dev.replicator.spi.CopyRange;
import dev.replicator.spi.TableJoin;
import dev.replicator.spi.TableJoin.State;
import dev.replicator.spi.TableLoad;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Copies the tables of one node that are recorded as being copied: in ranges, several at once, all of one source from one
 * snapshot.
 *
 * <p>Design: a range is loaded and recorded in one transaction, with what its snapshot held of every source. What a table
 * holds is the least of its ranges; changes below that are ignored when batches begin, all later ones are written. After
 * an interruption the missing ranges come from a later snapshot, and what lies between is written to the finished ranges
 * and, once more, to the later ones. That ends in the same rows: a change sets whole rows. It does not where a change
 * leaves out a large value that did not change, or adds to a counter; tables with those are begun anew.
 *
 * <p>Thread: the node's; it has {@value #WORKERS} others copy.
 */
final class TableCopies {
    static final int WORKERS = 2;
    private static final int MOST_LOOKS = 10;
    private static final int MOMENTS_PER_LOOK = 4;
    private static final Logger LOG = LoggerFactory.getLogger(TableCopies.class);

    private final SyncSpec sync;
    private final int node;
    private final TableLoad load;
    private final Listener listener;
    private final InitialCopying.Control control;

    TableCopies(SyncSpec sync, int node, TableLoad load, Listener listener, InitialCopying.Control control) {
        this.sync = sync;
        this.node = node;
        this.load = load;
        this.listener = listener;
        this.control = control;
    }

    /** Returns when all are there, or it has to end. Throws what kept one from being copied. */
    void run(List<Table> tables, Map<TableName, TableJoin> joins) {
        Map<TableName, Positions> held = new HashMap<>();
        long highest = 0;
        Map<Integer, List<Table>> bySource = new LinkedHashMap<>();
        for (Table table : tables) {
            bySource.computeIfAbsent(source(joins.get(table.name())), index -> new ArrayList<>())
                    .add(table);
        }
        CopyProgress progress = new CopyProgress(tables.size());
        try {
            for (Map.Entry<Integer, List<Table>> entry : bySource.entrySet()) {
                try (Snapshot snapshot = snapshot(entry.getKey())) {
                    if (snapshot == null) {
                        return;
                    }
                    Map<TableName, List<CopyRange>> copied = copy(snapshot, entry.getValue(), joins, progress);
                    if (copied.isEmpty()) {
                        return;
                    }
                    copied.forEach((table, ranges) -> held.put(table, least(ranges)));
                    highest = Math.max(highest, snapshot.clockMicros());
                }
            }
            boolean whole = joins.values().stream().noneMatch(join -> join.state() == State.KEPT);
            @Nullable
            Positions all =
                    whole ? held.values().stream().reduce(TableCopies::lesser).orElse(null) : null;
            load.finish(held, all, highest);
            LOG.info("{}: {} has all rows of {}: {}", sync.name(), name(), count(tables.size()), progress.summary());
        } finally {
            listener.copying(sync.name(), name(), null);
        }
    }

    /**
     * One that holds everything that the node holds: what the node has and the source lacks would be missing from the
     * copied rows, and never be brought again. Null: it has to end before.
     */
    private @Nullable Snapshot snapshot(int source) {
        Positions held = load.held();
        for (int look = 0; look < MOST_LOOKS; look++) {
            Snapshot snapshot = Snapshot.take(sync, source, WORKERS);
            int behind = behind(snapshot.held(), held);
            if (behind < 0) {
                return snapshot;
            }
            snapshot.close();
            if (look == 0) {
                LOG.info(
                        "{}: {} waits until {} holds what it has of {} before rows are copied",
                        sync.name(),
                        name(),
                        sync.node(source).name(),
                        sync.node(behind).name());
            }
            for (int moment = 0; moment < MOMENTS_PER_LOOK; moment++) {
                if (!control.goOn()) {
                    return null;
                }
            }
        }
        throw ReplicatorException.retryable(
                ErrorCode.TIMEOUT,
                "could not copy from database \"" + sync.node(source).name() + "\" to \"" + name() + "\" yet",
                "The database that is copied from lacks changes that the other one has: see what it waits for in"
                        + " \"replicator status\".",
                null);
    }

    /** A source of which the node holds more than the snapshot does; -1: none. */
    private int behind(Positions snapshot, Positions held) {
        for (int source = 0; source < sync.sourceCount(); source++) {
            if (source != node && snapshot.get(source) < held.get(source)) {
                return source;
            }
        }
        return -1;
    }

    private static String count(int tables) {
        return tables == 1 ? "1 table" : tables + " tables";
    }

    private String name() {
        return sync.node(node).name();
    }

    private int source(@Nullable TableJoin join) {
        for (int source = 0; source < sync.sourceCount(); source++) {
            if (join != null && sync.node(source).name().equals(join.source())) {
                return source;
            }
        }
        throw ReplicatorException.fatal(
                ErrorCode.CONFIGURATION,
                "cannot go on copying to database \"" + name() + "\"",
                "A table is being copied from database \"" + (join == null ? "" : join.source())
                        + "\", which is no source of the sync any more.",
                "Put it back, or have the table copied anew: \"replicator copy\".");
    }

    /** The ranges of every table, all of them done; empty if it has to end before. */
    private Map<TableName, List<CopyRange>> copy(
            Snapshot snapshot, List<Table> tables, Map<TableName, TableJoin> joins, CopyProgress progress) {
        Connection first = snapshot.sessions().get(0);
        Catalog catalog = CatalogReader.read(first, snapshot.source().name());
        List<CopyWork.Part> parts = new ArrayList<>();
        Map<TableName, List<CopyRange>> ranges = new HashMap<>();
        try {
            for (Table table : tables) {
                SourceTable source = SourceTable.of(table, catalog);
                if (source == null) {
                    throw ReplicatorException.fatal(
                            ErrorCode.TABLE,
                            "cannot copy table " + table.name() + ": it is not on database \""
                                    + snapshot.source().name() + "\"",
                            null,
                            null);
                }
                TableJoin join = planned(first, source, joins.get(table.name()), progress);
                ranges.put(table.name(), new ArrayList<>(join.ranges()));
                join.ranges().stream()
                        .filter(range -> !range.isDone())
                        .forEach(range -> parts.add(new CopyWork.Part(source, range)));
            }
        } catch (SQLException e) {
            throw SqlErrors.doing(
                    "read what is to be copied from database \""
                            + snapshot.source().name() + "\"",
                    e);
        }
        LOG.info(
                "{}: {} gets the rows of {} from {}",
                sync.name(),
                name(),
                count(tables.size()),
                snapshot.source().name());
        CopyWork work = new CopyWork(sync, name(), snapshot, load, parts, progress);
        try {
            if (!work.run(control, () -> listener.copying(sync.name(), name(), progress.status()))) {
                return Map.of();
            }
        } catch (ReplicatorException e) {
            SourceTable failed = work.failedTable();
            if (e.kind() != ReplicatorException.Kind.POISON || failed == null || !isMixed(ranges, failed, snapshot)) {
                throw e;
            }
            throw begunAnew(failed.table(), snapshot, e);
        }
        ranges.forEach((table, all) ->
                work.done().getOrDefault(table, List.of()).forEach(range -> all.set(range.number(), range)));
        return ranges;
    }

    /** With ranges: those that are recorded, or new ones. */
    private TableJoin planned(Connection connection, SourceTable table, @Nullable TableJoin join, CopyProgress progress)
            throws SQLException {
        if (join == null) {
            throw new IllegalStateException("table " + table.table().name() + " is not recorded");
        }
        Ranges.Size size = Ranges.size(connection, table);
        boolean begun = join.ranges().stream().anyMatch(CopyRange::isDone);
        boolean anew = join.state() == State.REQUESTED || begun && !mayGoOn(table, size);
        TableJoin planned = join;
        if (join.ranges().isEmpty() || anew) {
            planned = new TableJoin(join.table(), State.COPYING, join.source(), Ranges.of(connection, table, size));
            load.record(planned, anew);
        }
        progress.expect(size, planned.ranges());
        return planned;
    }

    private boolean mayGoOn(SourceTable table, Ranges.Size size) {
        ConflictRule rule = sync.conflicts().rules().of(table.table().name());
        boolean counters =
                rule instanceof ConflictRule.Named named && !named.delta().isEmpty();
        return !counters && (table.identityFull() || size.apartBytes() == 0);
    }

    private static boolean isMixed(Map<TableName, List<CopyRange>> ranges, SourceTable table, Snapshot snapshot) {
        return ranges.getOrDefault(table.table().name(), List.of()).stream()
                .anyMatch(range -> isOther(snapshot.held(), range.held()));
    }

    private static boolean isOther(Positions snapshot, @Nullable Positions held) {
        return held != null && !snapshot.equals(held);
    }

    /**
     * Rows of two snapshots may clash under a unique constraint although those of neither do: then all come from one, at
     * the next attempt.
     */
    private ReplicatorException begunAnew(Table table, Snapshot snapshot, ReplicatorException refusal) {
        load.record(new TableJoin(table.name(), State.COPYING, snapshot.source().name(), List.of()), true);
        return new ReplicatorException(
                ReplicatorException.Kind.RETRYABLE,
                refusal.code(),
                "could not go on copying table " + table.name() + ": its rows changed since it was interrupted",
                refusal.primary(),
                "It is begun anew.",
                refusal);
    }

    private static Positions least(List<CopyRange> ranges) {
        @Nullable Positions least = null;
        for (CopyRange range : ranges) {
            Positions held = range.held();
            if (held == null) {
                throw new IllegalStateException("range " + range.number() + " is not done");
            }
            least = least == null ? held : lesser(least, held);
        }
        if (least == null) {
            throw new IllegalStateException("no range");
        }
        return least;
    }

    private static Positions lesser(Positions a, Positions b) {
        long[] ends = new long[a.size()];
        for (int i = 0; i < ends.length; i++) {
            ends[i] = Math.min(a.get(i), b.get(i));
        }
        return Positions.of(ends);
    }
}
