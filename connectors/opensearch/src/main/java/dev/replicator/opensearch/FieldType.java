package dev.replicator.opensearch;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.replicator.codec.ColumnType;
import dev.replicator.codec.ValueType;

/** What the values of a column are in a document. An array's field is that of its elements. */
enum FieldType {
    BOOLEAN,
    SHORT,
    INTEGER,
    LONG,
    FLOAT,
    DOUBLE,
    /** PostgreSQL's text, found by its whole. */
    KEYWORD,
    /** A text, found by its words. */
    TEXT,
    /** Base64. */
    BINARY,
    DATE,
    JSON;

    private static final int LONG_DIGITS = 18;
    private static final int DOUBLE_DIGITS = 15;
    /** Characters of a keyword: Lucene's terms have 32766 bytes at most, and four of them make one at most. */
    private static final int LONGEST_KEYWORD = 8191;
    /** As the server maps texts by itself. */
    private static final int LONGEST_SUBFIELD = 256;

    static FieldType of(ColumnType column, OpenSearchOptions options) {
        if (column.type() == ValueType.NUMERIC) {
            return numeric(column, options);
        }
        return of(column.element() == null ? column.type() : column.element(), options);
    }

    private static FieldType of(ValueType type, OpenSearchOptions options) {
        return switch (type) {
            case BOOL -> BOOLEAN;
            case INT2 -> SHORT;
            case INT4 -> INTEGER;
            case INT8, OID -> LONG;
            case FLOAT4 -> FLOAT;
            case FLOAT8 -> DOUBLE;
            case NUMERIC -> options.exact() ? KEYWORD : DOUBLE;
            case TEXT, BPCHAR -> options.keywords() ? KEYWORD : TEXT;
            case BYTEA -> BINARY;
            case JSON, JSONB -> options.json() == OpenSearchOptions.Json.TEXT ? TEXT : JSON;
            case DATE, TIMESTAMP, TIMESTAMPTZ -> options.datesAsText() ? KEYWORD : DATE;
            case UUID, TIME, TIMETZ, INTERVAL, ENUM, ARRAY, OTHER -> KEYWORD;
        };
    }

    private static FieldType numeric(ColumnType column, OpenSearchOptions options) {
        int digits = column.precision();
        int scale = column.scale();
        if (digits > 0 && scale <= 0 && digits - scale <= LONG_DIGITS) {
            return LONG;
        }
        return digits > 0 && digits <= DOUBLE_DIGITS && scale > 0 ? DOUBLE : of(ValueType.NUMERIC, options);
    }

    /** As it stands in a mapping. {@code flat}: the server's name of a field for any JSON object. */
    ObjectNode mapping(OpenSearchOptions options, String flat) {
        ObjectNode mapping = JsonNodeFactory.instance.objectNode();
        return switch (this) {
            case BOOLEAN -> mapping.put("type", "boolean");
            case SHORT -> mapping.put("type", "short");
            case INTEGER -> mapping.put("type", "integer");
            case LONG -> mapping.put("type", "long");
            case FLOAT -> mapping.put("type", "float");
            case DOUBLE -> mapping.put("type", "double");
            case BINARY -> mapping.put("type", "binary");
            case DATE -> mapping.put("type", "date").put("format", "strict_date_optional_time");
            case KEYWORD -> mapping.put("type", "keyword").put("ignore_above", LONGEST_KEYWORD);
            case TEXT -> {
                mapping.put("type", "text")
                        .putObject("fields")
                        .putObject("keyword")
                        .put("type", "keyword")
                        .put("ignore_above", LONGEST_SUBFIELD);
                yield mapping;
            }
            case JSON ->
                switch (options.json()) {
                    case FLAT -> mapping.put("type", flat);
                    case OBJECT -> mapping.put("type", "object").put("dynamic", true);
                    case STORED, TEXT -> mapping.put("type", "object").put("enabled", false);
                };
        };
    }
}
