package dev.replicator.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.replicator.embedded.PostgresServer;
import dev.replicator.model.Column;
import dev.replicator.model.Relation;
import dev.replicator.model.Row;
import dev.replicator.model.Table;
import dev.replicator.model.TableName;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A real server is the oracle. */
class TypedValueTest {
    private static final PostgresServer SERVER =
            PostgresServer.builder().version(18).start();

    private static Connection connection;

    @BeforeAll
    static void connect() throws SQLException {
        connection = SERVER.connect("postgres");
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET TimeZone = 'UTC'");
        }
    }

    @AfterAll
    static void stop() throws SQLException {
        connection.close();
        SERVER.close();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "int2|int2send|-32768;0;32767",
                "int4|int4send|-2147483648;0;2147483647",
                "int8|int8send|-9223372036854775808;0;9223372036854775807",
                "oid|oidsend|0;4294967295",
                "float4|float4send|0.1;-0;1e-45;3.4028235e38;NaN;Infinity",
                "float8|float8send|0.1;-0;5e-324;1.7976931348623157e308;NaN;-Infinity",
                "numeric|numeric_send|0;0.00;1.10;-0.000123;123456789.987654321;10000;1e20;1e-20;NaN;Infinity;-Infinity",
                "bool|boolsend|t;f",
                "date|date_send|2000-01-01;1969-12-31;0044-03-15 BC;0001-02-29 BC;20000-01-01;infinity;-infinity",
                "timestamp|timestamp_send|2026-11-24 01:02:03.000004;1969-12-31 23:59:59.999999;0044-03-15 12:00:00 BC;infinity",
                "timestamptz|timestamptz_send|2026-11-24 01:02:03.4+05:30;1999-12-31 23:59:59.999999+00;-infinity",
                "bytea|byteasend|\\x;\\x00ff10",
                "text|textsend|;tab\tand \"quotes\";ünïcödé",
                "varchar|varcharsend|abc",
                "uuid|uuid_send|ffffffff-0000-1111-2222-333333333333",
                "jsonb|jsonb_send|{\"a\": [1, 1.00, null]}",
                "_int4|array_send|{};{1,-2,NULL}",
                "_text|array_send|{a,\"b,c\",\"quote \\\" and \\\\ back\",NULL,\"NULL\",\"\"}",
                "_timestamptz|array_send|{2026-11-24 01:02:03+00,infinity}",
                "_numeric|array_send|{1.50,NaN}",
            })
    void textAndBinaryAreOneValueAndItGoesBack(String type, String send, String values) throws SQLException {
        for (String literal : values.split(";", -1)) {
            String sql = "SELECT v::text, " + send + "(v), ?::text::" + type
                    + " IS NOT DISTINCT FROM v FROM (SELECT ?::text::" + type + " AS v) AS x";
            Object value = TypedValue.ofText(type, text(type, literal));
            try (PreparedStatement select = connection.prepareStatement(sql)) {
                select.setString(1, TypedValue.toText(value));
                select.setString(2, literal);
                try (ResultSet row = select.executeQuery()) {
                    row.next();
                    assertThat(Objects.deepEquals(value, TypedValue.of(type, binary(type, row.getBytes(2)), 0)))
                            .as("%s %s: text %s, binary %s", type, literal, value, Arrays.toString(row.getBytes(2)))
                            .isTrue();
                    assertThat(row.getBoolean(3))
                            .as("%s %s goes back as %s", type, literal, TypedValue.toText(value))
                            .isTrue();
                }
            }
        }
    }

    private static String text(String type, String literal) throws SQLException {
        String sql = type.equals("bool")
                ? "SELECT CASE ?::bool WHEN true THEN 't' ELSE 'f' END"
                : "SELECT ?::" + type + "::text";
        try (PreparedStatement select = connection.prepareStatement(sql)) {
            select.setString(1, literal);
            try (ResultSet row = select.executeQuery()) {
                row.next();
                return row.getString(1);
            }
        }
    }

    private static Row binary(String type, byte[] bytes) {
        Table table = new Table(1, new TableName("public", "t"), List.of("v"), List.of(type));
        Relation relation = new Relation(table, List.of(new Column("v", 0, type, -1)));
        return new Row.Builder(relation).binary(bytes).build();
    }

    @Test
    void valuesAreOfTheClassesThatHandlersAreTold() {
        assertThat(TypedValue.ofText("int2", "7")).isEqualTo(7L);
        assertThat(TypedValue.ofText("numeric", "1.10")).isEqualTo(new BigDecimal("1.10"));
        assertThat(TypedValue.ofText("timestamptz", "2026-01-02 03:04:05.000006+00"))
                .isEqualTo(Instant.parse("2026-01-02T03:04:05.000006Z"));
        assertThat(TypedValue.ofText("timestamp", "infinity")).isEqualTo(LocalDateTime.MAX);
        assertThat(TypedValue.ofText("date", "-infinity")).isEqualTo(LocalDate.MIN);
        assertThat(TypedValue.ofText("inet", "10.0.0.1")).isEqualTo("10.0.0.1");
        assertThat(TypedValue.ofText("_bool", "{t,f,NULL}")).isEqualTo(Arrays.asList(true, false, null));
    }

    @Test
    void whatIsMalformedIsRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> TypedValue.ofText("bool", "yes"));
        assertThatIllegalArgumentException().isThrownBy(() -> TypedValue.ofText("_int4", "{{1}}"));
        assertThatIllegalArgumentException().isThrownBy(() -> TypedValue.of("int4", binary("int4", new byte[3]), 0));
        assertThatIllegalArgumentException().isThrownBy(() -> TypedValue.of("inet", binary("inet", new byte[8]), 0));
        assertThat(TypedValue.readsBinary("inet")).isFalse();
        assertThat(TypedValue.readsBinary("_numeric")).isTrue();
    }
}
