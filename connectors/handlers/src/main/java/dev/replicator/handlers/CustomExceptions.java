package dev.replicator.handlers;

import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.handlers.plugin.Plugins;
import dev.replicator.handlers.script.ScriptExceptionHandler;
import dev.replicator.model.CustomCode;
import dev.replicator.model.OnError;
import dev.replicator.model.TableName;
import dev.replicator.policy.ExceptionPolicy;
import dev.replicator.spi.ExceptionHandler;
import dev.replicator.spi.ReadOnlySql;

/** Makes what decides about refused changes of the code that a configuration names. */
public final class CustomExceptions {
    private final ExceptionTables tables;
    private final ReadOnlySql sql;
    private final FailureListener failures;

    /**
     * @param sql what handlers may ask
     * @param failures hears of what handlers do wrong
     */
    public CustomExceptions(ExceptionTables tables, ReadOnlySql sql, FailureListener failures) {
        this.tables = tables;
        this.sql = sql;
        this.failures = failures;
    }

    /** Throws CONFIGURATION, naming what does not fit and what would, when the code cannot be used. */
    public ExceptionPolicy policy(OnError.Handler handler, TableName table) {
        String name = handler.code().name();
        try {
            return new HandlerRemedy(
                    name,
                    load(handler.code()),
                    new TimedCall(name, CustomPolicies.LIMIT),
                    tables,
                    sql,
                    handler.fallback(),
                    failures);
        } catch (HandlerProblem e) {
            throw ReplicatorException.fatal(
                    ErrorCode.CONFIGURATION,
                    "cannot decide about refused changes of table " + table + " by " + name,
                    e.detail(),
                    e.hint());
        }
    }

    private static ExceptionHandler load(CustomCode code) {
        if (code instanceof CustomCode.Script script) {
            return new ScriptExceptionHandler(
                    script.file().getFileName().toString(), CustomPolicies.read(script.file()), script.function());
        }
        if (code instanceof CustomCode.PluginClass plugin) {
            return new Plugins(plugin.folder()).exceptionHandler(plugin.className());
        }
        throw new HandlerProblem("An expression cannot make changes.", "Use a script or a class.");
    }
}
