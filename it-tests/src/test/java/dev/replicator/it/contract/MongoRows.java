package dev.replicator.it.contract;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.replicator.model.TableName;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bson.BsonBinarySubType;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonValue;
import org.jspecify.annotations.Nullable;

/**
 * Documents on a MongoDB server, as rows.
 *
 * @param options as they stand in the file
 */
record MongoRows(MongoServer server, List<String> options) implements ContractServer {
    private static final ObjectMapper JSON = JsonMapper.builder()
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .build();
    private static final Pattern TIME = Pattern.compile(
            "(\\d+)-(\\d\\d)-(\\d\\d)(?: (\\d\\d):(\\d\\d):(\\d\\d)(?:\\.(\\d{1,6}))?)?(?:\\+00)?( BC)?");

    @Override
    public Place fresh() {
        return server.fresh();
    }

    @Override
    public List<Map<String, @Nullable String>> rows(Place place, TableName table, List<String> columns) {
        List<Map<String, @Nullable String>> rows = new ArrayList<>();
        for (BsonDocument document : server.database(place)
                .getCollection(table.name(), BsonDocument.class)
                .find()) {
            Map<String, @Nullable String> row = new LinkedHashMap<>();
            for (String column : columns) {
                BsonValue value = document.get(column);
                BsonValue micros = document.get(column + "_micros", new BsonInt32(0));
                row.put(
                        column,
                        value == null ? null : text(value, micros.asInt32().getValue()));
            }
            rows.add(row);
        }
        return rows;
    }

    private static @Nullable String text(BsonValue value, int micros) {
        return switch (value.getBsonType()) {
            case NULL -> null;
            case STRING -> value.asString().getValue();
            case BOOLEAN -> value.asBoolean().getValue() ? "t" : "f";
            case DOUBLE -> String.valueOf(value.asDouble().getValue());
            case DATE_TIME ->
                Instant.ofEpochMilli(value.asDateTime().getValue())
                        .plusNanos(micros * 1000L)
                        .toString();
            case BINARY ->
                value.asBinary().getType() == BsonBinarySubType.UUID_STANDARD.getValue()
                        ? value.asBinary().asUuid().toString()
                        : "\\x" + HexFormat.of().formatHex(value.asBinary().getData());
            case DECIMAL128 -> {
                String text = value.asDecimal128().getValue().toString();
                yield text.matches("NaN|-?Infinity") ? text : new BigDecimal(text).toPlainString();
            }
            default -> node(value).toString();
        };
    }

    private static JsonNode node(BsonValue value) {
        JsonNodeFactory nodes = JsonNodeFactory.instance;
        return switch (value.getBsonType()) {
            case NULL -> nodes.nullNode();
            case STRING -> nodes.textNode(value.asString().getValue());
            case BOOLEAN -> nodes.booleanNode(value.asBoolean().getValue());
            case INT32 -> nodes.numberNode(value.asInt32().getValue());
            case INT64 -> nodes.numberNode(value.asInt64().getValue());
            case DECIMAL128 ->
                DecimalNode.valueOf(
                        new BigDecimal(value.asDecimal128().getValue().toString()));
            case ARRAY -> {
                ArrayNode array = nodes.arrayNode();
                value.asArray().forEach(element -> array.add(node(element)));
                yield array;
            }
            case DOCUMENT -> {
                ObjectNode object = nodes.objectNode();
                value.asDocument().forEach((name, member) -> object.set(name, node(member)));
                yield object;
            }
            default -> throw new AssertionError(value.getBsonType());
        };
    }

    @Override
    public String expected(String type, String text) {
        return switch (type.replaceFirst("\\(.*", "")) {
            case "float4", "float8" -> String.valueOf(Double.parseDouble(text));
            case "numeric" -> text.length() > 35 ? REFUSED : text;
            case "json", "jsonb" -> json(text);
            case "date", "timestamp", "timestamptz" ->
                options.contains("times: text") ? text : text.endsWith("infinity") ? REFUSED : time(text);
            case "_int4" ->
                text.replaceFirst("^.*=", "")
                        .replace('{', '[')
                        .replace('}', ']')
                        .replace("NULL", "null");
            case "_text" -> "[\"a b\",\"NULL\",null,\"c\\\"d\\\\e\",\"\"]";
            default -> text;
        };
    }

    private static String json(String text) {
        try {
            return JSON.readTree(text).toString();
        } catch (JsonProcessingException e) {
            throw new AssertionError(e);
        }
    }

    private static String time(String text) {
        Matcher time = TIME.matcher(text);
        if (!time.matches()) {
            throw new AssertionError(text);
        }
        int[] parts = new int[6];
        for (int i = 0; i < parts.length; i++) {
            parts[i] = time.group(i + 1) == null ? 0 : Integer.parseInt(time.group(i + 1));
        }
        int year = time.group(8) == null ? parts[0] : 1 - parts[0];
        String micros = time.group(7) == null ? "0" : (time.group(7) + "000000").substring(0, 6);
        return LocalDateTime.of(year, parts[1], parts[2], parts[3], parts[4], parts[5], Integer.parseInt(micros) * 1000)
                .toInstant(ZoneOffset.UTC)
                .toString();
    }

    @Override
    public Map.Entry<String, String> poison() {
        return Map.entry("numeric", "0." + "1".repeat(35));
    }

    @Override
    public boolean kill() {
        if (server.isOwn()) {
            server.kill();
        }
        return server.isOwn();
    }

    @Override
    public void restart() {
        server.restart();
    }

    /** The server is the test's. */
    @Override
    public void close() {}
}
