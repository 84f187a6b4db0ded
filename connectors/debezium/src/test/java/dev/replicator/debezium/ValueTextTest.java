package dev.replicator.debezium;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.junit.jupiter.api.Test;

class ValueTextTest {
    private static String text(SchemaBuilder type, String name, Object value) {
        return ValueText.of(type.name(name).build(), value);
    }

    @Test
    void timesAreSpansAndMayBeNegativeOrLongerThanADay() {
        assertThat(text(SchemaBuilder.int64(), "io.debezium.time.MicroTime", -3_020_399_000_001L))
                .isEqualTo("-838:59:59.000001");
        assertThat(text(SchemaBuilder.int64(), "io.debezium.time.MicroTime", 0L))
                .isEqualTo("00:00:00");
    }

    @Test
    void moments() {
        assertThat(text(SchemaBuilder.int32(), "io.debezium.time.Date", -1)).isEqualTo("1969-12-31");
        assertThat(text(SchemaBuilder.int64(), "io.debezium.time.MicroTimestamp", -1L))
                .isEqualTo("1969-12-31 23:59:59.999999");
        assertThat(text(SchemaBuilder.int64(), "io.debezium.time.Timestamp", 1500L))
                .isEqualTo("1970-01-01 00:00:01.5");
        assertThat(text(SchemaBuilder.string(), "io.debezium.time.ZonedTimestamp", "2020-01-01T01:00:00.25+01:00"))
                .isEqualTo("2020-01-01 00:00:00.25+00");
    }

    @Test
    void bitsComeWithTheLowestByteFirst() {
        Schema bits = SchemaBuilder.bytes()
                .name("io.debezium.data.Bits")
                .parameter("length", "12")
                .build();

        assertThat(ValueText.of(bits, new byte[] {(byte) 0x01, 0x08})).isEqualTo("100000000001");
    }

    @Test
    void numbersReadAsPostgresWritesThem() {
        assertThat(ValueText.of(Schema.FLOAT32_SCHEMA, 0.1f)).isEqualTo("0.1");
        assertThat(ValueText.of(Schema.FLOAT64_SCHEMA, 1e300)).isEqualTo("1e+300");
        assertThat(ValueText.of(Schema.BOOLEAN_SCHEMA, true)).isEqualTo("t");
        assertThat(ValueText.of(Schema.BYTES_SCHEMA, new byte[] {0, (byte) 0xff}))
                .isEqualTo("\\x00ff");
    }
}
