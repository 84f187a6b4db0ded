package dev.replicator.it.contract;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.replicator.model.TableName;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.StreamEntryID;
import redis.clients.jedis.exceptions.JedisException;
import redis.clients.jedis.resps.StreamEntry;

/** A Redis server from a jar of Maven Central, which flushes every command; a numbered database for each test. */
final class RedisServer implements ContractServer {
    private static final ObjectMapper JSON = JsonMapper.builder()
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .build();

    private final Path folder;
    private final Path binary;
    private final int port;
    private final String form;
    private @Nullable Process process;
    private int number;

    /** {@code form}: the option. */
    RedisServer(String form) {
        this.form = form;
        binary = UnpackedJar.of("embedded-redis").resolve("redis-server-7.0.15-linux-amd64");
        try {
            folder = Files.createTempDirectory("replicator-redis-");
            try (ServerSocket free = new ServerSocket(0)) {
                port = free.getLocalPort();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        restart();
    }

    @Override
    public void restart() {
        start("always");
    }

    /** {@code flush}: appendfsync. */
    void start(String flush) {
        boolean unused = binary.toFile().setExecutable(true);
        List<String> line = List.of(
                binary.toString(),
                "--port",
                String.valueOf(port),
                "--bind",
                "127.0.0.1",
                "--dir",
                folder.toString(),
                "--databases",
                "64",
                "--save",
                "",
                "--appendonly",
                "yes",
                "--appendfsync",
                flush);
        try {
            process = new ProcessBuilder(line)
                    .redirectErrorStream(true)
                    .redirectOutput(folder.resolve("server.log").toFile())
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                // Nobody listens yet, or it still reads its file.
                .ignoreExceptionsInstanceOf(JedisException.class)
                .until(() -> {
                    try (Jedis jedis = new Jedis("127.0.0.1", port)) {
                        return jedis.ping().equals("PONG");
                    }
                });
    }

    @Override
    public Place fresh() {
        return new Place("redis://127.0.0.1:" + port + "/" + ++number, null, null);
    }

    @Override
    public List<String> options() {
        return List.of("form: " + form);
    }

    Jedis connect(Place place) {
        Jedis jedis = new Jedis("127.0.0.1", port);
        jedis.select(Integer.parseInt(place.url().replaceFirst("^.*/", "")));
        return jedis;
    }

    @Override
    public List<Map<String, @Nullable String>> rows(Place place, TableName table, List<String> columns) {
        try (Jedis jedis = connect(place)) {
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
        if (process == null) {
            throw new IllegalStateException("it does not run");
        }
        process.destroyForcibly();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        return true;
    }

    @Override
    public void close() {
        kill();
        UnpackedJar.delete(folder);
    }
}
