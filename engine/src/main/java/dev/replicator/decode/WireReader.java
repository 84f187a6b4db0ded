package dev.replicator.decode;

import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.Row;
import java.nio.charset.StandardCharsets;

/** Reads one message from its start to its end; whatever does not fit is a PROTOCOL error. One thread. */
final class WireReader {
    private final byte[] bytes;
    private final int end;
    private int at;

    WireReader(byte[] bytes, int from, int end) {
        this.bytes = bytes;
        this.at = from;
        this.end = end;
    }

    byte int8() {
        return bytes[take(1)];
    }

    int int16() {
        int from = take(2);
        return (bytes[from] & 0xFF) << 8 | (bytes[from + 1] & 0xFF);
    }

    int int32() {
        int from = take(4);
        return int32At(from);
    }

    long int64() {
        int from = take(8);
        return (long) int32At(from) << 32 | (int32At(from + 4) & 0xFFFFFFFFL);
    }

    /** A zero-terminated string. */
    String string() {
        int zero = at;
        while (zero < end && bytes[zero] != 0) {
            zero++;
        }
        String text = new String(bytes, at, zero - at, StandardCharsets.UTF_8);
        take(zero - at + 1);
        return text;
    }

    byte[] bytes(int count) {
        int from = take(count);
        return java.util.Arrays.copyOfRange(bytes, from, from + count);
    }

    /** A count of things of which each takes at least {@code leastBytes}. */
    int count(int count, int leastBytes) {
        if (count < 0 || (long) count * leastBytes > end - at) {
            throw malformed("it counts " + count + " parts and has room for " + (end - at) / leastBytes);
        }
        return count;
    }

    /** TupleData. */
    Message.Tuple tuple(byte kind) {
        int[] starts = new int[count(int16(), 1)];
        for (int c = 0; c < starts.length; c++) {
            starts[c] = at;
            switch (int8()) {
                case Row.NULL, Row.ABSENT -> {}
                case Row.TEXT, Row.BINARY -> take(int32());
                default -> throw malformed("a column has kind " + (bytes[starts[c]] & 0xFF));
            }
        }
        return new Message.Tuple(kind, bytes, starts);
    }

    /** Moves over the next {@code count} bytes and says where they start. */
    private int take(int count) {
        if (count < 0 || count > end - at) {
            throw malformed("it ends " + (end - at) + " bytes before or within a value of " + count);
        }
        int from = at;
        at += count;
        return from;
    }

    private int int32At(int from) {
        return (bytes[from] & 0xFF) << 24
                | (bytes[from + 1] & 0xFF) << 16
                | (bytes[from + 2] & 0xFF) << 8
                | (bytes[from + 3] & 0xFF);
    }

    static ReplicatorException malformed(String why) {
        return ReplicatorException.fatal(
                ErrorCode.PROTOCOL,
                "cannot understand a message of the replication stream",
                "In place of a pgoutput message of protocol version 1: " + why + ".",
                null);
    }
}
