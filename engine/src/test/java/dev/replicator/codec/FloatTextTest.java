package dev.replicator.codec;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** What PostgreSQL 18 prints, as it was copied from there. */
final class FloatTextTest {
    @Test
    void numbersLookAsPostgresPrintsThem() {
        assertThat(FloatText.of(0.1, false)).isEqualTo("0.1");
        assertThat(FloatText.of(-0.0, false)).isEqualTo("-0");
        assertThat(FloatText.of(100, false)).isEqualTo("100");
        assertThat(FloatText.of(1e14, false)).isEqualTo("100000000000000");
        assertThat(FloatText.of(1e15, false)).isEqualTo("1e+15");
        assertThat(FloatText.of(0.0001, false)).isEqualTo("0.0001");
        assertThat(FloatText.of(-0.00001234, false)).isEqualTo("-1.234e-05");
        assertThat(FloatText.of(1.7976931348623157e308, false)).isEqualTo("1.7976931348623157e+308");
        assertThat(FloatText.of(Double.NEGATIVE_INFINITY, false)).isEqualTo("-Infinity");
        assertThat(FloatText.of(123456, true)).isEqualTo("123456");
        assertThat(FloatText.of(1234567, true)).isEqualTo("1.234567e+06");
    }
}
