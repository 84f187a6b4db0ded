package dev.replicator.handlers.expression;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelErrorCode;
import dev.cel.common.CelIssue;
import dev.cel.common.CelValidationException;
import dev.cel.common.CelValidationResult;
import dev.cel.common.types.CelType;
import dev.cel.common.types.NullableType;
import dev.cel.common.types.SimpleType;
import dev.cel.compiler.CelCompilerFactory;
import dev.cel.parser.CelStandardMacro;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelRuntimeFactory;
import dev.cel.runtime.CelVariableResolver;
import dev.replicator.handlers.HandlerFailure;
import dev.replicator.handlers.HandlerProblem;
import dev.replicator.handlers.TableColumns;
import dev.replicator.handlers.TableColumns.ColumnType;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * An expression over the columns of one row, which it calls by their names; {@code row} is the row, for names that are no
 * plain words: {@code row.`Odd Name`}. Null is as in SQL: where an operator meets one, the result is null. Immutable.
 */
final class RowExpression {
    private static final String ROW = "row";
    private static final Pattern WORD = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");
    /** Words of the language that cannot be names. Source: cel-spec, "Syntax". */
    private static final Set<String> RESERVED = Set.of(
            "row",
            "true",
            "false",
            "null",
            "in",
            "as",
            "break",
            "const",
            "continue",
            "else",
            "for",
            "function",
            "if",
            "import",
            "let",
            "loop",
            "package",
            "namespace",
            "return",
            "var",
            "void",
            "while");

    private final CelRuntime.Program program;
    private final CelType type;
    private final Set<String> columns;
    private final Map<String, ColumnType> all;

    private RowExpression(CelRuntime.Program program, CelType type, Set<String> columns, TableColumns table) {
        this.program = program;
        this.type = type;
        this.columns = columns;
        this.all = table.byName();
    }

    /** {@code wanted}: in words, what {@code fits} tells. Throws {@link HandlerProblem}. */
    static RowExpression compile(String text, TableColumns table, String wanted, Predicate<CelType> fits) {
        try {
            return checked(text, table, wanted, fits);
        } catch (ExpressionProblem e) {
            // What an expression over two rows would be told to do does not help here.
            throw e.isAboutTypes()
                    ? e
                    : new HandlerProblem(
                            e.detail(),
                            "It calls the columns by their names: "
                                    + table.byName().keySet().stream().limit(50).collect(Collectors.joining(", "))
                                    + ". Names that are no plain words: row.`Odd Name`.");
        }
    }

    private static RowExpression checked(String text, TableColumns table, String wanted, Predicate<CelType> fits) {
        ColumnTypes types = new ColumnTypes(table);
        Functions functions = new Functions(types.row());
        var compiler = CelCompilerFactory.standardCelCompilerBuilder()
                .setOptions(Expression.OPTIONS)
                .setTypeProvider(types)
                .setStandardMacros(CelStandardMacro.STANDARD_MACROS)
                .addVar(ROW, types.row())
                .addFunctionDeclarations(functions.declarations());
        for (ColumnType column : table.columns()) {
            if (isName(column.name())) {
                compiler.addVar(column.name(), types.column(column.type()));
            }
        }
        CelValidationResult checked = compiler.build().compile(text);
        try {
            CelAbstractSyntaxTree tree = checked.getAst();
            CelType result = tree.getResultType() instanceof NullableType nullable
                    ? nullable.targetType()
                    : tree.getResultType();
            if (!fits.test(result)) {
                throw new ExpressionProblem(
                        text, table, "it gives " + Expression.name(result) + " where " + wanted + " is needed");
            }
            CelRuntime runtime = CelRuntimeFactory.legacyCelRuntimeBuilder()
                    .setOptions(Expression.OPTIONS)
                    .addFunctionBindings(functions.bindings())
                    .build();
            return new RowExpression(runtime.createProgram(tree), result, used(tree, table), table);
        } catch (CelValidationException e) {
            CelIssue first = checked.getErrors().get(0);
            throw new ExpressionProblem(text, table, first.getMessage(), first.getSourceLocation());
        } catch (CelEvaluationException e) {
            throw new ExpressionProblem(text, table, String.valueOf(e.getMessage()));
        }
    }

    private static boolean isName(String column) {
        return WORD.matcher(column).matches() && !RESERVED.contains(column);
    }

    private static Set<String> used(CelAbstractSyntaxTree tree, TableColumns table) {
        Set<String> used = new LinkedHashSet<>();
        tree.getReferenceMap().values().forEach(reference -> {
            if (reference.name().equals(ROW)) {
                used.addAll(table.byName().keySet());
            } else if (table.byName().containsKey(reference.name())) {
                used.add(reference.name());
            }
        });
        return Set.copyOf(used);
    }

    /** The type of its values, null aside. */
    CelType type() {
        return type;
    }

    /** The columns that it reads, at most. */
    Set<String> columns() {
        return columns;
    }

    /** The result as a Java value. What goes wrong is a {@link HandlerFailure}. */
    @Nullable
    Object evaluate(Map<String, @Nullable Object> values) {
        ExpressionRow row = ExpressionRow.of(values, 0);
        CelVariableResolver variables = name -> Optional.of(name.equals(ROW) ? row : row.get(name));
        try {
            return ExpressionRow.toJava(program.eval(variables));
        } catch (CelEvaluationException e) {
            for (Throwable cause = e; cause != null; cause = cause.getCause()) {
                if (cause instanceof HandlerFailure failure) {
                    throw failure;
                }
            }
            if (e.getErrorCode() == CelErrorCode.OVERLOAD_NOT_FOUND
                    && columns.stream().anyMatch(column -> all.containsKey(column) && values.get(column) == null)) {
                return null;
            }
            throw new HandlerFailure("it cannot be computed: " + e.getErrorCode(), e);
        }
    }

    /** Whether values of the type are known well enough to be written. */
    static boolean isPlain(CelType type) {
        return type != SimpleType.DYN && type != SimpleType.NULL_TYPE && typeName(type) != null;
    }

    /** PostgreSQL's name of the type that holds the values of a type of the language; null: none does. */
    static @Nullable String typeName(CelType type) {
        if (type.equals(ColumnTypes.DECIMAL)) {
            return "numeric";
        }
        if (type instanceof dev.cel.common.types.ListType list && list.hasElemType()) {
            String element = typeName(list.elemType());
            return element == null || element.startsWith("_") ? null : "_" + element;
        }
        return type == SimpleType.STRING
                ? "text"
                : type == SimpleType.INT
                        ? "int8"
                        : type == SimpleType.DOUBLE
                                ? "float8"
                                : type == SimpleType.BOOL
                                        ? "bool"
                                        : type == SimpleType.TIMESTAMP
                                                ? "timestamptz"
                                                : type == SimpleType.BYTES ? "bytea" : null;
    }
}
