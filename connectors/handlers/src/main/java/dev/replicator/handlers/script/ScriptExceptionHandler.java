package dev.replicator.handlers.script;

import dev.replicator.handlers.HandlerFailure;
import dev.replicator.model.TableName;
import dev.replicator.spi.ConflictingChange;
import dev.replicator.spi.ExceptionHandler;
import dev.replicator.spi.ReadOnlySql;
import dev.replicator.spi.RefusedChange;
import dev.replicator.spi.RowChange;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.mozilla.javascript.Context;
import org.mozilla.javascript.LambdaFunction;
import org.mozilla.javascript.NativeArray;
import org.mozilla.javascript.NativeObject;
import org.mozilla.javascript.Scriptable;
import org.mozilla.javascript.ScriptableObject;

/**
 * Decides about refused changes by a function of a script file: {@code function handle(exception, query)}. The exception has
 * {@code table}, {@code violation}, {@code constraint}, {@code database}, {@code refused} and {@code others}; {@code
 * query(database, sql, ...)} gives rows. It returns {@code {changes: [...], retry: true, reason: '...'}}, with what the
 * functions {@code upsert(table, row, ...)} and {@code remove(table, row)} returned as changes, or {@code fallback()}.
 *
 * <p>Thread: one at a time.
 */
public final class ScriptExceptionHandler implements ExceptionHandler {
    private static final String EXAMPLE =
            "(exception, query) { return { changes: [remove(exception.table, exception.refused.row)], reason: 'why' }; }";

    private final LoadedScript script;

    /**
     * @param file the script's name, for messages
     * @param function the function to call
     * @throws dev.replicator.handlers.HandlerProblem when it cannot be run
     */
    public ScriptExceptionHandler(String file, String text, String function) {
        this.script = new LoadedScript(file, text, function, EXAMPLE, answers());
    }

    /** Something of ours that a script holds: a change, or the answer that the fallback decides. */
    private static final class Held extends ScriptableObject {
        private static final long serialVersionUID = 1;

        /** Null: the fallback decides. */
        private final transient @Nullable RowChange change;

        Held(@Nullable RowChange change) {
            this.change = change;
            sealObject();
        }

        @Override
        public String getClassName() {
            return "Answer";
        }
    }

    private static Map<String, Function<Scriptable, Scriptable>> answers() {
        return Map.of(
                "upsert",
                function("upsert", 2, given -> new Held(new RowChange.Upsert(table(given[0]), columns(given)))),
                "remove",
                function("remove", 2, given -> new Held(new RowChange.Delete(table(given[0]), columns(given)))),
                "fallback",
                function("fallback", 0, given -> new Held(null)));
    }

    private static Function<Scriptable, Scriptable> function(
            String name, int arguments, Function<Object[], Object> answer) {
        return scope -> new LambdaFunction(scope, name, arguments, (context, callScope, thisObject, given) -> {
            if (given.length < arguments) {
                throw new HandlerFailure("it called " + name + " without its arguments");
            }
            return answer.apply(given);
        });
    }

    /** Of all objects behind the table's name; the last to name a column counts. */
    private static Map<String, @Nullable Object> columns(Object[] given) {
        Map<String, @Nullable Object> columns = new LinkedHashMap<>();
        for (int i = 1; i < given.length; i++) {
            columns.putAll(ScriptValues.columns(given[i]));
        }
        return columns;
    }

    private static TableName table(Object name) {
        String text = Context.toString(name);
        int dot = text.indexOf('.');
        return dot < 0 ? new TableName("public", text) : new TableName(text.substring(0, dot), text.substring(dot + 1));
    }

    @Override
    public Remedy decide(RefusedChange refused, ReadOnlySql sql) {
        return script.call(
                (context, scope) -> new Object[] {exception(refused, context, scope), query(sql, scope)},
                ScriptExceptionHandler::answer);
    }

    private static Scriptable exception(RefusedChange refused, Context context, Scriptable scope) {
        Scriptable object = context.newObject(scope);
        object.put("table", object, refused.table().toString());
        object.put("violation", object, refused.violation());
        object.put("constraint", object, refused.constraint());
        object.put("database", object, refused.database());
        object.put("refused", object, new ChangeObject(0, refused.refused(), context, scope));
        List<Object> others = new ArrayList<>();
        for (ConflictingChange other : refused.others()) {
            others.add(new ChangeObject(others.size() + 1, other, context, scope));
        }
        object.put("others", object, context.newArray(scope, others.toArray()));
        return object;
    }

    private static Scriptable query(ReadOnlySql sql, Scriptable scope) {
        return new LambdaFunction(scope, "query", 2, (context, callScope, thisObject, given) -> {
            if (given.length < 2) {
                throw new HandlerFailure("it called query without a database and a statement");
            }
            @Nullable
            Object[] parameters = Arrays.stream(given, 2, given.length)
                    .map(ScriptValues::toJava)
                    .toArray();
            List<Object> rows = new ArrayList<>();
            try {
                for (Map<String, @Nullable Object> row :
                        sql.query(Context.toString(given[0]), Context.toString(given[1]), parameters)) {
                    rows.add(new ChangeObject.RowObject(-1, row, context, scope));
                }
            } catch (IllegalArgumentException e) {
                throw new HandlerFailure("its query failed: " + e.getMessage(), e);
            }
            return context.newArray(scope, rows.toArray());
        });
    }

    private static Remedy answer(@Nullable Object result) {
        if (result instanceof Held held && held.change == null) {
            return Remedy.fallback();
        }
        if (!(result instanceof NativeObject answer)
                || !(ScriptableObject.getProperty(answer, "changes") instanceof NativeArray wanted)) {
            throw new HandlerFailure("it returned neither fallback() nor an object with changes");
        }
        List<RowChange> changes = new ArrayList<>();
        for (Object one : (Iterable<?>) wanted) {
            if (!(one instanceof Held held) || held.change == null) {
                throw new HandlerFailure("one of its changes is neither from upsert() nor from remove()");
            }
            changes.add(held.change);
        }
        Object retry = ScriptableObject.getProperty(answer, "retry");
        Object reason = ScriptableObject.getProperty(answer, "reason");
        return new Remedy(
                changes,
                retry == Scriptable.NOT_FOUND || Context.toBoolean(retry),
                reason == Scriptable.NOT_FOUND ? "it decided" : Context.toString(reason));
    }
}
