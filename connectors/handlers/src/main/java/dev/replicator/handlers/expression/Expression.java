package dev.replicator.handlers.expression;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelIssue;
import dev.cel.common.CelOptions;
import dev.cel.common.CelValidationException;
import dev.cel.common.CelValidationResult;
import dev.cel.common.types.CelKind;
import dev.cel.common.types.CelType;
import dev.cel.common.types.NullableType;
import dev.cel.common.types.SimpleType;
import dev.cel.compiler.CelCompiler;
import dev.cel.compiler.CelCompilerFactory;
import dev.cel.parser.CelStandardMacro;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelRuntimeFactory;
import dev.replicator.handlers.HandlerFailure;
import dev.replicator.handlers.TableColumns;
import java.util.Map;
import java.util.function.Predicate;

/**
 * One expression that has been checked against a table's columns. It ends: the language has no loops but over lists, and
 * those are counted.
 *
 * <p>Variables: {@code a} the older row and {@code b} the newer one, null where the row was removed; {@code a_old} and
 * {@code b_old} the rows before, null where the log does not tell; {@code a_database}, {@code a_commit_time}, {@code
 * a_operation} ({@code insert}, {@code update}, {@code delete}, {@code truncate}) and the same of {@code b}; {@code
 * table}. Immutable. Source: github.com/google/cel-spec.
 */
final class Expression {
    private static final int MAX_ITERATIONS = 10_000;
    private static final int MAX_CODE_POINTS = 20_000;
    static final CelOptions OPTIONS = CelOptions.current()
            .enableQuotedIdentifierSyntax(true)
            .enableHeterogeneousNumericComparisons(true)
            .comprehensionMaxIterations(MAX_ITERATIONS)
            .maxExpressionCodePointSize(MAX_CODE_POINTS)
            .build();

    private final CelRuntime.Program program;

    private Expression(CelRuntime.Program program) {
        this.program = program;
    }

    /** One that gives a row: the whole decision. */
    static Expression ofRow(String text, TableColumns table) {
        ColumnTypes types = new ColumnTypes(table);
        return compile(text, table, types, "a row", type -> type.equals(types.row()) || type == SimpleType.NULL_TYPE);
    }

    /** One that gives the value of a column. */
    static Expression ofColumn(String text, TableColumns table, TableColumns.ColumnType column) {
        CelType wanted = ColumnTypes.of(column.type());
        return compile(
                text,
                table,
                new ColumnTypes(table),
                "a value for column \"" + column.name() + "\" of type " + column.declared() + " (" + name(wanted) + ")",
                type -> fits(type, wanted) || (type == SimpleType.NULL_TYPE && column.nullable()));
    }

    static boolean fits(CelType type, CelType wanted) {
        CelType plain = type instanceof NullableType nullable ? nullable.targetType() : type;
        return plain.equals(wanted)
                || plain == SimpleType.DYN
                || (wanted.equals(ColumnTypes.DECIMAL) && (plain == SimpleType.INT || plain == SimpleType.DOUBLE))
                || (wanted == SimpleType.DOUBLE && plain == SimpleType.INT)
                || (wanted.kind() == CelKind.LIST && plain.kind() == CelKind.LIST);
    }

    private static Expression compile(
            String text, TableColumns table, ColumnTypes types, String wanted, Predicate<CelType> fits) {
        Functions functions = new Functions(types.row());
        CelValidationResult checked = compiler(types, functions).compile(text);
        try {
            CelAbstractSyntaxTree tree = checked.getAst();
            if (!fits.test(tree.getResultType())) {
                throw new ExpressionProblem(
                        text, table, "it gives " + name(tree.getResultType()) + " where " + wanted + " is needed");
            }
            CelRuntime runtime = CelRuntimeFactory.legacyCelRuntimeBuilder()
                    .setOptions(OPTIONS)
                    .addFunctionBindings(functions.bindings())
                    .build();
            return new Expression(runtime.createProgram(tree));
        } catch (CelValidationException e) {
            CelIssue first = checked.getErrors().get(0);
            throw new ExpressionProblem(text, table, first.getMessage(), first.getSourceLocation());
        } catch (CelEvaluationException e) {
            throw new ExpressionProblem(text, table, String.valueOf(e.getMessage()));
        }
    }

    private static CelCompiler compiler(ColumnTypes types, Functions functions) {
        var builder = CelCompilerFactory.standardCelCompilerBuilder()
                .setOptions(OPTIONS)
                .setTypeProvider(types)
                .setStandardMacros(CelStandardMacro.STANDARD_MACROS)
                .addVar("table", SimpleType.STRING)
                .addFunctionDeclarations(functions.declarations());
        for (String side : new String[] {"a", "b"}) {
            builder.addVar(side, types.row())
                    .addVar(side + "_old", types.row())
                    .addVar(side + "_database", SimpleType.STRING)
                    .addVar(side + "_commit_time", SimpleType.TIMESTAMP)
                    .addVar(side + "_operation", SimpleType.STRING);
        }
        return builder.build();
    }

    /** The type's name for a person. */
    static String name(CelType type) {
        CelType plain = type instanceof NullableType nullable ? nullable.targetType() : type;
        return plain.name().replace("google.protobuf.Timestamp", "timestamp");
    }

    /** The result, as the language gives it. What goes wrong is a {@link HandlerFailure}. */
    Object evaluate(Map<String, ?> variables) {
        try {
            return program.eval(variables);
        } catch (CelEvaluationException e) {
            for (Throwable cause = e; cause != null; cause = cause.getCause()) {
                if (cause instanceof HandlerFailure failure) {
                    throw failure;
                }
            }
            // The message names types and places, never values, but for a few functions of the language.
            throw new HandlerFailure("it cannot be computed: " + e.getErrorCode(), e);
        }
    }
}
