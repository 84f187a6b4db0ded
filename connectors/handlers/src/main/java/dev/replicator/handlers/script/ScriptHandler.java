package dev.replicator.handlers.script;

import dev.replicator.handlers.HandlerFailure;
import dev.replicator.model.TableName;
import dev.replicator.spi.Answer;
import dev.replicator.spi.ConflictHandler;
import dev.replicator.spi.ConflictingChange;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.mozilla.javascript.Context;
import org.mozilla.javascript.LambdaFunction;
import org.mozilla.javascript.Scriptable;
import org.mozilla.javascript.ScriptableObject;

/**
 * Decides by a function of a script file: {@code function resolve(changes, table)}, called with the changes in version
 * order. It returns one of them, or what one of the functions {@code merge(change, {column: value})}, {@code remove()},
 * {@code fallback()}, {@code quarantine(reason)} and {@code stop(reason)} returned. Every call begins in a fresh scope.
 *
 * <p>Thread: one at a time.
 */
public final class ScriptHandler implements ConflictHandler {
    private static final String EXAMPLE = "(changes, table) { return changes[changes.length - 1]; }";

    private final LoadedScript script;

    /**
     * @param file the script's name, for messages
     * @param function the function to call
     * @throws dev.replicator.handlers.HandlerProblem when it cannot be run
     */
    public ScriptHandler(String file, String text, String function) {
        this.script = new LoadedScript(file, text, function, EXAMPLE, answers());
    }

    /** An answer as a script holds it. */
    private static final class AnswerObject extends ScriptableObject {
        private static final long serialVersionUID = 1;

        private final transient Answer answer;

        AnswerObject(Answer answer) {
            this.answer = answer;
            sealObject();
        }

        @Override
        public String getClassName() {
            return "Answer";
        }
    }

    /** The functions that make answers. */
    private static Map<String, Function<Scriptable, Scriptable>> answers() {
        return Map.of(
                "merge",
                function("merge", 2, arguments -> {
                    if (!(arguments[0] instanceof ChangeObject change)) {
                        throw new HandlerFailure("it called merge without one of the changes");
                    }
                    return new Answer.Merge(change.index, ScriptValues.columns(arguments[1]));
                }),
                "remove",
                function("remove", 0, arguments -> new Answer.Remove()),
                "fallback",
                function("fallback", 0, arguments -> new Answer.Fallback()),
                "quarantine",
                function("quarantine", 1, arguments -> new Answer.Quarantine(Context.toString(arguments[0]))),
                "stop",
                function("stop", 1, arguments -> new Answer.Stop(Context.toString(arguments[0]))));
    }

    private static Function<Scriptable, Scriptable> function(
            String name, int arguments, Function<Object[], Answer> answer) {
        return scope -> new LambdaFunction(scope, name, arguments, (context, callScope, thisObject, given) -> {
            if (given.length < arguments) {
                throw new HandlerFailure("it called " + name + " without its arguments");
            }
            return new AnswerObject(answer.apply(given));
        });
    }

    @Override
    public Answer decide(TableName table, List<ConflictingChange> changes) {
        return script.call(
                (context, scope) -> {
                    Object[] objects = new Object[changes.size()];
                    for (int i = 0; i < objects.length; i++) {
                        objects[i] = new ChangeObject(i, changes.get(i), context, scope);
                    }
                    return new Object[] {context.newArray(scope, objects), table.toString()};
                },
                ScriptHandler::answer);
    }

    private static Answer answer(@Nullable Object result) {
        if (result instanceof ChangeObject change) {
            return new Answer.Take(change.index);
        }
        if (result instanceof ChangeObject.RowObject row && row.index >= 0) {
            return new Answer.Take(row.index);
        }
        if (result instanceof AnswerObject answer) {
            return answer.answer;
        }
        throw new HandlerFailure("it returned neither one of the changes nor an answer");
    }
}
