package dev.replicator.it.contract;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.replicator.model.TableName;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.jspecify.annotations.Nullable;

/** Topics of a Kafka broker, read as a consumer does that keeps the present rows of a table. */
record KafkaRows(KafkaServer server) implements ContractServer {
    static final ObjectMapper JSON = JsonMapper.builder()
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .build();

    @Override
    public Place fresh() {
        return server.fresh();
    }

    @Override
    public List<String> options() {
        return List.of("timeout: 5s");
    }

    @Override
    public boolean takesWholeRowsOnly() {
        return true;
    }

    /** All messages of a topic that are committed, partition after partition. */
    List<ConsumerRecord<String, @Nullable String>> messages(String topic) {
        Map<String, Object> settings = Map.of(
                "bootstrap.servers",
                server.brokers(),
                "isolation.level",
                "read_committed",
                "auto.offset.reset",
                "earliest");
        List<ConsumerRecord<String, @Nullable String>> messages = new ArrayList<>();
        try (KafkaConsumer<String, @Nullable String> consumer =
                new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                    .map(partition -> new TopicPartition(topic, partition.partition()))
                    .toList();
            for (TopicPartition partition : partitions) {
                consumer.assign(List.of(partition));
                consumer.seekToBeginning(List.of(partition));
                long end = Objects.requireNonNull(
                        consumer.endOffsets(List.of(partition)).get(partition));
                while (consumer.position(partition) < end) {
                    consumer.poll(Duration.ofMillis(100)).forEach(messages::add);
                }
            }
        }
        return messages;
    }

    static String topic(TableName table) {
        return "bard." + escaped(table.schema()) + "." + escaped(table.name());
    }

    private static String escaped(String name) {
        StringBuilder result = new StringBuilder();
        for (byte each : name.getBytes(StandardCharsets.UTF_8)) {
            String one = String.valueOf((char) each);
            result.append(
                    each > 0 && one.matches("[A-Za-z0-9_]")
                            ? one
                            : "-" + HexFormat.of().withUpperCase().toHexDigits(each));
        }
        return result.toString();
    }

    @Override
    public List<Map<String, @Nullable String>> rows(Place place, TableName table, List<String> columns) {
        Map<Integer, Map<String, Map<String, @Nullable String>>> partitions = new LinkedHashMap<>();
        for (ConsumerRecord<String, @Nullable String> message : messages(topic(table))) {
            fold(message, partitions.computeIfAbsent(message.partition(), number -> new LinkedHashMap<>()));
        }
        List<Map<String, @Nullable String>> rows = new ArrayList<>();
        partitions.values().forEach(partition -> rows.addAll(partition.values()));
        return rows;
    }

    private static void fold(
            ConsumerRecord<String, @Nullable String> message, Map<String, Map<String, @Nullable String>> rows) {
        String value = message.value();
        if (value == null) {
            return;
        }
        JsonNode change = json(value);
        switch (change.path("op").asText()) {
            case "u" -> rows.put(message.key(), texts(change.path("after")));
            case "d" -> rows.remove(message.key());
            case "t" -> rows.clear();
            default -> throw new AssertionError(value);
        }
    }

    static JsonNode json(@Nullable String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new AssertionError(e);
        }
    }

    private static Map<String, @Nullable String> texts(JsonNode row) {
        Map<String, @Nullable String> texts = new LinkedHashMap<>();
        row.properties().forEach(field -> {
            JsonNode value = field.getValue();
            texts.put(field.getKey(), value.isNull() ? null : value.isTextual() ? value.asText() : value.toString());
        });
        return texts;
    }

    @Override
    public String expected(String type, String text) {
        return switch (type) {
            case "bool" -> text.equals("t") ? "true" : "false";
            case "float4", "float8" ->
                text.matches("NaN|-?Infinity") ? text : json(text).toString();
            case "bytea" -> Base64.getEncoder().encodeToString(HexFormat.of().parseHex(text, 2, text.length()));
            case "_int4" ->
                text.replaceFirst("^.*=", "")
                        .replace('{', '[')
                        .replace('}', ']')
                        .replace("NULL", "null");
            case "_text" -> "[\"a b\",\"NULL\",null,\"c\\\"d\\\\e\",\"\"]";
            default -> text;
        };
    }

    /** What is larger than a message may be. */
    @Override
    public Map.Entry<String, String> poison() {
        return Map.entry("text", "x".repeat(2 << 20));
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
