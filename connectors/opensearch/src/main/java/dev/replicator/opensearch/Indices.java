package dev.replicator.opensearch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.replicator.codec.ColumnType;
import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.Table;
import dev.replicator.model.TableSchema;
import dev.replicator.spi.TargetRequest;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The indices of a sync's tables: whether they can take documents, and how those that are missing are made. Fields that are
 * there stay as they are. One thread.
 */
final class Indices {
    /** Names of the server's own fields. */
    private static final Set<String> RESERVED = Set.of(
            "_id",
            "_index",
            "_type",
            "_source",
            "_routing",
            "_field_names",
            "_ignored",
            "_version",
            "_seq_no",
            "_primary_term",
            "_nested_path",
            "_doc_count",
            "_size",
            "_tier",
            "_recovery_source",
            "_feature",
            "_data_stream_timestamp");

    private final RestSession rest;
    private final OpenSearchOptions options;
    private final IndexNames names;
    private final String database;
    private final String flat;
    /** By index; of those that are there. */
    private final Map<String, Set<String>> fields = new HashMap<>();

    /** {@code flat}: the server's name of a field for any JSON object. */
    Indices(RestSession rest, OpenSearchOptions options, String database, String flat) {
        this.rest = rest;
        this.options = options;
        this.names = IndexNames.of(options.index());
        this.database = database;
        this.flat = flat;
    }

    /** That of a table. */
    String of(Table table) {
        return names.of(table.name());
    }

    /** Whether somebody else made it at the same moment. */
    static boolean isThere(RestAnswer answer) {
        return answer.errorType().equals("resource_already_exists_exception");
    }

    /** Looks at all of them, changes nothing, and throws the first thing that is wrong. */
    void check(TargetRequest request) {
        Map<String, TableSchema> byIndex = new HashMap<>();
        for (TableSchema schema : request.tables()) {
            String index = of(schema.table());
            checkName(schema, index, byIndex.putIfAbsent(index, schema));
            checkColumns(
                    schema.table(),
                    schema.columns().stream().map(ColumnType::of).toList());
            look(schema.table(), index);
        }
    }

    private void checkName(TableSchema schema, String index, @Nullable TableSchema other) {
        String table = schema.table().name().quoted();
        if (other != null) {
            throw ReplicatorException.fatal(
                    ErrorCode.CONFIGURATION,
                    "tables " + other.table().name().quoted() + " and " + table
                            + " would have the same index on database \"" + database + "\"",
                    null,
                    names.namesSchemas()
                            ? "Give one of them another name there: as."
                            : "Set the option index, for instance to \"{schema}.{table}\".");
        }
        if (index.equals(options.progressIndex())
                || index.getBytes(StandardCharsets.UTF_8).length > IndexNames.LONGEST) {
            throw unfit(
                    schema.table(),
                    index.equals(options.progressIndex())
                            ? "Its index \"" + index + "\" is that of the progress."
                            : "The name of its index would have more than " + IndexNames.LONGEST + " bytes.",
                    "Set the option index or progress_index, or give the table another name there: as.");
        }
    }

    private ReplicatorException unfit(Table table, @Nullable String detail, @Nullable String hint) {
        return ReplicatorException.fatal(
                ErrorCode.SCHEMA_DIFFERS,
                "cannot write table " + table.name().quoted() + " to database \"" + database + "\"",
                detail,
                hint);
    }

    /** A dot would make an object of a field. */
    private void checkColumns(Table table, List<ColumnType> columns) {
        for (ColumnType column : columns) {
            String name = column.name();
            if (name.contains(".") || name.isBlank() || RESERVED.contains(name)) {
                throw unfit(
                        table,
                        "No field may be called like column \"" + name + "\".",
                        "Give the column another name there, or leave it out (columns).");
            }
        }
    }

    private void look(Table table, String index) {
        RestAnswer answer = rest.get("/" + RestUrl.part(index) + "?flat_settings=true");
        if (answer.isMissing()) {
            if (!options.createIndices()) {
                throw ReplicatorException.fatal(
                        ErrorCode.TABLE,
                        "cannot write table " + table.name().quoted() + " to database \"" + database + "\"",
                        "There is no index \"" + index + "\".",
                        "Make it, or set the option create_indices: true.");
            }
            return;
        }
        if (!answer.isGood()) {
            throw RestErrors.of("read index \"" + index + "\"", answer);
        }
        if (answer.body().size() != 1) {
            throw unfit(table, "\"" + index + "\" is an alias of several indices.", "Make it one of a single index.");
        }
        JsonNode there = answer.body().elements().next();
        if ("async"
                .equals(there.path("settings").path("index.translog.durability").asText())) {
            throw ReplicatorException.fatal(
                    ErrorCode.SERVER_SETTING,
                    "cannot keep rows in index \"" + index + "\" of database \"" + database + "\"",
                    "Its index.translog.durability is async: a crash would lose changes that the sources have forgotten.",
                    "Set index.translog.durability to request.");
        }
        Set<String> known = new HashSet<>();
        there.path("mappings").path("properties").fieldNames().forEachRemaining(known::add);
        fields.put(index, known);
    }

    /** Makes what is missing, if that is allowed. Columns may have been added since the last time. */
    void prepare(Table table, List<ColumnType> columns) {
        checkColumns(table, columns);
        if (!options.createIndices()) {
            return;
        }
        String index = of(table);
        Set<String> known = fields.get(index);
        ObjectNode properties = RestSession.JSON.createObjectNode();
        for (ColumnType column : columns) {
            if (known == null || !known.contains(column.name())) {
                properties.set(column.name(), FieldType.of(column, options).mapping(options, flat));
            }
        }
        if (known == null) {
            create(table, index, properties);
        } else if (!properties.isEmpty()) {
            ObjectNode body = RestSession.JSON.createObjectNode();
            body.set("properties", properties);
            RestAnswer answer = rest.put("/" + RestUrl.part(index) + "/_mapping", body);
            if (!answer.isGood()) {
                throw RestErrors.of("add fields to index \"" + index + "\"", answer);
            }
        }
        Set<String> all = new HashSet<>(known == null ? Set.of() : known);
        properties.fieldNames().forEachRemaining(all::add);
        fields.put(index, all);
    }

    private void create(Table table, String index, ObjectNode properties) {
        ObjectNode body = RestSession.JSON.createObjectNode();
        body.putObject("settings").put("index.gc_deletes", options.gcDeletes().toMillis() + "ms");
        body.putObject("mappings").put("dynamic", false).set("properties", properties);
        RestAnswer answer = rest.put("/" + RestUrl.part(index), body);
        if (isThere(answer)) {
            look(table, index);
        } else if (!answer.isGood()) {
            throw RestErrors.of("make index \"" + index + "\"", answer);
        }
    }
}
