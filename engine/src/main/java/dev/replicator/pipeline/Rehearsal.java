package dev.replicator.pipeline;

import dev.replicator.connector.Connectors;
import dev.replicator.decode.StreamSettings;
import dev.replicator.decode.TransactionAssembler;
import dev.replicator.decode.TypeNames;
import dev.replicator.model.Batch;
import dev.replicator.model.Chunk;
import dev.replicator.model.LogEntry;
import dev.replicator.model.Mark;
import dev.replicator.model.Operation;
import dev.replicator.model.Positions;
import dev.replicator.model.SourceState;
import dev.replicator.model.SyncSpec;
import dev.replicator.model.Table;
import dev.replicator.model.TableName;
import dev.replicator.policy.Resolution;
import dev.replicator.resolve.Resolver;
import dev.replicator.resolve.ResolverSettings;
import dev.replicator.resolve.StateToStore;
import dev.replicator.spi.TargetFactory;
import dev.replicator.spi.TargetState;
import dev.replicator.spi.WriteResult;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way of a row, walked with made-up rows before the first real one comes: they are decoded, resolved, merged and
 * encoded, and thrown away. A JVM interprets what is new to it, and compiles it when it has run some ten thousand times;
 * without this, the first second after a start is many times slower than the next.
 *
 * <p>Touches no database and no file. Ends after so many rows or so much time, whichever comes first. Thread: one of its
 * own, while the start waits for servers.
 */
public final class Rehearsal {
    private static final Logger LOG = LoggerFactory.getLogger(Rehearsal.class);
    private static final Duration AT_MOST = Duration.ofSeconds(2);
    private static final int ROUNDS = 60;
    private static final int ROWS = 1_000;
    private static final int SINGLE_ROWS = 100;
    private static final int OID = 17_000;
    private static final int INT8 = 20;
    private static final int TEXT = 25;
    private static final byte[] VALUE = "made up".getBytes(StandardCharsets.US_ASCII);
    private static final Table TABLE = new Table(0, new TableName("rehearsal", "row"), List.of("id"), List.of("int8"));

    private final List<Consumer<Batch>> targets;
    private final int sources;
    private final Thread thread = new Thread(this::run, "rehearsal");
    private final Resolver resolver;
    private final TransactionAssembler assembler;
    private final List<LogEntry> entries = new ArrayList<>();
    private long lsn = 1;

    private Rehearsal(Collection<TargetFactory> connectors, int sources) {
        this.targets = connectors.stream().map(TargetFactory::rehearsal).toList();
        this.sources = sources;
        this.resolver = new Resolver(
                ResolverSettings.of(List.of("one", "other"), sources, table -> Resolution.LATEST, conflict -> {}));
        this.assembler = new TransactionAssembler(
                new StreamSettings("rehearsal", List.of("one"), List.of(TABLE), null, StreamSettings.Spool.usual()),
                TypeNames.builtIn());
    }

    /** Begins to rehearse what these syncs will do, in a thread of its own. */
    public static Rehearsal begin(Collection<SyncSpec> syncs, Connectors connectors) {
        boolean betweenMasters = syncs.stream().anyMatch(SyncSpec::isMultiMaster);
        Rehearsal rehearsal = new Rehearsal(connectors.factories(), betweenMasters ? 2 : 1);
        rehearsal.thread.setDaemon(true);
        rehearsal.thread.start();
        return rehearsal;
    }

    /** Waits until it has ended. */
    public void await() {
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try {
            run(System.nanoTime() + AT_MOST.toNanos());
        } catch (RuntimeException e) {
            LOG.warn("what a start does first could not be rehearsed, so it will be slow: {}", e.toString());
        } finally {
            assembler.close();
            resolver.close();
        }
    }

    private void run(long deadline) {
        for (int node = 2 - sources; node < 2; node++) {
            SourceState none = SourceState.none(sources);
            List<SourceState> states = sources == 1 ? List.of(none) : List.of(none, none);
            resolver.connected(node, new TargetState(1, 0, 0, Positions.zero(sources), states, none, 0, new byte[0]));
        }
        assembler.accept(relation(), entries::add);
        for (int round = 0; round < ROUNDS && deadline - System.nanoTime() > 0; round++) {
            read(round);
            entries.forEach(entry -> resolver.deliver(0, entry));
            entries.clear();
            write();
            for (int source = 0; source < sources; source++) {
                resolver.acknowledgeable(source);
            }
        }
    }

    private void read(int round) {
        for (int row = 0; row < ROWS; row++) {
            assembler.accept(begin(), entries::add);
            assembler.accept(change((long) round * ROWS + row / 2, row % 2 == 0), entries::add);
            assembler.accept(commit(), entries::add);
            lsn += 100;
        }
    }

    /** Everything goes to the second node, some rows one by one, as they come when idle, the others together. */
    private void write() {
        int left = SINGLE_ROWS;
        for (Batch next = next(left); next != null; next = next(--left)) {
            Batch batch = next;
            long[] hashes = hashes(batch);
            targets.forEach(target -> target.accept(batch));
            resolver.written(1, batch.number(), new WriteResult(Set.of(), hashes.length));
            if (sources == 1) {
                resolver.durable(1, batch.number());
            } else {
                resolver.deliver(
                        1,
                        new Mark(
                                lsn,
                                lsn + 50,
                                1,
                                batch.number(),
                                batch.held(),
                                batch.highest(),
                                hashes,
                                new long[0],
                                List.of(),
                                true,
                                1));
                lsn += 100;
                for (StateToStore state : resolver.statesToStore()) {
                    resolver.stored(state.source(), state.state());
                }
            }
        }
    }

    private @Nullable Batch next(int singlesLeft) {
        return resolver.nextBatch(1, singlesLeft > 0 ? 1 : ROWS);
    }

    private static long[] hashes(Batch batch) {
        List<Operation> merged = new ArrayList<>();
        for (Chunk chunk : batch.chunks()) {
            merged.addAll(chunk.merged());
        }
        return merged.stream()
                .mapToLong(operation -> operation.requireKey().hash())
                .toArray();
    }

    private static ByteBuffer relation() {
        ByteBuffer out = ByteBuffer.allocate(128).put((byte) 'R').putInt(OID);
        string(out, TABLE.name().schema());
        string(out, TABLE.name().name());
        out.put((byte) 'd').putShort((short) 2).put((byte) 1);
        string(out, "id");
        out.putInt(INT8).putInt(-1).put((byte) 0);
        string(out, "value");
        return out.putInt(TEXT).putInt(-1).flip();
    }

    private static void string(ByteBuffer out, String text) {
        out.put(text.getBytes(StandardCharsets.US_ASCII)).put((byte) 0);
    }

    private ByteBuffer begin() {
        return ByteBuffer.allocate(21)
                .put((byte) 'B')
                .putLong(lsn)
                .putLong(lsn)
                .putInt((int) lsn)
                .flip();
    }

    private static ByteBuffer change(long id, boolean insert) {
        return ByteBuffer.allocate(64)
                .put((byte) (insert ? 'I' : 'U'))
                .putInt(OID)
                .put((byte) 'N')
                .putShort((short) 2)
                .put((byte) 'b')
                .putInt(8)
                .putLong(id)
                .put((byte) 'b')
                .putInt(VALUE.length)
                .put(VALUE)
                .flip();
    }

    private ByteBuffer commit() {
        return ByteBuffer.allocate(26)
                .put((byte) 'C')
                .put((byte) 0)
                .putLong(lsn)
                .putLong(lsn + 50)
                .putLong(lsn)
                .flip();
    }
}
