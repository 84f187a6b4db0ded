package dev.replicator.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.replicator.codec.KeyCodec;
import dev.replicator.model.Operation;
import dev.replicator.model.Row;
import dev.replicator.postgres.TestDatabase.TestTable;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Values of every type arrive as they were, as text and as binary, in single rows and in bulk. */
final class ValuesTest {
    /** By type: values as SQL text, separated by broken bars. */
    private static final Map<String, String> TYPES = new LinkedHashMap<>();

    static {
        TYPES.put("bool", "t¦f");
        TYPES.put("int2", "-32768¦32767¦0");
        TYPES.put("int4", "-2147483648¦2147483647¦0");
        TYPES.put("int8", "-9223372036854775808¦9223372036854775807¦0");
        TYPES.put("float4", "NaN¦Infinity¦-Infinity¦1e-45¦3.4028235e+38¦-0¦0.1");
        TYPES.put("float8", "NaN¦Infinity¦-Infinity¦5e-324¦1.7976931348623157e+308¦-0¦0.1");
        TYPES.put("numeric", "NaN¦0¦-0.000¦1.0¦1.00¦1e-1000¦1e1000¦-123456789.987654321");
        TYPES.put("numeric(10,2)", "12345678.90¦-0.01");
        TYPES.put("money", "-92233720368547758.08¦92233720368547758.07");
        TYPES.put("text", "¦a¦tab\tnewline\nbackslash\\ quote' \"{},()¦NULL¦ünïcödé 🎭");
        TYPES.put("varchar(10)", "0123456789¦¦ä");
        TYPES.put("char(5)", "ab¦abcde¦");
        TYPES.put("\"char\"", "a¦");
        TYPES.put("name", "some name");
        TYPES.put("bytea", "\\x¦\\x00ff¦" + allBytes());
        TYPES.put("date", "infinity¦-infinity¦4713-01-01 BC¦5874897-12-31¦2000-01-01");
        TYPES.put("time", "00:00:00¦24:00:00¦12:34:56.789012");
        TYPES.put("timetz", "00:00:00+15:59¦24:00:00-15:59");
        TYPES.put("timestamp", "infinity¦-infinity¦4713-01-01 00:00:00 BC¦294276-12-31 23:59:59.999999");
        TYPES.put("timestamptz", "infinity¦-infinity¦4713-01-02 00:00:00+00 BC¦294276-12-31 23:59:59.999999+00");
        TYPES.put("interval", "1 year 2 mons -3 days 04:05:06.789¦178000000 years¦-00:00:00.000001");
        TYPES.put("uuid", "00000000-0000-0000-0000-000000000000¦ffffffff-ffff-ffff-ffff-ffffffffffff");
        TYPES.put("json", "{\"a\":  [1, null, \"x\\u00e9\"]}¦null¦\"\"");
        TYPES.put("jsonb", "{\"a\": [1, 1.00, null, \"x\"]}¦null¦\"\"");
        TYPES.put("jsonpath", "$.\"a\"[*]?(@.\"b\" > 1)");
        TYPES.put("xml", "<a b=\"c\">d</a>¦text only");
        TYPES.put("inet", "::1¦192.168.0.1/24¦255.255.255.255");
        TYPES.put("cidr", "10.0.0.0/8¦2001:db8::/32");
        TYPES.put("macaddr", "08:00:2b:01:02:03");
        TYPES.put("macaddr8", "08:00:2b:01:02:03:04:05");
        TYPES.put("bit(3)", "101¦000");
        TYPES.put("varbit", "¦1¦10101010101");
        TYPES.put("point", "(1,-2)¦(Infinity,NaN)");
        TYPES.put("line", "{1,2,3}");
        TYPES.put("lseg", "[(0,0),(1,1)]");
        TYPES.put("box", "(1,1),(0,0)");
        TYPES.put("path", "((0,0),(1,1))¦[(0,0),(1,1)]");
        TYPES.put("polygon", "((0,0),(1,1),(2,0))");
        TYPES.put("circle", "<(0,0),5>");
        TYPES.put("tsvector", "'a':1A 'fat':2,4B 'it''s':3");
        TYPES.put("tsquery", "'a' & !( 'b' | 'c':*A )");
        TYPES.put("pg_lsn", "0/0¦FFFFFFFF/FFFFFFFF");
        TYPES.put("oid", "0¦4294967295");
        TYPES.put("xid8", "18446744073709551615");
        TYPES.put("txid_snapshot", "10:20:10,14,15");
        TYPES.put("int4range", "empty¦[1,10)¦(,5)¦(,)");
        TYPES.put("int8range", "[1,9223372036854775807)");
        TYPES.put("numrange", "[1.0,2.00]");
        TYPES.put("tsrange", "[\"2000-01-01 00:00:00\",infinity)");
        TYPES.put("tstzrange", "(,\"2000-01-01 00:00:00+00\")");
        TYPES.put("daterange", "[2000-01-01,2000-02-01)");
        TYPES.put("int4multirange", "{}¦{[1,3),[5,7)}");
        TYPES.put("tstzmultirange", "{(,\"2000-01-01 00:00:00+00\")}");
        TYPES.put("int4[]", "{}¦{1,NULL,-2147483648}¦{{1,2},{3,4}}¦[0:1]={1,2}");
        TYPES.put("text[]", "{}¦{\"\",\"NULL\",NULL,\"a,b\",\"q\\\"\\\\\",\"{}\"}");
        TYPES.put("numeric[]", "{1.0,1.00,NaN}");
        TYPES.put("bytea[]", "{\"\\\\x00ff\",NULL}");
        TYPES.put("timestamptz[]", "{infinity,\"2000-01-01 00:00:00+00\"}");
        TYPES.put("jsonb[]", "{\"{\\\"a\\\": 1}\"}");
        TYPES.put("int4range[]", "{\"[1,2)\",empty}");
        TYPES.put("int2vector", "1 2 3");
        TYPES.put("oidvector", "1 2 3");
    }

    /** These have no binary form that every server takes for the same, or are user-defined. */
    private static final Map<String, String> TEXT_ONLY = new LinkedHashMap<>();

    static {
        TEXT_ONLY.put("regclass", "pg_class¦-¦4294967295");
        TEXT_ONLY.put("public.cast_from_text", "one¦two");
        TEXT_ONLY.put("public.\"Mood\"", "so-so¦it's \"fine\"");
        TEXT_ONLY.put("public.\"Mood\"[]", "{so-so,NULL,\"it's \\\"fine\\\"\"}");
        TEXT_ONLY.put("public.pair", "(1,\"a \"\"b\"\", c\")¦(,)");
        TEXT_ONLY.put("public.pair[]", "{\"(1,\\\"a, b\\\")\",NULL}");
        TEXT_ONLY.put("public.short", "abc");
        TEXT_ONLY.put("public.short[]", "{abc,NULL}");
        TEXT_ONLY.put("public.shorter", "ab");
        TEXT_ONLY.put("public.numbers", "{1,2}");
        TEXT_ONLY.put("public.floats", "[1.5,Infinity)");
    }

    private static final String USER_TYPES = "CREATE TYPE \"Mood\" AS ENUM ('so-so', 'it''s \"fine\"');"
            + "CREATE TYPE pair AS (a int, b text); CREATE DOMAIN short AS varchar(3);"
            + "CREATE DOMAIN shorter AS short CHECK (length(VALUE) < 3); CREATE DOMAIN numbers AS int[];"
            + "CREATE TYPE floats AS RANGE (subtype = float8); CREATE TYPE cast_from_text AS ENUM ('one', 'two');"
            + "CREATE FUNCTION always_one(text) RETURNS cast_from_text LANGUAGE sql AS $$ SELECT 'one'::cast_from_text $$;"
            + "CREATE CAST (text AS cast_from_text) WITH FUNCTION always_one(text);";

    private static String allBytes() {
        StringBuilder hex = new StringBuilder("\\x");
        for (int i = 0; i < 256; i++) {
            hex.append(HexFormat.of().toHexDigits((byte) i));
        }
        return hex.toString();
    }

    @ParameterizedTest
    @CsvSource({"14, false", "14, true", "18, false", "18, true"})
    void valuesOfEveryTypeArriveAsTheyWere(int version, boolean binary) {
        Map<String, String> types = new LinkedHashMap<>(TYPES);
        if (!binary) {
            types.putAll(TEXT_ONLY);
        }
        StringBuilder ddl = new StringBuilder(USER_TYPES);
        List<String> names = new ArrayList<>(types.keySet());
        for (int i = 0; i < names.size(); i++) {
            String columns = "(id int PRIMARY KEY, v " + names.get(i) + ");";
            ddl.append("CREATE TABLE source").append(i).append(columns);
            ddl.append("CREATE TABLE target").append(i).append(columns);
            int id = 0;
            String[] values = types.get(names.get(i)).split("¦", -1);
            // Enough rows for the bulk statement: all values, NULL, and all again.
            for (int round = 0; round < 4; round++) {
                for (String value : values) {
                    ddl.append("INSERT INTO source")
                            .append(i)
                            .append(" VALUES (")
                            .append(++id)
                            .append(", '");
                    ddl.append(value.replace("'", "''")).append("');");
                }
                ddl.append("INSERT INTO source")
                        .append(i)
                        .append(" VALUES (")
                        .append(++id)
                        .append(", NULL);");
            }
        }
        TestDatabase database = TestDatabase.create(version, ddl.toString());
        List<List<Row>> rows = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            TestTable table =
                    database.table("target" + i, "id", "int4", "v", names.get(i).replaceAll("\\(.*\\)", ""));
            rows.add(rows(database, table, i, names.get(i), binary));
        }
        try (PostgresTarget target = database.openMaster()) {
            target.start();
            long batch = 0;
            for (List<Row> table : rows) {
                List<Operation> upserts = new ArrayList<>();
                List<Operation> updates = new ArrayList<>();
                KeyCodec codec = new KeyCodec(table.get(0).table());
                for (Row row : table) {
                    upserts.add(Operation.upsert(codec.keyOf(row), row, Operation.UNGUARDED));
                    updates.add(Operation.update(codec.keyOf(row), row, Operation.UNGUARDED));
                }
                target.write(TestDatabase.batch(++batch, upserts.get(0)));
                target.write(TestDatabase.batch(++batch, upserts.toArray(new Operation[0])));
                target.write(TestDatabase.batch(++batch, updates.get(1)));
                target.write(TestDatabase.batch(++batch, updates.toArray(new Operation[0])));
            }
        }
        List<String> wrong = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            String differing = database.value("SELECT count(*) FROM source" + i + " s FULL JOIN target" + i
                    + " t USING (id) WHERE s.v::text IS DISTINCT FROM t.v::text OR s.id IS DISTINCT FROM t.id");
            if (!"0".equals(differing)) {
                wrong.add(names.get(i) + ": " + differing);
            }
        }
        assertThat(wrong).isEmpty();
    }

    /** All rows of a source table, with the values in the form in which a stream would bring them. */
    private static List<Row> rows(TestDatabase database, TestTable table, int number, String type, boolean binary) {
        String send = binary
                ? database.value("SELECT typsend::text FROM pg_type WHERE oid = '"
                        + type.replaceAll("\\(.*\\)", "").replace("'", "''") + "'::regtype")
                : null;
        String value = binary ? "encode(" + send + "(v), 'hex')" : "v::text";
        List<String> values = database.values("SELECT " + value + " FROM source" + number + " ORDER BY id");
        List<Row> rows = new ArrayList<>();
        for (int i = 0; i < values.size(); i++) {
            Row.Builder row = new Row.Builder(table.relation());
            if (binary) {
                row.binary(new byte[] {0, 0, (byte) ((i + 1) >>> 8), (byte) (i + 1)});
            } else {
                row.text(Integer.toString(i + 1));
            }
            if (values.get(i) == null) {
                row.nil();
            } else if (binary) {
                row.binary(HexFormat.of().parseHex(values.get(i)));
            } else {
                row.text(values.get(i));
            }
            rows.add(row.build());
        }
        return rows;
    }
}
