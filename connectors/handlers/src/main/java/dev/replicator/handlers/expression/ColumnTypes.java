package dev.replicator.handlers.expression;

import com.google.common.collect.ImmutableCollection;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.cel.common.types.CelType;
import dev.cel.common.types.CelTypeProvider;
import dev.cel.common.types.ListType;
import dev.cel.common.types.NullableType;
import dev.cel.common.types.OpaqueType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.types.StructType;
import dev.replicator.handlers.TableColumns;
import dev.replicator.handlers.TableColumns.ColumnType;
import java.util.Optional;

/**
 * What the columns of a table are in the expression language: {@code int}, {@code double}, {@code decimal} (numeric),
 * {@code bool}, {@code timestamp} (timestamptz, timestamp and date), {@code bytes}, lists of these, {@code string} for
 * everything else. Immutable.
 */
final class ColumnTypes implements CelTypeProvider {
    /** Numeric, exactly. */
    static final OpaqueType DECIMAL = OpaqueType.create("decimal");

    private static final String ROW = "row";

    private final StructType row;

    ColumnTypes(TableColumns table) {
        ImmutableMap.Builder<String, CelType> columns = ImmutableMap.builder();
        for (ColumnType column : table.columns()) {
            columns.put(column.name(), nullable(of(column.type())));
        }
        ImmutableMap<String, CelType> types = columns.buildOrThrow();
        this.row = StructType.create(ROW, types.keySet(), name -> Optional.ofNullable(types.get(name)));
    }

    /** The type of a row of the table. */
    StructType row() {
        return row;
    }

    /** The type of the values of a column, null among them. */
    CelType column(String type) {
        return nullable(of(type));
    }

    /** The type of a value that is not null. */
    static CelType of(String type) {
        if (type.startsWith("_")) {
            return ListType.create(of(type.substring(1)));
        }
        return switch (type) {
            case "int2", "int4", "int8", "oid" -> SimpleType.INT;
            case "float4", "float8" -> SimpleType.DOUBLE;
            case "numeric" -> DECIMAL;
            case "bool" -> SimpleType.BOOL;
            case "timestamptz", "timestamp", "date" -> SimpleType.TIMESTAMP;
            case "bytea" -> SimpleType.BYTES;
            default -> SimpleType.STRING;
        };
    }

    /** Compares with null as well. The checker lets every other type do so anyway. */
    private static CelType nullable(CelType type) {
        boolean wrapped = type == SimpleType.INT
                || type == SimpleType.DOUBLE
                || type == SimpleType.BOOL
                || type == SimpleType.BYTES
                || type == SimpleType.STRING;
        return wrapped ? NullableType.create(type) : type;
    }

    @Override
    public ImmutableCollection<CelType> types() {
        return ImmutableList.of(row, DECIMAL);
    }

    @Override
    public Optional<CelType> findType(String name) {
        return switch (name) {
            case ROW -> Optional.of(row);
            case "decimal" -> Optional.of(DECIMAL);
            default -> Optional.empty();
        };
    }
}
