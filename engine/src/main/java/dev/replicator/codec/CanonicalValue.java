package dev.replicator.codec;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * One key value in canonical form, from its text or binary wire form. Malformed input throws some unchecked exception,
 * which {@link KeyCodec} names. Frozen, like everything a mark depends on. Any thread.
 */
final class CanonicalValue {
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle SHORT = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);

    private CanonicalValue() {}

    static byte[] of(KeyType type, boolean binary, byte[] bytes, int start, int length) {
        return switch (type) {
            case INTEGER -> ofLong(binary ? binaryInteger(bytes, start, length) : parseLong(bytes, start, length));
            case OID ->
                ofLong(binary ? binaryInteger(bytes, start, length) & 0xFFFFFFFFL : parseLong(bytes, start, length));
            case TEXT, RAW -> Arrays.copyOfRange(bytes, start, start + length);
            case BPCHAR -> Arrays.copyOfRange(bytes, start, start + trimmed(bytes, start, length));
            case UUID -> binary ? exactly(16, bytes, start, length) : parseUuid(bytes, start, length);
            case BOOL -> new byte[] {binary ? bool(bytes, start, length) : parseBool(bytes, start, length)};
            case CHAR -> new byte[] {binary ? bytes[start] : parseChar(bytes, start, length)};
            case BYTEA -> binary ? Arrays.copyOfRange(bytes, start, start + length) : parseHex(bytes, start, length);
            case NUMERIC ->
                binary
                        ? CanonicalNumeric.ofBinary(bytes, start, length)
                        : CanonicalNumeric.ofText(ascii(bytes, start, length));
            case FLOAT4 ->
                ofFloat(
                        binary
                                ? Float.intBitsToFloat((int) INT.get(exactly(4, bytes, start, length), 0))
                                : Float.parseFloat(ascii(bytes, start, length)));
            case FLOAT8 ->
                ofDouble(
                        binary
                                ? Double.longBitsToDouble((long) LONG.get(exactly(8, bytes, start, length), 0))
                                : Double.parseDouble(ascii(bytes, start, length)));
            case DATE ->
                ofLong(
                        binary
                                ? CanonicalTime.widenDate((int) binaryInteger(bytes, start, length))
                                : CanonicalTime.parseDate(ascii(bytes, start, length)));
            case TIME ->
                ofLong(
                        binary
                                ? binaryInteger(bytes, start, length)
                                : CanonicalTime.parseTime(ascii(bytes, start, length)));
            case TIMESTAMP, TIMESTAMPTZ ->
                ofLong(
                        binary
                                ? binaryInteger(bytes, start, length)
                                : CanonicalTime.parseTimestamp(ascii(bytes, start, length)));
        };
    }

    static byte[] ofLong(long value) {
        byte[] bytes = new byte[8];
        LONG.set(bytes, 0, value);
        return bytes;
    }

    private static byte[] ofFloat(float value) {
        byte[] bytes = new byte[4];
        INT.set(bytes, 0, Float.floatToIntBits(value == 0 ? 0f : value));
        return bytes;
    }

    private static byte[] ofDouble(double value) {
        return ofLong(Double.doubleToLongBits(value == 0 ? 0d : value));
    }

    private static long binaryInteger(byte[] bytes, int start, int length) {
        return switch (length) {
            case 2 -> (short) SHORT.get(bytes, start);
            case 4 -> (int) INT.get(bytes, start);
            case 8 -> (long) LONG.get(bytes, start);
            default -> throw new IllegalArgumentException("an integer of " + length + " bytes");
        };
    }

    private static long parseLong(byte[] bytes, int start, int length) {
        int at = start;
        int end = start + length;
        boolean negative = length > 0 && bytes[at] == '-';
        if (negative) {
            at++;
        }
        if (at == end || end - at > 19) {
            throw new IllegalArgumentException("not an integer");
        }
        // Summed downwards, since the smallest long has no positive counterpart.
        long value = 0;
        for (; at < end; at++) {
            int digit = bytes[at] - '0';
            if (digit < 0 || digit > 9) {
                throw new IllegalArgumentException("not an integer");
            }
            value = value * 10 - digit;
        }
        return negative ? value : -value;
    }

    private static int trimmed(byte[] bytes, int start, int length) {
        int end = length;
        while (end > 0 && bytes[start + end - 1] == ' ') {
            end--;
        }
        return end;
    }

    private static byte[] exactly(int wanted, byte[] bytes, int start, int length) {
        if (length != wanted) {
            throw new IllegalArgumentException(length + " bytes instead of " + wanted);
        }
        return Arrays.copyOfRange(bytes, start, start + length);
    }

    private static byte bool(byte[] bytes, int start, int length) {
        return (byte) (exactly(1, bytes, start, length)[0] == 0 ? 0 : 1);
    }

    private static byte parseBool(byte[] bytes, int start, int length) {
        return switch (exactly(1, bytes, start, length)[0]) {
            case 't' -> 1;
            case 'f' -> 0;
            default -> throw new IllegalArgumentException("not a boolean");
        };
    }

    /** {@code charout}: nothing for the zero byte, a backslash and three octal digits above 127 (16 and later). */
    private static byte parseChar(byte[] bytes, int start, int length) {
        if (length == 0) {
            return 0;
        }
        if (length == 4 && bytes[start] == '\\') {
            return (byte) ((bytes[start + 1] - '0') << 6 | (bytes[start + 2] - '0') << 3 | (bytes[start + 3] - '0'));
        }
        return exactly(1, bytes, start, length)[0];
    }

    private static byte[] parseUuid(byte[] bytes, int start, int length) {
        byte[] uuid = new byte[16];
        int digits = 0;
        for (int i = start; i < start + length; i++) {
            if (bytes[i] != '-') {
                uuid[digits >> 1] |= (byte) (hex(bytes[i]) << ((digits & 1) == 0 ? 4 : 0));
                digits++;
            }
        }
        if (digits != 32) {
            throw new IllegalArgumentException("not a uuid");
        }
        return uuid;
    }

    private static byte[] parseHex(byte[] bytes, int start, int length) {
        if (length < 2 || (length & 1) != 0 || bytes[start] != '\\' || bytes[start + 1] != 'x') {
            throw new IllegalArgumentException("not a bytea in hex form");
        }
        byte[] value = new byte[length / 2 - 1];
        for (int i = 0; i < value.length; i++) {
            int at = start + 2 + 2 * i;
            value[i] = (byte) (hex(bytes[at]) << 4 | hex(bytes[at + 1]));
        }
        return value;
    }

    private static int hex(byte digit) {
        int value = Character.digit(digit, 16);
        if (value < 0) {
            throw new IllegalArgumentException("not a hexadecimal digit");
        }
        return value;
    }

    private static String ascii(byte[] bytes, int start, int length) {
        return new String(bytes, start, length, StandardCharsets.ISO_8859_1);
    }
}
