package dev.replicator.handlers;

import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.handlers.expression.ExpressionHandler;
import dev.replicator.handlers.plugin.Plugins;
import dev.replicator.handlers.script.ScriptHandler;
import dev.replicator.model.CustomCode;
import dev.replicator.policy.Policy;
import dev.replicator.spi.ConflictHandler;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** Makes policies of the code that a configuration names, checked against the columns of the table they are for. */
public final class CustomPolicies {
    /** So long a script or a class may take for one decision before the sync stops. */
    static final Duration LIMIT = Duration.ofSeconds(10);

    private final FailureListener failures;

    /** {@code failures}: hears of what handlers do wrong. */
    public CustomPolicies(FailureListener failures) {
        this.failures = failures;
    }

    /**
     * The policy of one table; throws CONFIGURATION, naming what does not fit and what would, when the code cannot decide
     * there.
     */
    public Policy policy(CustomCode code, TableColumns table, Policy fallback) {
        try {
            return new HandlerPolicy(code.name(), handler(code, table), table, fallback, failures);
        } catch (HandlerProblem e) {
            throw ReplicatorException.fatal(
                    ErrorCode.CONFIGURATION,
                    "cannot decide conflicts of table " + table.table() + " by " + code.name(),
                    e.detail(),
                    e.hint());
        }
    }

    private ConflictHandler handler(CustomCode code, TableColumns table) {
        if (code instanceof CustomCode.Expression expression) {
            return ExpressionHandler.ofRow(expression.text(), table);
        }
        if (code instanceof CustomCode.ColumnExpressions columns) {
            return ExpressionHandler.ofColumns(columns.texts(), table);
        }
        if (code instanceof CustomCode.Script script) {
            ConflictHandler handler =
                    new ScriptHandler(script.file().getFileName().toString(), read(script.file()), script.function());
            return new TimedHandler(code.name(), handler, LIMIT);
        }
        if (code instanceof CustomCode.ScriptText script) {
            return new TimedHandler(
                    code.name(), new ScriptHandler(script.file(), script.text(), script.function()), LIMIT);
        }
        if (code instanceof CustomCode.PluginOfJar plugin) {
            return new TimedHandler(
                    code.name(), new Plugins(plugin.folder()).handler(plugin.className(), plugin.jar()), LIMIT);
        }
        CustomCode.PluginClass plugin = (CustomCode.PluginClass) code;
        return new TimedHandler(code.name(), new Plugins(plugin.folder()).handler(plugin.className()), LIMIT);
    }

    /**
     * The same code as it is now, whatever becomes of the files it stands in; throws CONFIGURATION when they cannot be
     * read.
     */
    public static CustomCode asItIs(CustomCode code) {
        try {
            if (code instanceof CustomCode.Script script) {
                return new CustomCode.ScriptText(
                        script.file().getFileName().toString(), read(script.file()), script.function());
            }
            if (code instanceof CustomCode.PluginClass plugin) {
                return new CustomCode.PluginOfJar(
                        plugin.folder(),
                        plugin.className(),
                        new Plugins(plugin.folder()).hashOfJar(plugin.className()));
            }
            return code;
        } catch (HandlerProblem e) {
            throw ReplicatorException.fatal(
                    ErrorCode.CONFIGURATION, "cannot decide conflicts by " + code.name(), e.detail(), e.hint());
        }
    }

    static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new HandlerProblem(
                    "\"" + file + "\" cannot be read: " + e.getClass().getSimpleName() + ".",
                    "Relative names start at the folder of the configuration file.");
        }
    }
}
