package dev.replicator.codec;

import java.io.DataInput;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Reads what {@link BufferedOutput} wrote, from an array or a stream. In the form of {@link DataInputStream}, which takes a
 * lock and a call for each byte of a number. An end within a value is an {@link EOFException}. One thread.
 */
public final class BufferedInput extends InputStream implements DataInput {
    private final @Nullable InputStream from;
    private final byte[] buffer;
    private int at;
    private int end;

    private BufferedInput(@Nullable InputStream from, byte[] buffer, int end) {
        this.from = from;
        this.buffer = buffer;
        this.end = end;
    }

    public static BufferedInput of(byte[] bytes) {
        return new BufferedInput(null, bytes, bytes.length);
    }

    /** From a stream, {@code bytes} at a time, at least as many as a number has. */
    static BufferedInput of(InputStream stream, int bytes) {
        return new BufferedInput(stream, new byte[Math.max(bytes, Long.BYTES)], 0);
    }

    /** Moves over {@code count} bytes, no more than a number has, that are in the array then, and says where. */
    private int take(int count) throws IOException {
        while (end - at < count) {
            fill();
        }
        int start = at;
        at += count;
        return start;
    }

    private void fill() throws IOException {
        System.arraycopy(buffer, at, buffer, 0, end - at);
        end -= at;
        at = 0;
        int read = from == null ? -1 : from.read(buffer, end, buffer.length - end);
        if (read < 0) {
            throw new EOFException();
        }
        end += read;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] bytes, int start, int count) throws IOException {
        Objects.checkFromIndexSize(start, count, bytes.length);
        int there = Math.min(count, end - at);
        if (there == 0 && count > 0) {
            return from == null ? -1 : from.read(bytes, start, count);
        }
        System.arraycopy(buffer, at, bytes, start, there);
        at += there;
        return there;
    }

    @Override
    public void readFully(byte[] bytes) throws IOException {
        readFully(bytes, 0, bytes.length);
    }

    @Override
    public void readFully(byte[] bytes, int start, int count) throws IOException {
        int done = Math.min(count, end - at);
        System.arraycopy(buffer, at, bytes, start, done);
        at += done;
        while (count - done > buffer.length) {
            int read = read(bytes, start + done, count - done);
            if (read < 0) {
                throw new EOFException();
            }
            done += read;
        }
        while (done < count) {
            fill();
            int part = Math.min(count - done, end - at);
            System.arraycopy(buffer, at, bytes, start + done, part);
            at += part;
            done += part;
        }
    }

    @Override
    public int skipBytes(int count) throws IOException {
        int skipped = Math.max(0, Math.min(count, end - at));
        at += skipped;
        return skipped;
    }

    @Override
    public boolean readBoolean() throws IOException {
        return readByte() != 0;
    }

    @Override
    public byte readByte() throws IOException {
        return buffer[take(1)];
    }

    @Override
    public int readUnsignedByte() throws IOException {
        return readByte() & 0xFF;
    }

    @Override
    public short readShort() throws IOException {
        int start = take(Short.BYTES);
        return (short) ((buffer[start] & 0xFF) << 8 | (buffer[start + 1] & 0xFF));
    }

    @Override
    public int readUnsignedShort() throws IOException {
        return readShort() & 0xFFFF;
    }

    @Override
    public char readChar() throws IOException {
        return (char) readShort();
    }

    @Override
    public int readInt() throws IOException {
        return intAt(take(Integer.BYTES));
    }

    @Override
    public long readLong() throws IOException {
        int start = take(Long.BYTES);
        return (long) intAt(start) << 32 | (intAt(start + Integer.BYTES) & 0xFFFFFFFFL);
    }

    private int intAt(int start) {
        byte[] bytes = buffer;
        return (bytes[start] & 0xFF) << 24
                | (bytes[start + 1] & 0xFF) << 16
                | (bytes[start + 2] & 0xFF) << 8
                | (bytes[start + 3] & 0xFF);
    }

    @Override
    public float readFloat() throws IOException {
        return Float.intBitsToFloat(readInt());
    }

    @Override
    public double readDouble() throws IOException {
        return Double.longBitsToDouble(readLong());
    }

    /** Not offered: nothing that is written has lines. */
    @Override
    public String readLine() {
        throw new UnsupportedOperationException("there are no lines");
    }

    @Override
    public String readUTF() throws IOException {
        return DataInputStream.readUTF(this);
    }
}
