package dev.replicator.codec;

import java.math.BigDecimal;

/**
 * PostgreSQL's text form of a floating-point number: its shortest digits, with an exponent of two digits where that is
 * below -4 or at least 6 (float4) or 15 (float8). Any thread. Source: PostgreSQL's {@code d2s.c}, {@code f2s.c}.
 */
public final class FloatText {
    private FloatText() {}

    /** {@code single}: the number is a float4. */
    public static String of(double number, boolean single) {
        if (Double.isNaN(number) || Double.isInfinite(number)) {
            return String.valueOf(number);
        }
        String sign = Double.doubleToRawLongBits(number) < 0 ? "-" : "";
        if (number == 0) {
            return sign + "0";
        }
        BigDecimal value = new BigDecimal(Double.toString(Math.abs(number))).stripTrailingZeros();
        int exponent = value.precision() - value.scale() - 1;
        if (exponent >= -4 && exponent < (single ? 6 : 15)) {
            return sign + value.toPlainString();
        }
        String digits = value.unscaledValue().toString();
        String fraction = digits.length() == 1 ? "" : "." + digits.substring(1);
        int size = Math.abs(exponent);
        return sign + digits.charAt(0) + fraction + "e" + (exponent < 0 ? "-" : "+") + (size < 10 ? "0" : "") + size;
    }
}
