package dev.replicator.it.contract;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.replicator.model.TableName;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/** Folders of JSON lines, read as a consumer does: file after file, up to the last whole batch. */
final class JsonFolders implements ContractServer {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final Path folder;
    private int number;

    JsonFolders() {
        try {
            folder = Files.createTempDirectory("replicator-folders-");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public Place fresh() {
        return new Place(folder.resolve("out put " + ++number).toUri().toString(), null, null);
    }

    @Override
    public List<String> options() {
        return List.of("format: jsonl");
    }

    private static Path of(Place place) {
        return Path.of(URI.create(place.url())).resolve("bard");
    }

    static List<String> names(Place place) {
        try (Stream<Path> files = Files.list(of(place))) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Path open(Place place) {
        String name = names(place).stream()
                .filter(file -> file.endsWith(".open"))
                .findFirst()
                .orElseThrow();
        return of(place).resolve(name);
    }

    static void removeFinished(Place place) {
        for (String name : names(place)) {
            if (name.matches("\\d+\\.jsonl(\\.gz)?")) {
                try {
                    Files.delete(of(place).resolve(name));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        }
    }

    @Override
    public List<Map<String, @Nullable String>> rows(Place place, TableName table, List<String> columns) {
        Map<JsonNode, Map<String, @Nullable String>> rows = new LinkedHashMap<>();
        for (String name : names(place)) {
            if (name.contains(".jsonl") && !name.endsWith(".tmp")) {
                List<JsonNode> batch = new ArrayList<>();
                for (JsonNode line : lines(of(place).resolve(name))) {
                    batch.add(line);
                    if (line.path("op").asText().equals("commit")) {
                        batch.stream()
                                .filter(change -> change.path("table").asText().equals(table.name())
                                        && change.path("schema").asText().equals(table.schema()))
                                .forEach(change -> apply(change, rows));
                        batch.clear();
                    }
                }
            }
        }
        return List.copyOf(rows.values());
    }

    private static List<JsonNode> lines(Path file) {
        try (InputStream in = Files.newInputStream(file);
                BufferedReader reader = new BufferedReader(new InputStreamReader(
                        file.toString().endsWith(".gz") ? new GZIPInputStream(in) : in, StandardCharsets.UTF_8))) {
            List<JsonNode> lines = new ArrayList<>();
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                lines.add(MAPPER.readTree(line));
            }
            return lines;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void apply(JsonNode change, Map<JsonNode, Map<String, @Nullable String>> rows) {
        JsonNode key = change.path("key");
        switch (change.path("op").asText()) {
            case "truncate" -> rows.clear();
            case "delete" -> rows.remove(key);
            case "upsert" -> {
                Map<String, @Nullable String> row = new LinkedHashMap<>();
                set(row, change.path("row"));
                rows.put(key, row);
            }
            case "update" -> {
                Map<String, @Nullable String> row = rows.get(key);
                if (row != null) {
                    set(row, change.path("set"));
                    change.path("add")
                            .properties()
                            .forEach(added -> row.compute(
                                    added.getKey(),
                                    (name, value) -> new BigDecimal(Objects.requireNonNull(value))
                                            .add(new BigDecimal(added.getValue().asText()))
                                            .toPlainString()));
                }
            }
            case "move" -> {
                Map<String, @Nullable String> row = rows.remove(key);
                if (row != null) {
                    set(row, change.path("set"));
                    ObjectNode moved = MAPPER.createObjectNode();
                    key.fieldNames()
                            .forEachRemaining(
                                    name -> moved.set(name, change.path("set").path(name)));
                    rows.put(moved, row);
                }
            }
            default -> throw new AssertionError(change);
        }
    }

    private static void set(Map<String, @Nullable String> row, JsonNode values) {
        values.properties()
                .forEach(column -> row.put(
                        column.getKey(),
                        column.getValue().isNull()
                                ? null
                                : column.getValue().isValueNode()
                                        ? column.getValue().asText()
                                        : column.getValue().toString()));
    }

    @Override
    public String expected(String type, String text) {
        return switch (type) {
            case "bool" -> text.equals("t") ? "true" : "false";
            case "jsonb" -> json(text);
            case "_int4" ->
                switch (text) {
                    case "[0:1]={1,2}" -> "[1,2]";
                    default -> text.replace('{', '[').replace('}', ']').replace("NULL", "null");
                };
            case "_text" -> "[\"a b\",\"NULL\",null,\"c\\\"d\\\\e\",\"\"]";
            default -> text;
        };
    }

    private static String json(String text) {
        try {
            return MAPPER.readTree(text).toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public Map.@Nullable Entry<String, String> poison() {
        return null;
    }

    @Override
    public boolean kill() {
        return false;
    }

    @Override
    public void restart() {}

    @Override
    public void close() {
        try (Stream<Path> files = Files.walk(folder)) {
            files.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(file -> file.delete());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
