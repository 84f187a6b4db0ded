package dev.replicator.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInput;
import java.io.DataInputStream;
import java.io.DataOutput;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BufferedInputTest {
    private static final int VALUES = 2_000;
    private static final int BUFFER = 37;
    private static final long SEED = 17;

    @Test
    void whatIsWrittenIsWhatADataOutputStreamWrites() throws IOException {
        ByteArrayOutputStream expected = new ByteArrayOutputStream();
        write(new DataOutputStream(expected));
        ByteArrayOutputStream streamed = new ByteArrayOutputStream();
        BufferedOutput toStream = BufferedOutput.to(streamed, BUFFER);
        write(toStream);
        assertThat(toStream.size()).isEqualTo(expected.size());
        toStream.flush();
        BufferedOutput toMemory = BufferedOutput.toMemory(1);
        write(toMemory);

        assertThat(streamed.toByteArray()).isEqualTo(expected.toByteArray());
        assertThat(toMemory.toBytes()).isEqualTo(expected.toByteArray());
    }

    @Test
    void whatIsReadIsWhatADataInputStreamReads() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        write(new DataOutputStream(bytes));
        List<Object> expected = read(new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())));

        assertThat(read(BufferedInput.of(bytes.toByteArray()))).isEqualTo(expected);
        assertThat(read(BufferedInput.of(inPieces(bytes.toByteArray()), BUFFER)))
                .isEqualTo(expected);
    }

    @Test
    void anEndWithinAValueIsAnError() {
        assertThatThrownBy(() -> BufferedInput.of(new byte[7]).readLong()).isInstanceOf(EOFException.class);
        assertThatThrownBy(
                        () -> BufferedInput.of(inPieces(new byte[90]), BUFFER).readFully(new byte[91]))
                .isInstanceOf(EOFException.class);
    }

    /** A stream that gives less than it is asked for. */
    private static InputStream inPieces(byte[] bytes) {
        return new ByteArrayInputStream(bytes) {
            @Override
            public synchronized int read(byte[] into, int from, int count) {
                return super.read(into, from, Math.min(count, 1 + count / 2));
            }
        };
    }

    private static void write(DataOutput out) throws IOException {
        Random random = new Random(SEED);
        for (int i = 0; i < VALUES; i++) {
            switch (i % 6) {
                case 0 -> out.writeByte(random.nextInt());
                case 1 -> out.writeInt(random.nextInt());
                case 2 -> out.writeLong(random.nextLong());
                case 3 -> out.writeBoolean(random.nextBoolean());
                case 4 -> out.writeUTF("é" + random.nextInt());
                default -> {
                    byte[] bytes = new byte[random.nextInt(3 * BUFFER)];
                    random.nextBytes(bytes);
                    out.writeShort(bytes.length);
                    out.write(bytes);
                }
            }
        }
    }

    private static List<Object> read(DataInput in) throws IOException {
        List<Object> values = new ArrayList<>();
        for (int i = 0; i < VALUES; i++) {
            switch (i % 6) {
                case 0 -> values.add(in.readByte());
                case 1 -> values.add(in.readInt());
                case 2 -> values.add(in.readLong());
                case 3 -> values.add(in.readBoolean());
                case 4 -> values.add(in.readUTF());
                default -> {
                    byte[] bytes = new byte[in.readUnsignedShort()];
                    in.readFully(bytes);
                    for (byte one : bytes) {
                        values.add(one);
                    }
                }
            }
        }
        return values;
    }
}
