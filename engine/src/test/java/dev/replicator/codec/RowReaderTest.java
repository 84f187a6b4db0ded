package dev.replicator.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.replicator.model.Column;
import dev.replicator.model.Relation;
import dev.replicator.model.Row;
import dev.replicator.model.Table;
import dev.replicator.model.TableName;
import dev.replicator.model.TableSchema;
import dev.replicator.model.TableSchema.SourceColumn;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RowReaderTest {
    private static final Table TABLE = new Table(0, new TableName("public", "t"), List.of("v"), List.of("text"));

    private static Relation relation(String type, int typmod) {
        return new Relation(TABLE, List.of(new Column("v", 0, type, typmod)));
    }

    private static @Nullable Object value(String type, String text) {
        Relation relation = relation(type, -1);
        return RowReader.of(relation, null)
                .value(new Row.Builder(relation).text(text).build(), 0);
    }

    @Test
    void everyTypeOfTheMapHasItsJavaClass() {
        assertThat(value("bool", "t")).isEqualTo(true);
        assertThat(value("int2", "-32768")).isEqualTo(-32768L);
        assertThat(value("int4", "2147483647")).isEqualTo(2147483647L);
        assertThat(value("int8", "-9223372036854775808")).isEqualTo(Long.MIN_VALUE);
        assertThat(value("oid", "4294967295")).isEqualTo(4294967295L);
        assertThat(value("float4", "0.1")).isEqualTo(0.1);
        assertThat(value("float8", "-Infinity")).isEqualTo(Double.NEGATIVE_INFINITY);
        assertThat(value("numeric", "10.00")).isEqualTo(new BigDecimal("10.00"));
        assertThat(value("text", "")).isEqualTo("");
        assertThat(value("\"varchar\"", "a\tb\\")).isEqualTo("a\tb\\");
        assertThat(value("bpchar", "a  ")).isEqualTo("a  ");
        assertThat(value("bytea", "\\x00ff")).isEqualTo(new byte[] {0, -1});
        assertThat(value("uuid", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"))
                .isEqualTo(UUID.fromString("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"));
        assertThat(value("json", "{\"a\" : 1}")).isEqualTo("{\"a\" : 1}");
        assertThat(value("date", "0001-02-03 BC")).isEqualTo(LocalDate.of(0, 2, 3));
        assertThat(value("time", "23:59:59.999999")).isEqualTo(LocalTime.of(23, 59, 59, 999_999_000));
        assertThat(value("time", "24:00:00")).isEqualTo("24:00:00");
        assertThat(value("timetz", "10:00:00+02")).isEqualTo("10:00:00+02");
        assertThat(value("timestamp", "2026-11-25 01:02:03.000004"))
                .isEqualTo(LocalDateTime.of(2026, 11, 25, 1, 2, 3, 4000));
        assertThat(value("timestamptz", "2026-11-25 01:02:03+00")).isEqualTo(Instant.parse("2026-11-25T01:02:03Z"));
        assertThat(value("interval", "1 mon 2 days")).isEqualTo("1 mon 2 days");
        assertThat(value("inet", "10.0.0.1/8")).isEqualTo("10.0.0.1/8");
        assertThat(value("\"char\"", "x")).isEqualTo("x");
    }

    @ParameterizedTest
    @CsvSource({
        "numeric, NaN, NAN",
        "numeric, Infinity, INFINITY",
        "numeric, -Infinity, NEGATIVE_INFINITY",
        "date, infinity, INFINITY",
        "timestamp, -infinity, NEGATIVE_INFINITY",
        "timestamptz, infinity, INFINITY"
    })
    void whatIsNoNumberAndNoMomentIsSpecial(String type, String text, SpecialValue special) {
        assertThat(value(type, text)).isEqualTo(special);
    }

    @Test
    void arraysAreListsOfAnyDepth() {
        assertThat(value("int4[]", "{1,NULL,3}")).isEqualTo(Arrays.asList(1L, null, 3L));
        assertThat(value("_text", "{\"NULL\",\"a\\\"b\",\"\",\"{x}\"}")).isEqualTo(List.of("NULL", "a\"b", "", "{x}"));
        assertThat(value("int4[]", "[0:1][1:2]={{1,2},{3,4}}")).isEqualTo(List.of(List.of(1L, 2L), List.of(3L, 4L)));
        assertThat(value("int4[]", "{}")).isEqualTo(List.of());
        assertThat(value("box[]", "{(1,1),(0,0);(2,2),(1,1)}")).isEqualTo(List.of("(1,1),(0,0)", "(2,2),(1,1)"));
        assertThat(value("numeric[]", "{NaN}")).isEqualTo(List.of(SpecialValue.NAN));
    }

    @Test
    void theCatalogTellsWhatIsBeneathADomain() {
        Relation relation = relation("public.price", -1);
        TableSchema schema = new TableSchema(
                TABLE, List.of(new SourceColumn("v", "numeric", (10 << 16 | 2) + 4, "price", false, List.of())));
        RowReader reader = RowReader.of(relation, schema);

        assertThat(reader.value(new Row.Builder(relation).text("1.50").build(), 0))
                .isEqualTo(new BigDecimal("1.50"));
        assertThat(reader.type(0).precision()).isEqualTo(10);
        assertThat(reader.type(0).scale()).isEqualTo(2);
        assertThat(RowReader.of(relation, null).type(0).type()).isEqualTo(ValueType.OTHER);
    }

    @Test
    void modifiersAreTakenApart() {
        assertThat(RowReader.of(relation("numeric", (5 << 16 | (-3 & 0x7FF)) + 4), null)
                        .type(0)
                        .scale())
                .isEqualTo(-3);
        assertThat(RowReader.of(relation("varchar", 24), null).type(0).length()).isEqualTo(20);
        assertThat(RowReader.of(relation("text", -1), null).type(0).length()).isEqualTo(-1);
    }

    @Test
    void theBinaryFormGivesTheSameValues() {
        Relation relation = relation("int8", -1);
        byte[] eight = ByteBuffer.allocate(8).putLong(42).array();
        Row row = new Row.Builder(relation).binary(eight).build();
        RowReader reader = RowReader.of(relation, null);

        assertThat(reader.value(row, 0)).isEqualTo(42L);
        assertThat(reader.text(row, 0)).isEqualTo("42");
        assertThat(reader.key(row)).isEqualTo("(v)=(42)");
    }

    @Test
    void aValueThatDoesNotReadIsNamedByItsColumn() {
        assertThatThrownBy(() -> value("int4", "secret"))
                .hasMessage("column \"v\" holds no readable int4")
                .hasMessageNotContaining("secret");
        assertThat(RowReader.of(relation("int4", -1), null)
                        .value(new Row.Builder(relation("int4", -1)).nil().build(), 0))
                .isNull();
    }
}
