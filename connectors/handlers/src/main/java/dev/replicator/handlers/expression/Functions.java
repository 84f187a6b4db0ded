package dev.replicator.handlers.expression;

import com.google.common.collect.ImmutableList;
import dev.cel.common.CelFunctionDecl;
import dev.cel.common.CelOverloadDecl;
import dev.cel.common.types.CelType;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.types.StructType;
import dev.cel.runtime.CelFunctionBinding;
import dev.cel.runtime.CelFunctionOverload;
import dev.replicator.spi.Answer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What expressions have beyond the language itself: exact arithmetic with decimals, {@code greatest}, {@code least},
 * {@code lower}, {@code upper}, {@code trim}, and, of a conflict, the answers {@code merge}, {@code remove}, {@code
 * fallback}, {@code quarantine}, {@code stop}.
 */
final class Functions {
    private static final CelType DECIMAL = ColumnTypes.DECIMAL;

    private final Map<String, List<CelOverloadDecl>> overloads = new LinkedHashMap<>();
    private final List<CelFunctionBinding> bindings = new ArrayList<>();

    Functions(StructType row) {
        binary("_<_", "less", SimpleType.BOOL, (a, b) -> a.compareTo(b) < 0, true);
        binary("_<=_", "less_equals", SimpleType.BOOL, (a, b) -> a.compareTo(b) <= 0, true);
        binary("_>_", "greater", SimpleType.BOOL, (a, b) -> a.compareTo(b) > 0, true);
        binary("_>=_", "greater_equals", SimpleType.BOOL, (a, b) -> a.compareTo(b) >= 0, true);
        binary("_+_", "add", DECIMAL, Decimal::plus, false);
        binary("_-_", "subtract", DECIMAL, Decimal::minus, false);
        binary("_*_", "multiply", DECIMAL, Decimal::times, false);
        binary("_/_", "divide", DECIMAL, Decimal::by, false);
        conversions();
        extremes();
        texts();
        answers(row);
    }

    List<CelFunctionDecl> declarations() {
        return overloads.entrySet().stream()
                .map(entry -> CelFunctionDecl.newFunctionDeclaration(entry.getKey(), entry.getValue()))
                .toList();
    }

    List<CelFunctionBinding> bindings() {
        return bindings;
    }

    /** For decimals on both sides, and for a decimal on one and a whole number (or any, to compare) on the other. */
    private void binary(
            String operator,
            String name,
            CelType result,
            CelFunctionOverload.Binary<Decimal, Decimal> function,
            boolean withDouble) {
        overload(operator, name + "_decimal", result, DECIMAL, DECIMAL);
        bindings.add(CelFunctionBinding.from(name + "_decimal", Decimal.class, Decimal.class, function));
        overload(operator, name + "_decimal_int", result, DECIMAL, SimpleType.INT);
        bindings.add(CelFunctionBinding.from(
                name + "_decimal_int", Decimal.class, Long.class, (a, b) -> function.apply(a, decimal(b))));
        overload(operator, name + "_int_decimal", result, SimpleType.INT, DECIMAL);
        bindings.add(CelFunctionBinding.from(
                name + "_int_decimal", Long.class, Decimal.class, (a, b) -> function.apply(decimal(a), b)));
        if (withDouble) {
            overload(operator, name + "_decimal_double", result, DECIMAL, SimpleType.DOUBLE);
            bindings.add(CelFunctionBinding.from(
                    name + "_decimal_double", Decimal.class, Double.class, (a, b) -> function.apply(a, decimal(b))));
            overload(operator, name + "_double_decimal", result, SimpleType.DOUBLE, DECIMAL);
            bindings.add(CelFunctionBinding.from(
                    name + "_double_decimal", Double.class, Decimal.class, (a, b) -> function.apply(decimal(a), b)));
        }
    }

    private static Decimal decimal(Object number) {
        return Decimal.of(number.toString());
    }

    private void conversions() {
        overload("decimal", "decimal_int", DECIMAL, SimpleType.INT);
        bindings.add(CelFunctionBinding.from("decimal_int", Long.class, Functions::decimal));
        overload("decimal", "decimal_double", DECIMAL, SimpleType.DOUBLE);
        bindings.add(CelFunctionBinding.from("decimal_double", Double.class, Functions::decimal));
        overload("decimal", "decimal_string", DECIMAL, SimpleType.STRING);
        bindings.add(CelFunctionBinding.from("decimal_string", String.class, Functions::decimal));
        overload("string", "decimal_to_string", SimpleType.STRING, DECIMAL);
        bindings.add(CelFunctionBinding.from("decimal_to_string", Decimal.class, Decimal::toString));
    }

    private void texts() {
        text("lower", text -> text.toLowerCase(Locale.ROOT));
        text("upper", text -> text.toUpperCase(Locale.ROOT));
        text("trim", String::strip);
    }

    private void text(String function, CelFunctionOverload.Unary<String> result) {
        overload(function, function + "_string", SimpleType.STRING, SimpleType.STRING);
        bindings.add(CelFunctionBinding.from(function + "_string", String.class, result));
    }

    private void extremes() {
        extreme(SimpleType.INT, Long.class);
        extreme(SimpleType.DOUBLE, Double.class);
        extreme(SimpleType.STRING, String.class);
        extreme(SimpleType.TIMESTAMP, Instant.class);
        extreme(DECIMAL, Decimal.class);
    }

    private <T extends Comparable<? super T>> void extreme(CelType type, Class<T> javaClass) {
        String greatest = "greatest_" + type.name();
        overload("greatest", greatest, type, type, type);
        bindings.add(CelFunctionBinding.from(greatest, javaClass, javaClass, (a, b) -> a.compareTo(b) >= 0 ? a : b));
        String least = "least_" + type.name();
        overload("least", least, type, type, type);
        bindings.add(CelFunctionBinding.from(least, javaClass, javaClass, (a, b) -> a.compareTo(b) <= 0 ? a : b));
    }

    private void answers(StructType row) {
        overload("merge", "merge_row", row, row, MapType.create(SimpleType.STRING, SimpleType.DYN));
        bindings.add(CelFunctionBinding.from("merge_row", Map.class, Map.class, ExpressionRow::merge));
        overload("remove", "remove_row", row);
        bindings.add(CelFunctionBinding.from(
                "remove_row", ImmutableList.of(), arguments -> ExpressionRow.of(new Answer.Remove())));
        overload("fallback", "fallback_row", row);
        bindings.add(CelFunctionBinding.from(
                "fallback_row", ImmutableList.of(), arguments -> ExpressionRow.of(new Answer.Fallback())));
        overload("quarantine", "quarantine_row", row, SimpleType.STRING);
        bindings.add(CelFunctionBinding.from(
                "quarantine_row", String.class, reason -> ExpressionRow.of(new Answer.Quarantine(reason))));
        overload("stop", "stop_row", row, SimpleType.STRING);
        bindings.add(
                CelFunctionBinding.from("stop_row", String.class, reason -> ExpressionRow.of(new Answer.Stop(reason))));
    }

    private void overload(String function, String id, CelType result, CelType... arguments) {
        overloads
                .computeIfAbsent(function, each -> new ArrayList<>())
                .add(CelOverloadDecl.newGlobalOverload(id, result, arguments));
    }
}
