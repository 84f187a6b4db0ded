package dev.replicator.connector;

import dev.replicator.codec.CopyText;
import dev.replicator.codec.KeyCodec;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.Batch;
import dev.replicator.model.Chunk;
import dev.replicator.model.Column;
import dev.replicator.model.JoinedTable;
import dev.replicator.model.Operation;
import dev.replicator.model.Positions;
import dev.replicator.model.Provenance;
import dev.replicator.model.Relation;
import dev.replicator.model.Row;
import dev.replicator.model.Table;
import dev.replicator.model.TableName;
import dev.replicator.spi.CopyRange;
import dev.replicator.spi.CopyRows;
import dev.replicator.spi.FillableTarget;
import dev.replicator.spi.TableJoin;
import dev.replicator.spi.TableLoad;
import dev.replicator.spi.TargetState;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Brings whole tables into a target that knows only batches: rows come as UPSERTs, and what is recorded of a table goes with
 * its progress.
 *
 * <p>A range is written by several batches, so a table whose copying was interrupted may have some of its rows, also such as
 * have been deleted since: it is emptied and begun anew. Thread: as {@link TableLoad} says; the target is used by one at a
 * time.
 */
final class FilledByBatches implements TableLoad {
    private static final int ROWS = 2_000;
    private static final int BYTES = 4 << 20;
    private static final int LOST_RACES = 5;

    private final FillableTarget target;
    private final List<Table> tables;
    private final int sources;
    private long number;
    private @Nullable TargetState state;

    FilledByBatches(FillableTarget target, List<Table> tables, int sources) {
        this.target = target;
        this.tables = List.copyOf(tables);
        this.sources = sources;
    }

    /** Where nothing is recorded although changes have been written, the tables joined before that was done: as they stood. */
    @Override
    public List<TableJoin> joins() {
        List<JoinedTable> joined = target.joined();
        Positions held = joined.isEmpty() ? target.held() : null;
        return held == null || held.equals(Positions.zero(sources))
                ? joined.stream().map(FilledByBatches::join).toList()
                : tables.stream().map(table -> TableJoin.kept(table.name())).toList();
    }

    private static TableJoin join(JoinedTable table) {
        return new TableJoin(
                table.table(),
                switch (table.state()) {
                    case KEPT -> TableJoin.State.KEPT;
                    case COPYING -> TableJoin.State.REQUESTED;
                    case COPIED -> TableJoin.State.COPIED;
                },
                table.source(),
                List.of());
    }

    @Override
    public long start(long own) {
        TargetState started = target.start(own);
        state = started;
        return started.fence();
    }

    @Override
    public Positions held() {
        return state == null ? Positions.zero(sources) : state.held();
    }

    @Override
    public boolean isEmpty(Table table) {
        return target.isEmpty(table);
    }

    @Override
    public void record(TableJoin join, boolean emptied) {
        JoinedTable.State recorded = join.state() == TableJoin.State.KEPT
                ? JoinedTable.State.KEPT
                : join.state() == TableJoin.State.COPIED ? JoinedTable.State.COPIED : JoinedTable.State.COPYING;
        List<Table> emptying = emptied ? List.of(table(join.table())) : List.of();
        write(
                new Chunk(
                        emptying,
                        List.of(),
                        emptying.stream().map(Operation::truncate).toList()),
                Positions.zero(sources),
                List.of(new JoinedTable(join.table(), recorded, join.source(), null)));
    }

    private Table table(TableName name) {
        return tables.stream()
                .filter(table -> table.name().equals(name))
                .findFirst()
                .orElseThrow(() -> ReplicatorException.bug("cannot empty a table", name + " is not in the sync"));
    }

    @Override
    public void finish(Map<TableName, Positions> tables, @Nullable Positions whole, long highest) {
        Map<TableName, JoinedTable> known = new HashMap<>();
        target.joined().forEach(table -> known.put(table.table(), table));
        List<JoinedTable> copied = new ArrayList<>();
        tables.forEach((name, held) -> {
            JoinedTable before = known.get(name);
            copied.add(new JoinedTable(name, JoinedTable.State.COPIED, before == null ? null : before.source(), held));
        });
        write(new Chunk(List.of(), List.of(), List.of()), whole == null ? Positions.zero(sources) : whole, copied);
    }

    private synchronized void write(Chunk chunk, Positions held, List<JoinedTable> joined) {
        for (int attempt = 1; ; attempt++) {
            try {
                target.write(new Batch(
                        ++number, List.of(chunk), held, 0, List.of(), List.of(), 0, Provenance.UNKNOWN, joined));
                return;
            } catch (ReplicatorException e) {
                if (e.kind() != ReplicatorException.Kind.ROLLED_BACK || attempt == LOST_RACES) {
                    throw e;
                }
            }
        }
    }

    @Override
    public Session session(int sessionNumber) {
        return new Session() {
            @Override
            public boolean takesBinary(Table table, List<Column> columns) {
                return false;
            }

            @Override
            public long load(Table table, CopyRange range, Positions held, CopyRows rows) {
                return fill(table, rows);
            }

            @Override
            public void close() {
                // The target is that of all sessions.
            }
        };
    }

    private long fill(Table table, CopyRows rows) {
        Relation relation = new Relation(table, new ArrayList<>(rows.columns()));
        KeyCodec keys = new KeyCodec(table);
        List<Operation> upserts = new ArrayList<>();
        long count = 0;
        long bytes = 0;
        try (CopyRows.Reading reading = rows.open()) {
            for (byte[] line = reading.next(); line != null; line = reading.next()) {
                Row row = CopyText.parse(relation, line);
                upserts.add(Operation.upsert(keys.keyOf(row), row, Operation.UNGUARDED));
                count++;
                bytes += line.length;
                if (upserts.size() == ROWS || bytes > BYTES) {
                    write(upserts);
                    upserts = new ArrayList<>();
                    bytes = 0;
                }
            }
        }
        if (!upserts.isEmpty()) {
            write(upserts);
        }
        return count;
    }

    private void write(List<Operation> upserts) {
        write(new Chunk(List.of(), upserts, upserts), Positions.zero(sources), List.of());
    }

    @Override
    public void close() {
        target.close();
    }
}
