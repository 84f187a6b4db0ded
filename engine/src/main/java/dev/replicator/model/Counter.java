package dev.replicator.model;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Exact arithmetic on the values of counter columns: {@code smallint, integer, bigint, numeric}, in text or binary form.
 *
 * <p>Source for the binary form of numeric: PostgreSQL's {@code numeric.c}, numeric_send.
 */
final class Counter {
    private static final BigInteger BASE = BigInteger.valueOf(10_000);

    private Counter() {}

    /** Throws {@link ArithmeticException} for NaN and the infinities, which cannot be counted with. */
    static BigDecimal value(Row row, int column) {
        int start = row.start(column);
        int length = row.length(column);
        if (row.kind(column) != Row.BINARY) {
            String text = new String(row.bytes(), start, length, StandardCharsets.US_ASCII);
            if (text.endsWith("NaN") || text.endsWith("Infinity")) {
                throw new ArithmeticException(text + " cannot be counted with");
            }
            return new BigDecimal(text);
        }
        ByteBuffer in = ByteBuffer.wrap(row.bytes(), start, length);
        return switch (row.relation().columns().get(column).type()) {
            case "int2" -> BigDecimal.valueOf(in.getShort());
            case "int4" -> BigDecimal.valueOf(in.getInt());
            case "int8" -> BigDecimal.valueOf(in.getLong());
            default -> numeric(in);
        };
    }

    private static BigDecimal numeric(ByteBuffer in) {
        int digits = in.getShort() & 0xFFFF;
        int weight = in.getShort();
        int sign = in.getShort() & 0xFFFF;
        int scale = in.getShort() & 0xFFFF;
        if (sign != 0 && sign != 0x4000) {
            throw new ArithmeticException("NaN and infinity cannot be counted with");
        }
        BigInteger unscaled = BigInteger.ZERO;
        for (int i = 0; i < digits; i++) {
            unscaled = unscaled.multiply(BASE).add(BigInteger.valueOf(in.getShort()));
        }
        BigDecimal value = new BigDecimal(unscaled).movePointRight(4 * (weight + 1 - digits));
        return (sign == 0 ? value : value.negate()).setScale(scale, java.math.RoundingMode.UNNECESSARY);
    }
}
