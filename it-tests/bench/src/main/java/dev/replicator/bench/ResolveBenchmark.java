package dev.replicator.bench;

import dev.replicator.model.Batch;
import dev.replicator.model.Positions;
import dev.replicator.policy.Resolution;
import dev.replicator.model.SourceState;
import dev.replicator.model.Transaction;
import dev.replicator.resolve.Resolver;
import dev.replicator.resolve.ResolverSettings;
import dev.replicator.spi.TargetState;
import dev.replicator.spi.WriteResult;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/** One single-row transaction of a sync with one source: resolved, batched and merged, settled. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class ResolveBenchmark {
    private static final int ROWS = 4000;

    private Resolver resolver = resolver();
    private Transaction[] transactions = new Transaction[0];
    private long number = 1;

    private static Resolver resolver() {
        Resolver made = new Resolver(ResolverSettings.of(
                List.of("s1", "t1"), 1, table -> Resolution.LATEST, conflict -> {}));
        made.connected(
                1,
                new TargetState(
                        1, 0, 0, Positions.zero(1), List.of(SourceState.none(1)), SourceState.none(1), 0, new byte[0]));
        return made;
    }

    @Setup(Level.Invocation)
    public void prepare() {
        transactions = new Transaction[ROWS];
        for (int i = 0; i < ROWS; i++) {
            transactions[i] = Samples.transaction(number, number);
            number++;
        }
    }

    @Benchmark
    @OperationsPerInvocation(ROWS)
    public void oneSource(Blackhole hole) {
        for (Transaction transaction : transactions) {
            resolver.deliver(0, transaction);
        }
        Batch batch = resolver.nextBatch(1, ROWS);
        if (batch == null) {
            throw new IllegalStateException("no batch");
        }
        hole.consume(batch);
        resolver.written(1, batch.number(), new WriteResult(Set.of(), ROWS));
        resolver.durable(1, batch.number());
        hole.consume(resolver.acknowledgeable(0));
    }
}
