package dev.replicator.bench;

import dev.replicator.decode.StreamSettings;
import dev.replicator.decode.TransactionAssembler;
import dev.replicator.decode.TypeNames;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/** From the bytes of one single-row transaction to the transaction. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class DecodeBenchmark {
    private final TransactionAssembler assembler = new TransactionAssembler(
            new StreamSettings("bench", List.of("s1"), List.of(Samples.TABLE), null, StreamSettings.Spool.usual()),
            TypeNames.builtIn());
    private final ByteBuffer begin = Samples.begin(10);
    private final ByteBuffer insert = Samples.insert(4711);
    private final ByteBuffer commit = Samples.commit(10);

    public DecodeBenchmark() {
        assembler.accept(Samples.relation(), entry -> {});
    }

    @Benchmark
    public void transactionOfOneRow(Blackhole hole) {
        assembler.accept(begin, hole::consume);
        assembler.accept(insert, hole::consume);
        assembler.accept(commit, hole::consume);
    }
}
