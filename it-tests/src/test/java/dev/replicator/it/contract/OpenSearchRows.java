package dev.replicator.it.contract;

import com.fasterxml.jackson.databind.JsonNode;
import dev.replicator.model.TableName;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Documents on an OpenSearch node. It has one space of names, so that each test begins by emptying it.
 */
record OpenSearchRows(OpenSearchServer server) implements ContractServer {
    @Override
    public Place fresh() {
        server.empty();
        return new Place(server.url(), null, null);
    }

    @Override
    public List<String> options() {
        return List.of("create_indices: true");
    }

    @Override
    public boolean batchesAreAtomic() {
        return false;
    }

    @Override
    public boolean takesWholeRowsOnly() {
        return true;
    }

    @Override
    public List<Map<String, @Nullable String>> rows(Place place, TableName table, List<String> columns) {
        String index = URLEncoder.encode(index(table.name()), StandardCharsets.UTF_8);
        server.ask("POST", "/" + index + "/_refresh", "");
        JsonNode found = server.ask("GET", "/" + index + "/_search?size=10000", "");
        List<Map<String, @Nullable String>> rows = new ArrayList<>();
        for (JsonNode hit : found.path("hits").path("hits")) {
            rows.add(row(hit.path("_source")));
        }
        return rows;
    }

    static String index(String table) {
        StringBuilder name = new StringBuilder();
        for (byte each : table.getBytes(StandardCharsets.UTF_8)) {
            boolean plain = each >= 'a' && each <= 'z' || each >= '0' && each <= '9' || each == '_';
            name.append(
                    plain ? String.valueOf((char) each) : "~" + HexFormat.of().toHexDigits(each));
        }
        return name.toString();
    }

    private static JsonNode exact(String text) {
        try {
            return OpenSearchServer.exact(text.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Map<String, @Nullable String> row(JsonNode source) {
        Map<String, @Nullable String> row = new LinkedHashMap<>();
        source.properties().forEach(field -> {
            JsonNode value = field.getValue();
            row.put(field.getKey(), value.isNull() ? null : value.isTextual() ? value.asText() : value.toString());
        });
        return row;
    }

    @Override
    public String expected(String type, String text) {
        return switch (type.replaceFirst("\\(.*", "")) {
            case "bool" -> text.equals("t") ? "true" : "false";
            case "float4", "float8" -> number(text);
            // Without a precision it is a keyword.
            case "numeric" -> type.equals("numeric") ? text : number(text);
            case "json", "jsonb" ->
                String.valueOf(row(exact("{\"v\":" + text + "}")).get("v"));
            case "bytea" -> Base64.getEncoder().encodeToString(HexFormat.of().parseHex(text.substring(2)));
            case "date", "timestamp", "timestamptz" -> time(text);
            case "_int4" ->
                text.replaceFirst("^.*=", "")
                        .replace('{', '[')
                        .replace('}', ']')
                        .replace("NULL", "null");
            case "_text" -> "[\"a b\",\"NULL\",null,\"c\\\"d\\\\e\",\"\"]";
            default -> text;
        };
    }

    private static String number(String text) {
        return text.matches("NaN|-?Infinity")
                ? REFUSED
                : String.valueOf(row(exact("{\"v\":" + text + "}")).get("v"));
    }

    private static String time(String text) {
        return switch (text) {
            case "infinity", "-infinity" -> REFUSED;
            case "4713-01-01 BC" -> "-4712-01-01";
            case "5874897-12-31" -> "+5874897-12-31";
            case "294276-12-31 23:59:59.999999" -> "+294276-12-31T23:59:59.999999";
            case "4713-01-02 00:00:00+00 BC" -> "-4712-01-02T00:00:00Z";
            default -> text.replace(' ', 'T').replace("+00", "Z");
        };
    }

    @Override
    public Map.Entry<String, String> poison() {
        return Map.entry("float8", "NaN");
    }

    @Override
    public boolean kill() {
        server.kill();
        return true;
    }

    @Override
    public void restart() {
        server.restart();
    }

    /** The server is the test's. */
    @Override
    public void close() {}
}
