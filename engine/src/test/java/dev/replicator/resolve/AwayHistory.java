package dev.replicator.resolve;

import dev.replicator.model.Batch;
import dev.replicator.model.Change;
import dev.replicator.model.Chunk;
import dev.replicator.model.Key;
import dev.replicator.model.Mark;
import dev.replicator.model.Operation;
import dev.replicator.model.Positions;
import dev.replicator.model.SourceState;
import dev.replicator.model.Transaction;
import dev.replicator.policy.Resolution;
import dev.replicator.spi.TargetState;
import dev.replicator.spi.WriteResult;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Three masters of which the third is away while the first changes many rows in small transactions; then it is back. The
 * second writes and its marks are read meanwhile.
 *
 * <p>As a program it prints how much heap the backlog took: {@code java -Xmx256m ... AwayHistory CHANGES KEYS}.
 */
final class AwayHistory {
    private static final int AWAY = 2;

    final Resolver resolver;
    private final int keys;
    private final long[] fences = new long[3];
    private final long[] ends = {1000, 1000, 1000};
    /** How many operations the third got when it was back. */
    long received;

    /** Marks that are read later; null: each is read at once. */
    private @Nullable List<Runnable> late;

    /** The newest value of each key, and the last that the third got. */
    private final int[] newest;

    private final int[] lasts;

    AwayHistory(MemoryLimits limits, int keys) {
        this.keys = keys;
        this.newest = new int[keys];
        this.lasts = new int[keys];
        this.resolver = new Resolver(
                ResolverSettings.of(List.of("m1", "m2", "m3"), 3, table -> Resolution.LATEST, conflict -> {})
                        .withMemory(limits));
        for (int node = 0; node < 3; node++) {
            connect(node);
        }
        for (int node = 0; node < 3; node++) {
            resolver.nextBatch(node, 1);
        }
    }

    private void connect(int node) {
        fences[node]++;
        SourceState none = SourceState.none(3);
        resolver.connected(
                node,
                new TargetState(
                        fences[node], 0, 0, Positions.zero(3), Collections.nCopies(3, none), none, 0, new byte[0]));
    }

    static Key key(int number) {
        byte[] canonical = {
            (byte) (number >>> 24), (byte) (number >>> 16), (byte) (number >>> 8), (byte) number,
        };
        return new Key(SimTable.TABLE, canonical, (number + 1) * 0x9E3779B97F4A7C15L);
    }

    private static int number(Key key) {
        byte[] bytes = key.canonical();
        return (bytes[0] & 0xFF) << 24 | (bytes[1] & 0xFF) << 16 | (bytes[2] & 0xFF) << 8 | bytes[3] & 0xFF;
    }

    /** The first changes {@code count} rows, one in each transaction, while the third is away. */
    void changeWhileAway(int count) {
        resolver.disconnected(AWAY);
        change(count, 1);
    }

    /** The same with all there, but their marks stand behind so much in their logs that they are read in the end only. */
    void changeBeforeMarksAreRead(int count) {
        late = new ArrayList<>();
        change(count, 1, AWAY);
    }

    void readMarks() {
        Objects.requireNonNull(late).forEach(Runnable::run);
    }

    private void change(int count, int... written) {
        for (int i = 0; i < count; i++) {
            int number = (int) ((i * 7_919L) % keys);
            String value = "value " + i;
            Change change = Change.insert(
                    key(number), SimTable.row(number, Map.of("a", value, "t", value, "u", value, "c", "0")));
            newest[number] = i;
            long lsn = ends[0];
            ends[0] += 8;
            boolean taken = resolver.deliver(
                    0, new Transaction(lsn, lsn + 4, 1_000_000L + i, i, null, new SimChanges(List.of(change), false)));
            if (!taken) {
                throw new IllegalStateException("transaction " + i + " has to wait");
            }
            if (i % 100 == 99) {
                for (int node : written) {
                    write(node);
                }
            }
        }
        for (int node : written) {
            writeAll(node);
        }
    }

    /** The third crashes and has lost all that it got. */
    void crash() {
        resolver.disconnected(AWAY);
        Arrays.fill(lasts, 0);
    }

    /** The third is back and gets everything. */
    void comeBack() {
        connect(AWAY);
        writeAll(AWAY);
    }

    private void writeAll(int node) {
        boolean more = true;
        while (more) {
            more = write(node);
        }
    }

    private boolean write(int node) {
        Batch batch = resolver.nextBatch(node, 4000);
        if (batch == null) {
            return false;
        }
        Set<Long> hashes = new HashSet<>();
        for (Chunk chunk : batch.chunks()) {
            for (Operation operation : chunk.inOrder()) {
                hashes.add(operation.requireKey().hash());
                if (node == AWAY) {
                    received++;
                    check(operation);
                }
            }
        }
        resolver.written(node, batch.number(), new WriteResult(Set.of(), 0));
        long lsn = ends[node];
        ends[node] += 8;
        Mark mark = new Mark(
                lsn,
                lsn + 4,
                fences[node],
                batch.number(),
                batch.held(),
                batch.highest(),
                hashes.stream().mapToLong(Long::longValue).toArray(),
                new long[0],
                List.of(),
                true,
                1);
        if (late == null) {
            resolver.deliver(node, mark);
        } else {
            late.add(() -> resolver.deliver(node, mark));
        }
        return true;
    }

    /** Values of a key come in the order in which they were written. */
    private void check(Operation operation) {
        int number = number(operation.requireKey());
        int value = Integer.parseInt(operation.requireRow().text(1).substring("value ".length()));
        if (value < lasts[number]) {
            throw new IllegalStateException("key " + number + " gets value " + value + " after " + lasts[number]);
        }
        lasts[number] = value;
    }

    /** Whether the third has the newest value of every key. */
    boolean isComplete() {
        for (int number = 0; number < keys; number++) {
            if (lasts[number] != newest[number]) {
                return false;
            }
        }
        return true;
    }

    public static void main(String[] arguments) {
        int changes = Integer.parseInt(arguments[0]);
        int keys = Integer.parseInt(arguments[1]);
        Path spool = Path.of(System.getProperty("java.io.tmpdir"));
        MemoryLimits limits = arguments.length > 2
                ? new MemoryLimits(Long.MAX_VALUE, Long.MAX_VALUE, 1L << 40, spool)
                : MemoryLimits.ofHeap(1L << 40, spool);
        AwayHistory history = new AwayHistory(limits, keys);
        long before = heap();
        long begun = System.nanoTime();
        history.changeWhileAway(changes);
        double took = (System.nanoTime() - begun) / 1e9;
        System.out.printf(
                "%d changes of %d keys: %.0f a second, %.1f bytes of heap for each, %d open keys%n",
                changes, keys, changes / took, (heap() - before) / (double) changes, history.resolver.openKeys());
        begun = System.nanoTime();
        history.comeBack();
        took = (System.nanoTime() - begun) / 1e9;
        System.out.printf(
                "back: %.0f a second, complete %s, %d open keys%n",
                history.received / took, history.isComplete(), history.resolver.openKeys());
    }

    private static long heap() {
        System.gc();
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }
}
