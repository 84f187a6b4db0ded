package dev.replicator.handlers.script;

import dev.replicator.handlers.HandlerFailure;
import dev.replicator.handlers.HandlerProblem;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.mozilla.javascript.Callable;
import org.mozilla.javascript.Context;
import org.mozilla.javascript.RhinoException;
import org.mozilla.javascript.Script;
import org.mozilla.javascript.Scriptable;
import org.mozilla.javascript.ScriptableObject;
import org.mozilla.javascript.WrappedException;

/** A script file of which one function is called, each time in a fresh scope. Thread: one at a time. */
final class LoadedScript {
    private final Sandbox sandbox = new Sandbox();
    private final ScriptableObject globals;
    private final Script script;
    private final String function;

    /**
     * @param file the script's name, for messages
     * @param function the function to call
     * @param example a function of that name that would do, for messages
     * @param added what the script sees beside the language
     * @throws HandlerProblem when it cannot be run
     */
    LoadedScript(
            String file,
            String text,
            String function,
            String example,
            Map<String, Function<Scriptable, Scriptable>> added) {
        this.function = function;
        this.globals = sandbox.run(context -> Sandbox.globals(context, added));
        try {
            this.script = sandbox.run(context -> context.compileString(text, file, 1, null));
            Object found = sandbox.run(context -> lookUp(context, scope(context)));
            if (!(found instanceof Callable)) {
                throw new HandlerProblem(
                        "\"" + file + "\" has no function " + function + ".",
                        "Write function " + function + example + ", or name another by function: NAME.");
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

    /** Calls the function; what goes wrong in it is a {@link HandlerFailure}. */
    <T> T call(BiFunction<Context, Scriptable, Object[]> arguments, Function<@Nullable Object, T> answer) {
        try {
            return sandbox.run(context -> {
                Scriptable scope = scope(context);
                Callable callable = (Callable) lookUp(context, scope);
                return answer.apply(callable.call(context, scope, scope, arguments.apply(context, scope)));
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
}
