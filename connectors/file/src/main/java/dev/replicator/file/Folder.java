package dev.replicator.file;

import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPOutputStream;

/**
 * The files of one sync. Finished ones have plain names ({@code 0000000001.jsonl}), appear whole, and are the reader's, who
 * may move or remove them. All others are ours:
 *
 * <ul>
 *   <li>{@code 0000000002-f7.jsonl.open}: the session with fence number 7 appends to it. It begins with the progress, so
 *       that it can stand alone.
 *   <li>{@code ....taken}: session 7 is taking it over. A copy of its whole batches becomes the new open file, so that an
 *       older process that still has the file open writes to nobody's file, and finds that out after its write.
 *   <li>{@code ....closed}: finished, being compressed.
 *   <li>{@code ....tmp}: begun, to be thrown away.
 * </ul>
 *
 * A name changes in one atomic step, and every step is on disk before the next. Thread: one.
 */
final class Folder {
    private static final Pattern NAME = Pattern.compile("(\\d+)-f(\\d+)\\.\\w+\\.(open|taken|closed)");

    private static final Pattern FINISHED = Pattern.compile("(\\d+)\\.\\w+(\\.gz)?");

    private final Path folder;
    private final BatchFormat format;
    private final boolean gzip;

    Folder(Path folder, BatchFormat format, boolean gzip) {
        this.folder = folder;
        this.format = format;
        this.gzip = gzip;
    }

    Path path() {
        return folder;
    }

    BatchFormat format() {
        return format;
    }

    /** The file that counts; empty where nothing was ever written. */
    Optional<OpenFile> current() throws IOException {
        return files("open", "taken").stream().max(OpenFile::compareTo);
    }

    private List<OpenFile> files(String... states) throws IOException {
        List<OpenFile> files = new ArrayList<>();
        if (!Files.isDirectory(folder)) {
            return files;
        }
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
            for (Path entry : entries) {
                Matcher name = NAME.matcher(entry.getFileName().toString());
                if (name.matches() && List.of(states).contains(name.group(3))) {
                    files.add(new OpenFile(
                            entry,
                            Long.parseLong(name.group(1)),
                            Long.parseLong(name.group(2)),
                            name.group(3).equals("taken")));
                }
            }
        }
        return files;
    }

    private Path path(long number, long fence, String state) {
        return folder.resolve("%010d-f%d.%s.%s".formatted(number, fence, format.suffix(), state));
    }

    /**
     * Makes {@code fence} the fence number and gives the open file of its session, cleared of a batch that was not finished.
     * Only under {@link #lock}.
     *
     * @param progress for a folder in which nothing was written yet
     */
    OpenFile take(Optional<OpenFile> current, long fence, String sync, String progress) throws IOException {
        clean();
        if (current.isEmpty()) {
            return create(nextNumber(), fence, sync, progress);
        }
        OpenFile old = current.get();
        for (OpenFile left : files("open", "taken")) {
            // Full, by a session that ended before it could say so; else begun by one that had lost the folder.
            if (left.fence() == old.fence() && left.number() < old.number()) {
                finish(left);
            } else if (left.compareTo(old) < 0) {
                Files.deleteIfExists(left.path());
            }
        }
        Path taken = path(old.number(), fence, "taken");
        move(old.path(), taken);
        Path copy = path(old.number(), fence, "tmp");
        try (FileChannel from = FileChannel.open(taken, StandardOpenOption.READ);
                FileChannel to = create(copy)) {
            long end = wholeBatches(taken).end();
            for (long at = 0; at < end; ) {
                at += from.transferTo(at, end - at, to);
            }
            to.force(true);
        }
        Path open = path(old.number(), fence, "open");
        move(copy, open);
        Files.delete(taken);
        return new OpenFile(open, old.number(), fence, false);
    }

    /** After all finished files that the reader has left there. */
    private long nextNumber() throws IOException {
        long last = 0;
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
            for (Path entry : entries) {
                Matcher name = FINISHED.matcher(entry.getFileName().toString());
                if (name.matches()) {
                    last = Math.max(last, Long.parseLong(name.group(1)));
                }
            }
        }
        return last + 1;
    }

    /** What crashes have left. */
    private void clean() throws IOException {
        for (OpenFile closed : files("closed")) {
            compress(closed.path(), closed.number());
        }
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder, "*.tmp")) {
            for (Path entry : entries) {
                Files.deleteIfExists(entry);
            }
        }
    }

    private static FileChannel create(Path path) throws IOException {
        return FileChannel.open(
                path, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE);
    }

    /** An empty file with a header. */
    OpenFile create(long number, long fence, String sync, String progress) throws IOException {
        Path copy = path(number, fence, "tmp");
        try (FileChannel channel = create(copy);
                OutputStream out = Channels.newOutputStream(channel)) {
            format.header(out, sync, progress);
            channel.force(true);
        }
        Path open = path(number, fence, "open");
        move(copy, open);
        return new OpenFile(open, number, fence, false);
    }

    /** Gives a file to the reader. False: another session has taken it over. */
    boolean finish(OpenFile file) throws IOException {
        try {
            if (!gzip) {
                move(file.path(), folder.resolve("%010d.%s".formatted(file.number(), format.suffix())));
                return true;
            }
            Path closed = path(file.number(), file.fence(), "closed");
            move(file.path(), closed);
            compress(closed, file.number());
            return true;
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    private void compress(Path closed, long number) throws IOException {
        Path copy = closed.resolveSibling(closed.getFileName() + ".tmp");
        try (FileChannel channel = create(copy);
                OutputStream out = new GZIPOutputStream(new BufferedOutputStream(Channels.newOutputStream(channel)))) {
            Files.copy(closed, out);
            out.flush();
        }
        force(copy);
        move(copy, folder.resolve("%010d.%s.gz".formatted(number, format.suffix())));
        Files.deleteIfExists(closed);
    }

    private static void force(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private void move(Path from, Path to) throws IOException {
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        force(folder);
    }

    /**
     * The whole batches of a file.
     *
     * @param end where the last of them ends, in bytes
     * @param progress what it says
     */
    record WholeBatches(long end, String progress) {}

    WholeBatches wholeBatches(Path file) throws IOException {
        long end = -1;
        String progress = "";
        try (InputStream in = Files.newInputStream(file)) {
            LineReader lines = new LineReader(in);
            for (String line = lines.next(); line != null; line = lines.next()) {
                String found = format.progressOf(line);
                if (found != null) {
                    end = lines.position();
                    progress = found;
                }
            }
        }
        if (end < 0) {
            throw ReplicatorException.fatal(
                    ErrorCode.NODE_LOST_DATA,
                    "cannot read the progress in \"" + file + "\"",
                    "The file does not begin as this program's files of format \"" + format.suffix() + "\" do.",
                    "Restore it, or the option \"format\"; or remove the folder and begin anew.");
        }
        return new WholeBatches(end, progress);
    }

    /** What is done by one session at a time. */
    interface Work<T> {
        T run() throws IOException;
    }

    /** Does this while no other session takes over; the end of a process, however it comes, frees the lock, too. */
    <T> T alone(Work<T> work) throws IOException {
        FileChannel lock = lock();
        try {
            return work.run();
        } finally {
            lock.close();
        }
    }

    private FileChannel lock() throws IOException {
        Files.createDirectories(folder);
        FileChannel channel = FileChannel.open(
                folder.resolve("replicator.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        boolean held = false;
        try {
            held = channel.tryLock() != null;
        } catch (OverlappingFileLockException e) {
            // Another session of this process holds it.
        }
        if (!held) {
            channel.close();
            throw ReplicatorException.retryable(
                    ErrorCode.SLOT_BUSY,
                    "could not take over folder \"" + folder + "\"",
                    "Another session is taking it over at this moment.",
                    null);
        }
        return channel;
    }

    /** Finishes what is open. */
    boolean forget() throws IOException {
        Optional<OpenFile> current = current();
        if (current.isPresent()) {
            OpenFile last = take(current, current.get().fence() + 1, "", "");
            finish(last);
        }
        return current.isPresent();
    }
}
