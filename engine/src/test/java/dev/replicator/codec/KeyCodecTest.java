package dev.replicator.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.Key;
import dev.replicator.model.Relation;
import dev.replicator.model.Row;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class KeyCodecTest {
    @Test
    void hashesAreFrozen() {
        Relation two = Rows.keyed("int8", "text");
        assertThat(Stream.of(
                                textKey("int4", "42"),
                                textKey("text", "Verona"),
                                textKey("numeric", "-1234567.8900"),
                                textKey("timestamptz", "2024-02-29 12:34:56.5+00"),
                                keyOf(Rows.text(two, "1", "a")))
                        .map(key -> Long.toHexString(key.hash())))
                .containsExactly(
                        "a70edfe6bd0a8f7b",
                        "bf944b4df7dc2702",
                        "d231a1d8694b3de3",
                        "cb8d19a7c41ed927",
                        "5e40d01e3c71c525");
    }

    @Test
    void textAndBinaryFormsAreOneKey() {
        assertSame("bool", "t", "01");
        assertSame("bool", "f", "00");
        assertSame("int2", "-7", "fff9");
        assertSame("int4", "-2147483648", "80000000");
        assertSame("int8", "-9223372036854775808", "8000000000000000");
        assertSame("int8", "9223372036854775807", "7fffffffffffffff");
        assertSame("oid", "4294967295", "ffffffff");
        assertSame("text", "Hé", "48c3a9");
        assertSame("enum", "sad", "736164");
        assertSame("\"char\"", "a", "61");
        assertSame("\"char\"", "\\377", "ff");
        assertSame("\"char\"", "", "00");
        assertSame("uuid", "00112233-4455-6677-8899-aabbccddeeff", "00112233445566778899aabbccddeeff");
        assertSame("bytea", "\\x00ff10", "00ff10");
        assertSame("bytea", "\\x", "");
        assertSame("float4", "1.1", "3f8ccccd");
        assertSame("float4", "NaN", "7fc00000");
        assertSame("float8", "-0", "0000000000000000");
        assertSame("float8", "-Infinity", "fff0000000000000");
        assertSame("float8", "1e-300", "01a56e1fc2f8f359");
    }

    @Test
    void numericsAreComparedByValue() {
        assertSame("numeric", "1.00", "0001000000000001" + "0001");
        assertSame("numeric", "1.0", "0002000000000002" + "0001" + "0000");
        assertSame("numeric", "-12345.678", "0003000140000003" + "0001" + "0929" + "1a7c");
        assertSame("numeric", "0.00001", "0001fffe00000005" + "03e8");
        assertSame("numeric", "0.00", "0000000000000002");
        assertSame("numeric", "NaN", "00000000c0000000");
        assertSame("numeric", "Infinity", "00000000d0000000");
        assertSame("numeric", "-Infinity", "00000000f0000000");
        assertThat(textKey("numeric", "10")).isNotEqualTo(textKey("numeric", "100000"));
        assertThat(textKey("numeric", "10000")).isEqualTo(textKey("numeric", "10000.0000"));
    }

    @Test
    void datesAndTimesAreComparedAsInstants() {
        assertSame("date", "2000-01-01", "00000000");
        assertSame("date", "infinity", "7fffffff");
        assertSame("date", "-infinity", "80000000");
        assertSame("date", "5874897-12-31", "7fda970c");
        assertSame("date", "4714-11-24 BC", "ffda97a7");
        assertSame("time", "24:00:00", "000000141dd76000");
        assertSame("time", "00:00:00.000001", "0000000000000001");
        assertSame("timestamp", "1999-12-31 23:59:59.999999", "ffffffffffffffff");
        assertSame("timestamp", "4714-11-24 00:00:00 BC", "fd0f7cc1411fa000");
        assertSame("timestamptz", "294276-12-31 23:59:59.5+00", "7fffff5bb3aafee0");
        assertSame("timestamp", "infinity", "7fffffffffffffff");
        assertSame("timestamptz", "2000-01-01 00:00:01+00", "00000000000f4240");
        assertThat(textKey("timestamptz", "2000-01-01 02:30:00+02:30"))
                .isEqualTo(textKey("timestamptz", "2000-01-01 00:00:00+00"));
        assertThat(textKey("timestamp", "0001-01-01 00:00:00 BC"))
                .isNotEqualTo(textKey("timestamp", "0001-01-01 00:00:00"));
    }

    @Test
    void blanksAfterCharactersOfFixedLengthMeanNothing() {
        assertThat(textKey("bpchar", "ab   ")).isEqualTo(textKey("bpchar", "ab"));
        assertThat(textKey("text", "ab   ")).isNotEqualTo(textKey("text", "ab"));
    }

    @Test
    void columnsOfAKeyDoNotRunTogether() {
        Relation two = Rows.keyed("text", "text");
        assertThat(keyOf(Rows.text(two, "ab", "c"))).isNotEqualTo(keyOf(Rows.text(two, "a", "bc")));
    }

    @Test
    void theKeyIsReadInTheKeysOrderNotTheRows() {
        Relation two = Rows.keyed("int4", "text");
        byte[] canonical = keyOf(Rows.text(two, "1", "x")).canonical();
        assertThat(HexFormat.of().formatHex(canonical)).isEqualTo("00000008" + "0000000000000001" + "00000001" + "78");
    }

    @Test
    void otherTypesAreNotCanonical() {
        assertThat(KeyCodec.isCanonical("int4")).isTrue();
        assertThat(KeyCodec.isCanonical("pg_catalog.int4")).isTrue();
        assertThat(KeyCodec.isCanonical("\"char\"")).isTrue();
        assertThat(KeyCodec.isCanonical("jsonb")).isFalse();
        assertThat(KeyCodec.isCanonical("public.citext")).isFalse();
        assertThat(KeyCodec.isCanonical("int4[]")).isFalse();
        assertThat(textKey("jsonb", "{}").canonical()).isEqualTo("{}".getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void aKeyWithNullIsRefused() {
        Relation one = Rows.keyed("int4");
        assertThatThrownBy(() -> keyOf(Rows.text(one, (String) null)))
                .isInstanceOfSatisfying(ReplicatorException.class, e -> {
                    assertThat(e.code()).isEqualTo(ErrorCode.TABLE);
                    assertThat(e.kind()).isEqualTo(ReplicatorException.Kind.FATAL);
                    assertThat(e.formatted()).contains("public.t").contains("\"k1\" is null");
                });
    }

    @Test
    void aMalformedValueIsAProtocolErrorThatDoesNotShowIt() {
        for (String type : new String[] {"int4", "uuid", "numeric", "date", "timestamptz", "bool", "bytea", "float8"}) {
            assertThatThrownBy(() -> textKey(type, "s3cret"))
                    .as(type)
                    .isInstanceOfSatisfying(ReplicatorException.class, e -> {
                        assertThat(e.code()).isEqualTo(ErrorCode.PROTOCOL);
                        assertThat(e.formatted()).doesNotContain("s3cret");
                    });
        }
    }

    private static void assertSame(String type, String text, String hex) {
        Relation relation = Rows.keyed(type);
        Key binary = keyOf(Rows.binary(relation, HexFormat.of().parseHex(hex)));
        assertThat(textKey(type, text)).as(type + " " + text).isEqualTo(binary);
        assertThat(textKey(type, text).hash()).isEqualTo(binary.hash());
    }

    private static Key textKey(String type, @Nullable String value) {
        return keyOf(Rows.text(Rows.keyed(type), value));
    }

    private static Key keyOf(Row row) {
        return new KeyCodec(row.table()).keyOf(row);
    }

    @Test
    void integersOfEveryWidthAreOneKey() {
        byte[] four = ByteBuffer.allocate(4).putInt(5).array();
        Relation relation = Rows.keyed("int8");
        assertThat(keyOf(Rows.binary(relation, four))).isEqualTo(textKey("int8", "5"));
    }
}
