package dev.replicator.postgres;

import dev.replicator.error.ReplicatorException;
import dev.replicator.model.Batch;
import dev.replicator.model.Chunk;
import dev.replicator.model.Column;
import dev.replicator.model.Operation;
import dev.replicator.model.Relation;
import dev.replicator.model.Row;
import dev.replicator.postgres.Shape.Carried;
import dev.replicator.postgres.TargetTable.TargetColumn;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Encodes upserts of binary rows in every way that rows are sent, and sends nothing. One thread. */
final class RehearsedWrites implements Consumer<Batch> {
    /** Any will do, as no server sees it. */
    private static final int ARRAY = 1_009;

    private final Map<Relation, Shape> shapes = new HashMap<>();
    private final CopyRows copy = new CopyRows();

    @Override
    public void accept(Batch batch) {
        for (Chunk chunk : batch.chunks()) {
            List<Operation> operations = MergedWriter.inLockOrder(chunk.merged());
            Shape shape = shapes.computeIfAbsent(operations.get(0).requireRow().relation(), RehearsedWrites::shape);
            Script script = new Script();
            if (operations.size() <= MergedWriter.MAX_SINGLE) {
                for (Operation operation : operations) {
                    script.add(shape.single(), shape.singleParameters(operation.requireRow()));
                }
            } else {
                script.add(shape.bulk(), shape.arrays(operations));
                copy(shape, operations);
            }
            script.clear();
        }
    }

    private void copy(Shape shape, List<Operation> operations) {
        try {
            copy.write(shape, operations, (bytes, length) -> {});
        } catch (SQLException e) {
            throw ReplicatorException.bug("rows cannot be encoded", e.toString());
        }
    }

    private static Shape shape(Relation relation) {
        List<TargetColumn> columns = new ArrayList<>();
        List<Carried> carried = new ArrayList<>();
        for (Column column : relation.columns()) {
            TargetColumn target = new TargetColumn(column.name(), column.type(), column.typeOid(), false, "");
            columns.add(target);
            carried.add(new Carried(carried.size(), target, column.typeOid(), ARRAY, false));
        }
        byte[] formats = new byte[carried.size()];
        Arrays.fill(formats, Row.BINARY);
        TargetTable table = new TargetTable(
                relation.table(),
                TargetTable.byName(columns),
                List.of("OPERATOR(pg_catalog.=)"),
                List.of(),
                false,
                null);
        return new Shape(Operation.Kind.UPSERT, table, carried, formats);
    }
}
