package dev.replicator.codec;

import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * A temporary file that is written once, from its start to its end, and read from the start any number of times.
 *
 * <p>It is opened for deletion: where the system allows it the name is gone at once, so that nothing is left behind even
 * by a killed process. A full disk is a retryable {@code DISK} error that names the folder. Written by one thread; what
 * was written, several may read at the same time, also while more is written.
 */
public final class SpoolFile implements AutoCloseable {
    private static final int BUFFER_BYTES = 64 * 1024;

    /** Writes to or reads from the file; the one place where its I/O errors are met. */
    @FunctionalInterface
    public interface Io<S, R extends @Nullable Object> {
        R with(S stream) throws IOException;
    }

    private final Path directory;
    private final FileChannel channel;
    private final BufferedOutput out;
    private long length;
    /** A write has failed: what was not in the file by then is lost, what was can be read. */
    private volatile @Nullable IOException broken;

    private SpoolFile(Path directory, FileChannel channel) {
        this.directory = directory;
        this.channel = channel;
        this.out = BufferedOutput.to(new ChannelOutput(), BUFFER_BYTES);
    }

    /** Makes an empty one in {@code directory}, which is made as well if it is missing. */
    public static SpoolFile create(Path directory) {
        try {
            Files.createDirectories(directory);
            Path file = Files.createTempFile(directory, "replicator-", ".spool");
            return new SpoolFile(
                    directory,
                    FileChannel.open(
                            file,
                            StandardOpenOption.READ,
                            StandardOpenOption.WRITE,
                            StandardOpenOption.DELETE_ON_CLOSE));
        } catch (IOException e) {
            throw failure("create a spool file", directory, e);
        }
    }

    /** Appends. */
    public synchronized void write(Io<BufferedOutput, @Nullable Void> writer) {
        IOException before = broken;
        if (before != null) {
            throw failure("write to a spool file", directory, before);
        }
        try {
            writer.with(out);
        } catch (IOException e) {
            broken = e;
            throw failure("write to a spool file", directory, e);
        }
    }

    /** Whether a write has failed, so that no other can be made. */
    public boolean isBroken() {
        return broken != null;
    }

    /** Hands to the system what is still in the buffer: from then on no full disk can take it away. */
    public void flush() {
        write(stream -> {
            stream.flush();
            return null;
        });
    }

    /** Bytes written so far, those still in the buffer included: where the next write begins. */
    public synchronized long position() {
        return out.size();
    }

    /** A stream from the file's start over everything written so far; needs no closing. */
    public BufferedInput open() {
        return open(0);
    }

    /** The same from a position that {@link #position} gave. */
    public BufferedInput open(long from) {
        return open(from, BUFFER_BYTES);
    }

    /** The same for somebody who reads only some {@code bufferBytes}. */
    public synchronized BufferedInput open(long from, int bufferBytes) {
        if (broken == null) {
            flush();
        }
        return BufferedInput.of(new ChannelInput(from), bufferBytes);
    }

    /** Reads from a stream that {@link #open} gave. */
    public <R extends @Nullable Object> R read(BufferedInput stream, Io<BufferedInput, R> reader) {
        try {
            return reader.with(stream);
        } catch (IOException e) {
            throw failure("read a spool file", directory, e);
        }
    }

    /** Bytes in the file, without those still in the buffer. */
    public long length() {
        return length;
    }

    /** Gives the space back. Never throws. */
    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            // The file is of no more use, whatever the disk says.
            length = 0;
        }
    }

    private static ReplicatorException failure(String what, Path directory, IOException cause) {
        return new ReplicatorException(
                ReplicatorException.Kind.RETRYABLE,
                ErrorCode.DISK,
                "could not " + what + " in " + directory.toAbsolutePath(),
                cause.getMessage(),
                "Free some space there, or set another folder with -Djava.io.tmpdir.",
                cause);
    }

    /** Appends to the channel. */
    private final class ChannelOutput extends OutputStream {
        @Override
        public void write(int one) throws IOException {
            write(new byte[] {(byte) one}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int from, int count) throws IOException {
            ByteBuffer buffer = ByteBuffer.wrap(bytes, from, count);
            while (buffer.hasRemaining()) {
                length += channel.write(buffer, length);
            }
        }
    }

    /** Reads the channel at a place of its own. */
    private final class ChannelInput extends InputStream {
        private long at;

        ChannelInput(long from) {
            this.at = from;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 1 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] bytes, int from, int count) throws IOException {
            int read = channel.read(ByteBuffer.wrap(bytes, from, count), at);
            at += Math.max(read, 0);
            return read;
        }
    }
}
