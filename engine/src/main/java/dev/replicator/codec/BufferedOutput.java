package dev.replicator.codec;

import java.io.DataOutput;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Numbers and bytes, gathered in an array: one that grows, or one that goes to a stream when it is full. In the form of
 * {@link DataOutputStream}, which takes a lock and a call for each byte of a number. One thread at a time.
 */
public final class BufferedOutput extends OutputStream implements DataOutput {
    private final @Nullable OutputStream to;
    private byte[] buffer;
    private int used;
    private long gone;

    private BufferedOutput(@Nullable OutputStream to, int bytes) {
        this.to = to;
        this.buffer = new byte[bytes];
    }

    /** Into memory, for {@link #toBytes()}; {@code bytes}: about how many it will be. */
    public static BufferedOutput toMemory(int bytes) {
        return new BufferedOutput(null, bytes);
    }

    /** To a stream, {@code bytes} at a time. */
    static BufferedOutput to(OutputStream stream, int bytes) {
        return new BufferedOutput(stream, bytes);
    }

    /** Everything written since the stream, if any, was given something. */
    public byte[] toBytes() {
        return Arrays.copyOf(buffer, used);
    }

    /** How many bytes were written. */
    long size() {
        return gone + used;
    }

    /** Makes room for {@code count} bytes, no more than a number has, and says where. */
    private int take(int count) throws IOException {
        if (count > buffer.length - used) {
            if (to == null) {
                buffer = Arrays.copyOf(buffer, Math.max(2 * buffer.length, used + count));
            } else {
                handOn(to);
            }
        }
        int at = used;
        used += count;
        return at;
    }

    private void handOn(OutputStream stream) throws IOException {
        stream.write(buffer, 0, used);
        gone += used;
        used = 0;
    }

    @Override
    public void write(int one) throws IOException {
        int at = take(1);
        buffer[at] = (byte) one;
    }

    @Override
    public void write(byte[] bytes) throws IOException {
        write(bytes, 0, bytes.length);
    }

    @Override
    public void write(byte[] bytes, int from, int count) throws IOException {
        OutputStream stream = to;
        if (stream != null && count > buffer.length - used) {
            handOn(stream);
            if (count > buffer.length) {
                stream.write(bytes, from, count);
                gone += count;
                return;
            }
        }
        int at = take(count);
        System.arraycopy(bytes, from, buffer, at, count);
    }

    @Override
    public void writeBoolean(boolean value) throws IOException {
        write(value ? 1 : 0);
    }

    @Override
    public void writeByte(int value) throws IOException {
        write(value);
    }

    @Override
    public void writeShort(int value) throws IOException {
        int at = take(Short.BYTES);
        buffer[at] = (byte) (value >>> 8);
        buffer[at + 1] = (byte) value;
    }

    @Override
    public void writeChar(int value) throws IOException {
        writeShort(value);
    }

    @Override
    public void writeInt(int value) throws IOException {
        putInt(take(Integer.BYTES), value);
    }

    @Override
    public void writeLong(long value) throws IOException {
        int at = take(Long.BYTES);
        putInt(at, (int) (value >>> 32));
        putInt(at + Integer.BYTES, (int) value);
    }

    private void putInt(int at, int value) {
        byte[] bytes = buffer;
        bytes[at] = (byte) (value >>> 24);
        bytes[at + 1] = (byte) (value >>> 16);
        bytes[at + 2] = (byte) (value >>> 8);
        bytes[at + 3] = (byte) value;
    }

    @Override
    public void writeFloat(float value) throws IOException {
        writeInt(Float.floatToIntBits(value));
    }

    @Override
    public void writeDouble(double value) throws IOException {
        writeLong(Double.doubleToLongBits(value));
    }

    @Override
    public void writeBytes(String text) throws IOException {
        new DataOutputStream(this).writeBytes(text);
    }

    @Override
    public void writeChars(String text) throws IOException {
        new DataOutputStream(this).writeChars(text);
    }

    @Override
    public void writeUTF(String text) throws IOException {
        new DataOutputStream(this).writeUTF(text);
    }

    @Override
    public void flush() throws IOException {
        if (to != null) {
            handOn(to);
            to.flush();
        }
    }
}
