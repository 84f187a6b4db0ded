package dev.replicator.handlers.expression;

import java.math.BigDecimal;
import java.math.MathContext;

/**
 * An exact number in an expression. No {@code Number}, because the language compares those as doubles; without zeros at the
 * end, so that what is equal by value is equal.
 */
record Decimal(BigDecimal value) implements Comparable<Decimal> {
    Decimal {
        value = value.stripTrailingZeros();
    }

    static Decimal of(String text) {
        return new Decimal(new BigDecimal(text));
    }

    Decimal plus(Decimal other) {
        return new Decimal(value.add(other.value));
    }

    Decimal minus(Decimal other) {
        return new Decimal(value.subtract(other.value));
    }

    Decimal times(Decimal other) {
        return new Decimal(value.multiply(other.value));
    }

    /** To 34 digits. */
    Decimal by(Decimal other) {
        return new Decimal(value.divide(other.value, MathContext.DECIMAL128));
    }

    @Override
    public int compareTo(Decimal other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value.toPlainString();
    }
}
