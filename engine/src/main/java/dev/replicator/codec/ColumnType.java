package dev.replicator.codec;

import dev.replicator.model.TableSchema.SourceColumn;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The type of a column, as a connector sees it.
 *
 * @param name the column's catalog name
 * @param type what its values are
 * @param element what an array's elements are; else null
 * @param elementName PostgreSQL's name of the elements' type; else null
 * @param typmod the type modifier, or -1
 * @param declared the type for a person ({@code numeric(10,2)})
 * @param enumLabels the labels of an enum, where they are known
 */
public record ColumnType(
        String name,
        ValueType type,
        @Nullable ValueType element,
        @Nullable String elementName,
        int typmod,
        String declared,
        List<String> enumLabels) {
    private static final int HEADER = 4;

    public ColumnType {
        enumLabels = List.copyOf(enumLabels);
    }

    /** Of a column as a source's catalog has it. */
    public static ColumnType of(SourceColumn column) {
        return of(column.name(), column.baseType(), column.typmod(), column.declared(), column.enumLabels());
    }

    static ColumnType of(String column, String typeName, int typmod, String declared, List<String> labels) {
        ValueType type = ValueType.of(typeName);
        String element = null;
        if (type == ValueType.ARRAY) {
            String plain = ValueType.plain(typeName);
            element = plain.startsWith("_") ? plain.substring(1) : plain.substring(0, plain.length() - 2);
        }
        return new ColumnType(
                column, type, element == null ? null : ValueType.of(element), element, typmod, declared, labels);
    }

    /** Of numeric(p, s): p; -1 where nothing is declared. */
    public int precision() {
        return type == ValueType.NUMERIC && typmod >= HEADER ? typmod - HEADER >> 16 & 0xFFFF : -1;
    }

    /** Of numeric(p, s): s, which may be negative or above p; 0 where nothing is declared. */
    public int scale() {
        // Eleven bits with a sign: PostgreSQL 15 and later allow -1000 to 1000.
        return type == ValueType.NUMERIC && typmod >= HEADER ? ((typmod - HEADER & 0x7FF) ^ 1024) - 1024 : 0;
    }

    /** Of varchar(n) and char(n): n, in characters; -1 where nothing is declared. */
    public int length() {
        boolean text = type == ValueType.TEXT || type == ValueType.BPCHAR;
        return text && typmod >= HEADER ? typmod - HEADER : -1;
    }
}
