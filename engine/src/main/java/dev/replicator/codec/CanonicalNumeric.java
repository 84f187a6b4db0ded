package dev.replicator.codec;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Numeric values by value, not by scale: a sign byte, the weight of the first digit, then base-10000 digits without
 * zeros at either end; one byte alone for zero, NaN and the infinities. Any thread.
 *
 * <p>Source: PostgreSQL's {@code numeric.c}, numeric_send.
 */
final class CanonicalNumeric {
    private static final byte NEGATIVE = 1;
    private static final byte ZERO = 2;
    private static final byte POSITIVE = 3;
    private static final byte NAN = 4;
    private static final byte MINUS_INFINITY = 5;
    private static final byte PLUS_INFINITY = 6;

    private CanonicalNumeric() {}

    static byte[] ofBinary(byte[] bytes, int start, int length) {
        ByteBuffer in = ByteBuffer.wrap(bytes, start, length);
        int count = in.getShort() & 0xFFFF;
        int weight = in.getShort();
        int sign = in.getShort() & 0xFFFF;
        in.getShort();
        return switch (sign) {
            case 0xC000 -> new byte[] {NAN};
            case 0xD000 -> new byte[] {PLUS_INFINITY};
            case 0xF000 -> new byte[] {MINUS_INFINITY};
            case 0x0000 -> ofDigits(false, weight, count, in);
            case 0x4000 -> ofDigits(true, weight, count, in);
            default -> throw new IllegalArgumentException("not a numeric");
        };
    }

    private static byte[] ofDigits(boolean negative, int weight, int count, ByteBuffer in) {
        if (in.remaining() != 2 * count) {
            throw new IllegalArgumentException("not a numeric");
        }
        short[] digits = new short[count];
        for (int i = 0; i < count; i++) {
            digits[i] = in.getShort();
        }
        return pack(negative, weight, digits);
    }

    static byte[] ofText(String text) {
        return switch (text) {
            case "NaN" -> new byte[] {NAN};
            case "Infinity" -> new byte[] {PLUS_INFINITY};
            case "-Infinity" -> new byte[] {MINUS_INFINITY};
            default -> ofDecimal(text);
        };
    }

    private static byte[] ofDecimal(String text) {
        boolean negative = text.startsWith("-");
        String plain = negative ? text.substring(1) : text;
        int point = plain.indexOf('.');
        String whole = point < 0 ? plain : plain.substring(0, point);
        String fraction = point < 0 ? "" : plain.substring(point + 1);
        if (whole.isEmpty() && fraction.isEmpty()) {
            throw new IllegalArgumentException("not a numeric");
        }
        String aligned = "0".repeat((4 - whole.length() % 4) % 4)
                + whole
                + fraction
                + "0".repeat((4 - fraction.length() % 4) % 4);
        short[] digits = new short[aligned.length() / 4];
        for (int i = 0; i < digits.length; i++) {
            digits[i] = fourDigits(aligned, 4 * i);
        }
        return pack(negative, (whole.length() + 3) / 4 - 1, digits);
    }

    private static short fourDigits(String text, int from) {
        int value = 0;
        for (int i = from; i < from + 4; i++) {
            int digit = text.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                throw new IllegalArgumentException("not a numeric");
            }
            value = value * 10 + digit;
        }
        return (short) value;
    }

    private static byte[] pack(boolean negative, int weight, short[] digits) {
        int from = 0;
        int to = digits.length;
        while (from < to && digits[from] == 0) {
            from++;
        }
        while (to > from && digits[to - 1] == 0) {
            to--;
        }
        if (from == to) {
            return new byte[] {ZERO};
        }
        ByteBuffer out = ByteBuffer.allocate(5 + 2 * (to - from));
        out.put(negative ? NEGATIVE : POSITIVE).putInt(weight - from);
        for (short digit : Arrays.copyOfRange(digits, from, to)) {
            out.putShort(digit);
        }
        return out.array();
    }
}
