package dev.replicator.bench;

import dev.replicator.apply.Chunks;
import dev.replicator.model.Chunk;
import dev.replicator.model.Operation;
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
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** One operation of a batch, merged by key: all keys different, or ten operations on each. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class MergeBenchmark {
    private static final int ROWS = 4000;

    @Param({"4000", "400"})
    public long keys;

    private List<Operation> operations = List.of();

    @Setup
    public void prepare() {
        operations = LongStream.range(0, ROWS)
                .mapToObj(i -> Samples.upsert(i % keys))
                .toList();
    }

    @Benchmark
    @OperationsPerInvocation(ROWS)
    public Chunk operation() {
        return Chunks.of(operations, ROWS, ROWS).iterator().next();
    }
}
