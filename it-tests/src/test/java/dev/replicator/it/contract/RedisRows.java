package dev.replicator.it.contract;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.replicator.model.TableName;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.StreamEntryID;
import redis.clients.jedis.resps.StreamEntry;

/**
 * Rows on a Redis server in one form.
 *
 * @param form the option
 */
record RedisRows(RedisServer server, String form) implements ContractServer {
    private static final ObjectMapper JSON = JsonMapper.builder()
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .build();

    @Override
    public Place fresh() {
        return server.fresh();
    }

    @Override
    public List<String> options() {
        return List.of("form: " + form);
    }

    @Override
    public List<Map<String, @Nullable String>> rows(Place place, TableName table, List<String> columns) {
        try (Jedis jedis = server.connect(place)) {
            String name = table.name().replace(":", "%3A");
            if (form.equals("stream")) {
                return folded(jedis.xrange(name + ":changes", (StreamEntryID) null, null));
            }
            List<Map<String, @Nullable String>> rows = new ArrayList<>();
            for (String key : new TreeSet<>(jedis.keys("*"))) {
                if (key.startsWith(name + ":")) {
                    rows.add(form.equals("hash") ? ofHash(jedis.hgetAll(key), columns) : ofJson(jedis.get(key)));
                }
            }
            return rows;
        }
    }

    private static Map<String, @Nullable String> ofHash(Map<String, String> fields, List<String> columns) {
        Map<String, @Nullable String> row = new LinkedHashMap<>();
        columns.forEach(column -> row.put(column, fields.get(column)));
        return row;
    }

    private static Map<String, @Nullable String> ofJson(String text) {
        Map<String, @Nullable String> row = new LinkedHashMap<>();
        json(text).properties().forEach(field -> {
            JsonNode value = field.getValue();
            boolean plain = value.isTextual() || value.isNull();
            row.put(field.getKey(), value.isNull() ? null : plain ? value.asText() : value.toString());
        });
        return row;
    }

    private static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new AssertionError(e);
        }
    }

    /** What the entries of a stream come to. */
    private static List<Map<String, @Nullable String>> folded(List<StreamEntry> entries) {
        Map<String, Map<String, @Nullable String>> rows = new LinkedHashMap<>();
        for (StreamEntry entry : entries) {
            Map<String, String> fields = entry.getFields();
            String key = fields.getOrDefault("key", "");
            switch (fields.get("op")) {
                case "upsert" -> rows.put(key, ofJson(fields.get("row")));
                case "update" -> overlay(rows.get(key), fields);
                case "delete" -> rows.remove(key);
                case "truncate" -> rows.clear();
                case "move" -> {
                    Map<String, @Nullable String> moved = rows.remove(fields.get("from"));
                    if (moved != null) {
                        overlay(moved, fields);
                        rows.put(key, moved);
                    }
                }
                default -> throw new AssertionError(fields.get("op"));
            }
        }
        return new ArrayList<>(rows.values());
    }

    private static void overlay(@Nullable Map<String, @Nullable String> row, Map<String, String> fields) {
        if (row == null) {
            return;
        }
        row.putAll(ofJson(fields.get("row")));
        ofJson(fields.getOrDefault("add", "{}")).forEach((column, increment) -> {
            String now = row.get(column);
            if (now != null) {
                row.put(column, String.valueOf(Long.parseLong(now) + Long.parseLong(String.valueOf(increment))));
            }
        });
    }

    @Override
    public String expected(String type, String text) {
        if (form.equals("hash")) {
            return text;
        }
        return switch (type.replaceFirst("\\(.*", "")) {
            case "bool" -> text.equals("t") ? "true" : "false";
            case "float4", "float8", "numeric", "json", "jsonb" ->
                text.matches("NaN|-?Infinity")
                        ? text
                        : String.valueOf(ofJson("{\"v\":" + text + "}").get("v"));
            case "_int4" ->
                text.replaceFirst("^.*=", "")
                        .replace('{', '[')
                        .replace('}', ']')
                        .replace("NULL", "null");
            case "_text" -> "[\"a b\",\"NULL\",null,\"c\\\"d\\\\e\",\"\"]";
            default -> text;
        };
    }

    @Override
    public Map.@Nullable Entry<String, String> poison() {
        return null;
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
