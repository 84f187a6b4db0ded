package dev.replicator.it.contract;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Every type of the type map, with its extremes, in PostgreSQL's text form. */
final class TypeMap {
    static final Map<String, List<String>> SAMPLES = new LinkedHashMap<>();

    static {
        SAMPLES.put("bool", List.of("t", "f"));
        SAMPLES.put("int2", List.of("-32768", "32767", "0"));
        SAMPLES.put("int4", List.of("-2147483648", "2147483647"));
        SAMPLES.put("int8", List.of("-9223372036854775808", "9223372036854775807"));
        SAMPLES.put("oid", List.of("0", "4294967295"));
        SAMPLES.put("float4", List.of("0.1", "-1.5", "3.4028235e+38", "NaN", "Infinity", "-Infinity"));
        SAMPLES.put("float8", List.of("0.1", "1.7976931348623157e+308", "5e-324", "NaN", "-Infinity"));
        SAMPLES.put("numeric", List.of("1.00", "-0.000001", "9".repeat(40) + "." + "7".repeat(40), "NaN", "Infinity"));
        SAMPLES.put("numeric(10;2)", List.of("99999999.99", "-99999999.99", "0.00", "NaN"));
        SAMPLES.put(
                "text",
                List.of(
                        "",
                        "tab\tnewline\nreturn\rbackslash\\ 'quote' \"double\" `tick` ünï 𝄞🎭",
                        "x".repeat(20_000)));
        SAMPLES.put("varchar(20)", List.of("ab ", "ü".repeat(20), ""));
        SAMPLES.put("bpchar(5)", List.of("ab   ", "abcde"));
        SAMPLES.put("bytea", List.of("\\x", "\\x00ff5c270a", "\\x" + "00".repeat(5_000)));
        SAMPLES.put("uuid", List.of("00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"));
        SAMPLES.put("json", List.of("{\"a\":  [1, 1.00, null, \"x\\u00e9 \\\\ \\u0000\"]}", "null"));
        SAMPLES.put("jsonb", List.of("{\"a\": [1, 1.00, null, \"é \\\\ \\t\"]}", "[]"));
        SAMPLES.put(
                "date",
                List.of("2000-02-29", "0001-01-01", "9999-12-31", "4713-01-01 BC", "5874897-12-31", "infinity"));
        SAMPLES.put("time", List.of("00:00:00", "12:34:56.789012", "24:00:00"));
        SAMPLES.put("timetz", List.of("00:00:00+15:59", "12:34:56.789012-05:30"));
        SAMPLES.put(
                "timestamp",
                List.of(
                        "2026-11-25 01:02:03.000004",
                        "9999-12-31 23:59:59.999999",
                        "294276-12-31 23:59:59.999999",
                        "-infinity"));
        SAMPLES.put(
                "timestamptz",
                List.of(
                        "2026-11-25 01:02:03.000004+00",
                        "1969-12-31 23:59:59.5+00",
                        "4713-01-02 00:00:00+00 BC",
                        "infinity"));
        SAMPLES.put("interval", List.of("10 mons 3 days -04:05:06.789", "00:00:00"));
        SAMPLES.put("enum", List.of("sad", "it's \"ok\""));
        SAMPLES.put("_int4", List.of("{}", "{1,NULL,-3}", "[0:1]={1,2}", "{{1,2},{3,4}}"));
        SAMPLES.put("_text", List.of("{\"a b\",\"NULL\",NULL,\"c\\\"d\\\\e\",\"\"}"));
        SAMPLES.put("money", List.of("-$92,233,720,368,547,758.08"));
        SAMPLES.put("inet", List.of("192.168.0.1/24", "2001:db8::1"));
        SAMPLES.put("varbit", List.of("1010"));
        SAMPLES.put("int4range", List.of("[1,10)", "empty"));
        SAMPLES.put("point", List.of("(1.5,-2)"));
        SAMPLES.put("public.complex", List.of("(1,\"a b\")"));
    }

    private TypeMap() {}
}
