package dev.replicator.file;

import dev.replicator.codec.RowReader;
import dev.replicator.codec.StoredProgress;
import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.error.ReplicatorException.Kind;
import dev.replicator.model.Batch;
import dev.replicator.model.Chunk;
import dev.replicator.model.JoinedTable;
import dev.replicator.model.Operation;
import dev.replicator.model.Positions;
import dev.replicator.model.Relation;
import dev.replicator.model.Table;
import dev.replicator.model.TableSchema;
import dev.replicator.spi.FillableTarget;
import dev.replicator.spi.PauseMark;
import dev.replicator.spi.PauseTarget;
import dev.replicator.spi.TargetRequest;
import dev.replicator.spi.TargetState;
import dev.replicator.spi.WriteResult;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A folder that receives batches. A batch counts once its last line, which carries the progress, is on disk; a session that
 * takes the folder over cuts off what stands behind the last such line. Operations are written in the order in which the
 * sources made them.
 *
 * <p>Who may write is told by the name of the open file. A session looks at it after each write: if it is still there, who
 * takes over later finds the batch in it; if it is gone, the batch may or may not have been found, and the session ends.
 *
 * <p>Thread: one; a timer of its own finishes files that have become old while nothing was written. {@link #close}: any.
 */
final class FileTarget implements PauseTarget, FillableTarget {
    private final TargetRequest request;
    private final Folder folder;
    private final PauseFile pauseFile;
    private final long rotateBytes;
    private final Duration rotateAge;
    private final Map<Relation, RowReader> readers = new IdentityHashMap<>();
    private StoredProgress progress;
    private @Nullable OpenFile file;
    private volatile @Nullable FileChannel channel;
    private volatile @Nullable ScheduledExecutorService timer;
    private long headerEnd;
    private long since;

    FileTarget(TargetRequest request, Folder folder, long rotateBytes, Duration rotateAge) {
        this.request = request;
        this.folder = folder;
        this.pauseFile = new PauseFile(folder.path().resolve("replicator.pause"));
        this.rotateBytes = rotateBytes;
        this.rotateAge = rotateAge;
        this.progress = StoredProgress.none(request.sourceNames().size());
    }

    @Override
    public synchronized TargetState start(long own) {
        try {
            return folder.alone(() -> takeOver(own));
        } catch (IOException e) {
            throw failed("take over", e);
        } catch (ReplicatorException e) {
            throw e.within(request.context());
        }
    }

    private TargetState takeOver(long own) throws IOException {
        Optional<OpenFile> current = folder.current();
        long stands = current.map(OpenFile::fence).orElse(0L);
        if (own != 0 && stands != own) {
            throw fenced("This process took fence number " + own + "; it is " + stands + " by now.");
        }
        String none = progress.text(request.sourceNames());
        OpenFile mine = folder.take(current, stands + 1, request.sync().name(), none);
        progress = StoredProgress.parse(folder.wholeBatches(mine.path()).progress(), request.sourceNames());
        open(mine);
        startTimer();
        return progress.state(mine.fence());
    }

    private void open(OpenFile mine) throws IOException {
        closeChannel();
        channel = FileChannel.open(mine.path(), StandardOpenOption.WRITE);
        file = mine;
        headerEnd = channel.size();
        channel.position(headerEnd);
        since = System.nanoTime();
    }

    private void startTimer() {
        if (!rotateAge.isZero() && timer == null) {
            timer = Executors.newSingleThreadScheduledExecutor(task -> {
                Thread thread = new Thread(task, "rotate " + request.database().name());
                thread.setDaemon(true);
                return thread;
            });
            long pause = Math.max(1, rotateAge.toMillis() / 4);
            ScheduledFuture<?> unused =
                    timer.scheduleWithFixedDelay(this::rotateWhenOld, pause, pause, TimeUnit.MILLISECONDS);
        }
    }

    private synchronized void rotateWhenOld() {
        try {
            if (channel != null && channel.size() > headerEnd && isOld()) {
                rotate();
            }
        } catch (IOException | ReplicatorException e) {
            // The file stays as it is, and whole; the next write says what is wrong, if it still is.
            closeChannel();
        }
    }

    private boolean isOld() {
        return !rotateAge.isZero() && System.nanoTime() - since >= rotateAge.toNanos();
    }

    @Override
    public synchronized WriteResult write(Batch batch) {
        OpenFile mine = file;
        FileChannel to = channel;
        if (mine == null || to == null) {
            throw ReplicatorException.retryable(
                            ErrorCode.DISK,
                            "could not write to folder \"" + folder.path() + "\"",
                            "It is closed.",
                            null)
                    .within(request.context());
        }
        try {
            StoredProgress after = progress.after(batch, mine.fence());
            long rows = append(to, batch, after.text(request.sourceNames()));
            to.force(false);
            if (!Files.exists(mine.path())) {
                throw fenced("Its open file \"" + mine.path().getFileName() + "\" has been taken.");
            }
            progress = after;
            if (to.size() >= rotateBytes || isOld() && to.size() > headerEnd) {
                rotate();
            }
            return new WriteResult(Set.of(), rows);
        } catch (IOException e) {
            throw failed("write to", e);
        } catch (ReplicatorException e) {
            throw e.within(request.context());
        }
    }

    private long append(FileChannel to, Batch batch, String progressAfter) throws IOException {
        BatchFormat format = folder.format();
        // Not closed: it would close the channel.
        OutputStream out = new BufferedOutputStream(Channels.newOutputStream(to), 1 << 16);
        long rows = 0;
        format.begin(out);
        for (Chunk chunk : batch.chunks()) {
            append(out, chunk.inOrder());
            rows += chunk.inOrder().size();
        }
        format.commit(out, rows, progressAfter);
        out.flush();
        return rows;
    }

    private void append(OutputStream out, List<Operation> operations) throws IOException {
        BatchFormat format = folder.format();
        // Tables that were emptied together are emptied together again: foreign keys may ask for it.
        List<Table> truncated = new ArrayList<>();
        for (Operation operation : operations) {
            if (operation.kind() == Operation.Kind.TRUNCATE) {
                truncated.add(operation.table());
                continue;
            }
            if (!truncated.isEmpty()) {
                format.truncate(out, truncated);
                truncated.clear();
            }
            format.change(out, reader(operation), operation);
        }
        if (!truncated.isEmpty()) {
            format.truncate(out, truncated);
        }
    }

    private RowReader reader(Operation operation) {
        Relation relation = operation.requireRow().relation();
        RowReader reader = readers.get(relation);
        if (reader == null) {
            TableSchema schema = request.tables().stream()
                    .filter(known -> known.table().equals(relation.table()))
                    .findFirst()
                    .orElse(null);
            reader = RowReader.of(relation, schema);
            readers.put(relation, reader);
        }
        return reader;
    }

    /** The next file is there before this one is the reader's, so that the progress always is in a file of ours. */
    private void rotate() throws IOException {
        OpenFile full = file;
        if (full == null) {
            return;
        }
        OpenFile next = folder.create(
                full.number() + 1, full.fence(), request.sync().name(), progress.text(request.sourceNames()));
        if (!folder.finish(full)) {
            Files.deleteIfExists(next.path());
            throw fenced("Its open file \"" + full.path().getFileName() + "\" has been taken.");
        }
        open(next);
    }

    @Override
    public @Nullable Positions held() {
        return stored().map(StoredProgress::held).orElse(null);
    }

    @Override
    public List<JoinedTable> joined() {
        return stored().map(StoredProgress::joined).orElse(List.of());
    }

    /** Files hold changes, no rows. */
    @Override
    public boolean isEmpty(Table table) {
        return true;
    }

    private Optional<StoredProgress> stored() {
        try {
            Optional<OpenFile> current = folder.current();
            if (current.isEmpty()) {
                return Optional.empty();
            }
            String text = folder.wholeBatches(current.get().path()).progress();
            return Optional.of(StoredProgress.parse(text, request.sourceNames()));
        } catch (IOException e) {
            throw failed("read the progress in", e);
        }
    }

    @Override
    public List<String> forget() {
        try {
            boolean held = folder.alone(() -> {
                pauseFile.delete();
                return folder.forget();
            });
            return held
                    ? List.of("the progress of sync \"" + request.sync().name() + "\" in \"" + folder.path() + "\"")
                    : List.of();
        } catch (IOException e) {
            throw failed("finish the last file of", e);
        }
    }

    @Override
    public Optional<PauseMark> pause() {
        try {
            return pauseFile.read();
        } catch (IOException e) {
            throw failed("read the pause in", e);
        }
    }

    @Override
    public void pause(PauseMark mark) {
        try {
            folder.alone(() -> {
                PauseMark later =
                        PauseMark.later(pauseFile.read(), Optional.of(mark)).orElse(mark);
                pauseFile.write(later);
                return later;
            });
        } catch (IOException e) {
            throw failed("keep the pause in", e);
        }
    }

    private ReplicatorException fenced(String detail) {
        return new ReplicatorException(
                        Kind.FENCED,
                        ErrorCode.SLOT_BUSY,
                        "cannot write to folder \"" + folder.path()
                                + "\" any more: another process has taken over sync \""
                                + request.sync().name() + "\"",
                        detail,
                        null,
                        null)
                .within(request.context());
    }

    private ReplicatorException failed(String what, IOException cause) {
        return new ReplicatorException(
                        Kind.RETRYABLE,
                        ErrorCode.DISK,
                        "could not " + what + " folder \"" + folder.path() + "\"",
                        cause.getClass().getSimpleName() + ": " + cause.getMessage(),
                        "Check the disk's free space and the folder's rights.",
                        cause)
                .within(request.context());
    }

    private void closeChannel() {
        FileChannel closing = channel;
        channel = null;
        if (closing != null) {
            try {
                closing.close();
            } catch (IOException e) {
                // What counts is on disk already.
            }
        }
    }

    @Override
    public void close() {
        ScheduledExecutorService stopping = timer;
        if (stopping != null) {
            stopping.shutdownNow();
        }
        closeChannel();
    }
}
