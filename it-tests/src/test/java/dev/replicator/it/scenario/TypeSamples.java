package dev.replicator.it.scenario;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Values of every built-in type of the oldest supported server, as text that its input function takes. */
final class TypeSamples {
    /** Types that exist and take no values: their input functions refuse every text. */
    static final Set<String> WITHOUT_INPUT = Set.of(
            "pg_node_tree",
            "pg_ndistinct",
            "pg_dependencies",
            "pg_mcv_list",
            "pg_brin_bloom_summary",
            "pg_brin_minmax_multi_summary",
            "gtsvector");

    private static final String ODD_TEXT =
            "tab\tnewline\nreturn\rbackslash\\ quote' \"{},();: NULL \\N \\. ünïcödé 𝄞🎭";
    private static final Map<String, List<String>> SAMPLES = new HashMap<>();

    static {
        numbers();
        texts();
        times();
        shapes();
        networks();
        documents();
        ranges();
        identifiers();
    }

    private TypeSamples() {}

    /** Values of the type with this name in pg_type, at least one; null when there are none. */
    static List<String> of(String type) {
        return SAMPLES.getOrDefault(type, List.of());
    }

    private static void add(String type, String... values) {
        SAMPLES.put(type, List.of(values));
    }

    private static void numbers() {
        add("bool", "t", "f");
        add("int2", "-32768", "32767", "0");
        add("int4", "-2147483648", "2147483647", "0");
        add("int8", "-9223372036854775808", "9223372036854775807", "0");
        add("float4", "NaN", "Infinity", "-Infinity", "-0", "1e-45", "3.4028235e+38", "0.1");
        add("float8", "NaN", "Infinity", "-Infinity", "-0", "5e-324", "1.7976931348623157e+308", "0.1");
        add(
                "numeric",
                "NaN",
                "Infinity",
                "-Infinity",
                "-0.000",
                "1.0",
                "1.00",
                "9".repeat(1000) + "." + "7".repeat(1000),
                "0." + "0".repeat(16000) + "1",
                "1" + "0".repeat(131_000));
        add("money", "-92233720368547758.08", "92233720368547758.07", "0.01");
        add("bit", "1", "0");
        add("varbit", "", "1", "101010101010101010101010101010101");
    }

    private static void texts() {
        add("text", "", ODD_TEXT, "NULL", "\\N", "x".repeat(20_000));
        add("varchar", ODD_TEXT, "", " padded ");
        add("bpchar", "ab   ", "");
        add("char", "a", "", "\\");
        add("name", "a name of 63 bytes ........................................end", "Ünï \"quoted\" 'x'", "");
        add("bytea", "\\x", allBytes(), allBytes() + "00ff5c", "\\x5c5c27270a");
    }

    private static String allBytes() {
        StringBuilder hex = new StringBuilder("\\x");
        for (int i = 0; i < 256; i++) {
            hex.append(HexFormat.of().toHexDigits((byte) i));
        }
        return hex.toString();
    }

    private static void times() {
        add("date", "infinity", "-infinity", "4713-01-01 BC", "5874897-12-31", "2000-02-29");
        add("time", "00:00:00", "24:00:00", "12:34:56.789012");
        add("timetz", "00:00:00+15:59", "24:00:00-15:59", "12:34:56.789012+05:30");
        add("timestamp", "infinity", "-infinity", "4713-01-01 00:00:00 BC", "294276-12-31 23:59:59.999999");
        add("timestamptz", "infinity", "-infinity", "4713-01-02 00:00:00+00 BC", "294276-12-31 23:59:59.999999+00");
        add(
                "interval",
                "178000000 years",
                "-178000000 years",
                "-00:00:00.000001",
                "1 year -2 mons 3 days -04:05:06.789",
                "2000000000 days 23:59:59.999999",
                "0");
    }

    private static void shapes() {
        add("point", "(1.5,-2)", "(Infinity,NaN)", "(5e-324,-0)");
        add("line", "{1,2,3}", "{-0.5,1e300,NaN}");
        add("lseg", "[(0,0),(1,-1)]");
        add("box", "(1,1),(0,0)", "(Infinity,1),(-Infinity,0)");
        add("path", "((0,0),(1,1))", "[(0,0),(1,1),(2,0)]");
        add("polygon", "((0,0),(1,1),(2,0))");
        add("circle", "<(0,0),5>", "<(1,NaN),Infinity>");
    }

    private static void networks() {
        add("inet", "::1", "192.168.0.1/24", "255.255.255.255", "2001:db8::1/64");
        add("cidr", "10.0.0.0/8", "2001:db8::/32", "0.0.0.0/0");
        add("macaddr", "08:00:2b:01:02:03", "ff:ff:ff:ff:ff:ff");
        add("macaddr8", "08:00:2b:01:02:03:04:05");
        add("uuid", "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff");
    }

    private static void documents() {
        add("json", "{\"a\":  [1, null, \"x\\u00e9\\\\ \\t\"], \"a\": 2}", "null", "\"\"", " [ ] ");
        add("jsonb", "{\"a\": [1, 1.00, null, \"\\ud834\\udd1e \\\\ \\t\"]}", "null", "\"\"", "1e100");
        add("jsonpath", "$.\"a\"[*]?(@.\"b\" > 1)", "strict $.\"k\\\"\".keyvalue()");
        add("xml", "<a b=\"c\">d &amp; é</a>", "text only", "<?xml version=\"1.0\"?><a/>");
        add("tsvector", "'a':1A 'fat':2,4B 'it''s':3 'back\\\\slash':5", "");
        add("tsquery", "'a' & !( 'b' | 'c':*A ) <2> 'd'", "");
    }

    private static void ranges() {
        range("int4", "[1,10)", "(,5)", "[-2147483648,2147483647)");
        range("int8", "[1,9223372036854775807)", "(,)");
        range("num", "[1.0,2.00]", "(NaN,)");
        range("date", "[2000-01-01,infinity)", "(,2000-01-01)");
        range("ts", "[\"2000-01-01 00:00:00\",infinity)", "(\"4713-01-01 00:00:00 BC\",)");
        range("tstz", "(,\"2000-01-01 00:00:00+00\")", "[\"2000-01-01 00:00:00.5+00\",]");
    }

    private static void range(String subtype, String... values) {
        List<String> ranges = new ArrayList<>(List.of(values));
        ranges.add("empty");
        add(subtype + "range", ranges.toArray(String[]::new));
        add(subtype + "multirange", "{}", "{" + values[0] + "}", "{" + values[1] + "}");
    }

    private static void identifiers() {
        add("oid", "0", "4294967295");
        add("tid", "(0,1)", "(4294967295,65535)");
        add("xid", "4294967295", "3");
        add("xid8", "18446744073709551615", "3");
        add("cid", "4294967295");
        add("regproc", "pg_sleep", "-");
        add("regprocedure", "lower(text)", "-");
        add("regoper", "||/", "0");
        add("regoperator", "+(integer,integer)", "0");
        add("regclass", "pg_class", "-", "information_schema.tables");
        add("regcollation", "\"C\"", "-");
        add("regtype", "\"char\"", "timestamp with time zone[]");
        add("regrole", "postgres", "-");
        add("regnamespace", "pg_catalog", "-");
        add("regconfig", "english");
        add("regdictionary", "simple");
        add("refcursor", "a cursor", "");
        add("aclitem", "postgres=arwdDxt/postgres", "=r/postgres");
        add("pg_lsn", "0/0", "FFFFFFFF/FFFFFFFF");
        add("txid_snapshot", "10:20:10,14,15", "1:1:");
        add("pg_snapshot", "10:20:10,14,15", "1:1:");
        add("int2vector", "1 2 -3", "");
        add("oidvector", "1 2 4294967295", "");
    }
}
