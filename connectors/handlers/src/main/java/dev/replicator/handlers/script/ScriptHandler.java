package dev.replicator.handlers.script;

import dev.replicator.handlers.HandlerFailure;
import dev.replicator.handlers.HandlerProblem;
import dev.replicator.model.TableName;
import dev.replicator.spi.Answer;
import dev.replicator.spi.ConflictHandler;
import dev.replicator.spi.ConflictingChange;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.mozilla.javascript.Callable;
import org.mozilla.javascript.Context;
import org.mozilla.javascript.LambdaFunction;
import org.mozilla.javascript.RhinoException;
import org.mozilla.javascript.Script;
import org.mozilla.javascript.Scriptable;
import org.mozilla.javascript.ScriptableObject;
import org.mozilla.javascript.WrappedException;

/**
 * Decides by a function of a script file: {@code function resolve(changes, table)}, called with the changes in version
 * order. It returns one of them, or what one of the functions {@code merge(change, {column: value})}, {@code remove()},
 * {@code fallback()}, {@code quarantine(reason)} and {@code stop(reason)} returned. Every call begins in a fresh scope.
 *
 * <p>Thread: one at a time.
 */
public final class ScriptHandler implements ConflictHandler {
    private final Sandbox sandbox = new Sandbox();
    private final ScriptableObject globals;
    private final Script script;
    private final String function;

    /**
     * @param file the script's name, for messages
     * @param function the function to call
     * @throws HandlerProblem when it cannot be run
     */
    public ScriptHandler(String file, String text, String function) {
        this.function = function;
        this.globals = sandbox.run(context -> Sandbox.globals(context, answers()));
        try {
            this.script = sandbox.run(context -> context.compileString(text, file, 1, null));
            Object found = sandbox.run(context -> lookUp(context, scope(context)));
            if (!(found instanceof Callable)) {
                throw new HandlerProblem(
                        "\"" + file + "\" has no function " + function + ".",
                        "Write function " + function
                                + "(changes, table) { return changes[changes.length - 1]; }, or name"
                                + " another by function: NAME.");
            }
        } catch (RhinoException e) {
            throw new HandlerProblem(
                    "\"" + file + "\", line " + e.lineNumber() + ": " + e.details() + ".",
                    "The language is JavaScript (ECMAScript 6) without classes, modules, Date and Math.random.");
        } catch (HandlerFailure e) {
            throw new HandlerProblem(
                    "\"" + file + "\" cannot be loaded: " + e.what() + ".", "Outside of functions, only define.");
        }
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

    private Scriptable scope(Context context) {
        Scriptable scope = context.newObject(globals);
        scope.setPrototype(globals);
        scope.setParentScope(null);
        return scope;
    }

    private Object lookUp(Context context, Scriptable scope) {
        script.exec(context, scope, scope);
        Object found = scope.get(function, scope);
        return found == null ? Scriptable.NOT_FOUND : found;
    }

    @Override
    public Answer decide(TableName table, List<ConflictingChange> changes) {
        try {
            return sandbox.run(context -> {
                Scriptable scope = scope(context);
                Callable callable = (Callable) lookUp(context, scope);
                Object[] objects = new Object[changes.size()];
                for (int i = 0; i < objects.length; i++) {
                    objects[i] = new ChangeObject(i, changes.get(i), context, scope);
                }
                Object[] arguments = {context.newArray(scope, objects), table.toString()};
                return answer(callable.call(context, scope, scope, arguments));
            });
        } catch (WrappedException e) {
            throw e.getWrappedException() instanceof HandlerFailure failure
                    ? failure
                    : new HandlerFailure("it threw in line " + e.lineNumber(), e);
        } catch (RhinoException e) {
            // Its message may hold values of the row.
            throw new HandlerFailure("it threw in line " + e.lineNumber(), e);
        }
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
