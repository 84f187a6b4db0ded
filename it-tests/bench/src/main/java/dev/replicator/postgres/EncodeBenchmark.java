package dev.replicator.postgres;

import dev.replicator.bench.Samples;
import dev.replicator.model.Operation;
import dev.replicator.model.Row;
import dev.replicator.postgres.Shape.Carried;
import dev.replicator.postgres.TargetTable.TargetColumn;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/** One row into what is sent to PostgreSQL: an array a column, or COPY's binary form. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class EncodeBenchmark {
    private static final int ROWS = 1000;

    private final List<Operation> operations =
            LongStream.range(0, ROWS).mapToObj(Samples::upsert).toList();
    private final Shape shape = shape();
    private final CopyRows copy = new CopyRows();

    private static Shape shape() {
        int[] arrays = {1016, 1007, 1009, 1185, 1009};
        List<TargetColumn> columns = new ArrayList<>();
        List<Carried> carried = new ArrayList<>();
        byte[] formats = new byte[arrays.length];
        for (int c = 0; c < arrays.length; c++) {
            var column = Samples.RELATION.columns().get(c);
            TargetColumn target = new TargetColumn(column.name(), column.type(), column.typeOid(), false, "");
            columns.add(target);
            carried.add(new Carried(c, target, column.typeOid(), arrays[c], false));
            formats[c] = Row.BINARY;
        }
        TargetTable table = new TargetTable(
                Samples.TABLE, TargetTable.byName(columns), List.of("OPERATOR(pg_catalog.=)"),
                List.of(), false, null);
        return new Shape(Operation.Kind.UPSERT, table, carried, formats);
    }

    @Benchmark
    @OperationsPerInvocation(ROWS)
    public List<Parameter> arrays() {
        return shape.arrays(operations);
    }

    @Benchmark
    @OperationsPerInvocation(ROWS)
    public void copy(Blackhole hole) throws SQLException {
        copy.write(shape, operations, (bytes, length) -> hole.consume(bytes));
    }
}
