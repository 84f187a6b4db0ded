package dev.replicator.handlers.script;

import dev.replicator.handlers.HandlerFailure;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TimeZone;
import java.util.function.Function;
import org.mozilla.javascript.Context;
import org.mozilla.javascript.ContextFactory;
import org.mozilla.javascript.NativeObject;
import org.mozilla.javascript.Scriptable;
import org.mozilla.javascript.ScriptableObject;
import org.mozilla.javascript.TopLevel;
import org.mozilla.javascript.Undefined;

/**
 * The engine that scripts run in: no Java classes, no clock, no chance, nothing that outlives a call, and at most {@value
 * #MAX_STEPS} steps. Steps are counted, not seconds, so that a script ends at the same place on every machine.
 *
 * <p>Thread: one at a time; each enters a context of its own. Source: Rhino's documentation, "Embedding", and
 * {@code ContextFactory.observeInstructionCount}.
 */
final class Sandbox extends ContextFactory {
    /** Steps of the interpreter, and of matching regular expressions, that one decision may take. */
    static final long MAX_STEPS = 10_000_000;

    private static final int OBSERVED_STEPS = 10_000;
    private static final int MAX_DEPTH = 500;

    private long steps;

    /** Ends a script; scripts cannot catch it. */
    private static final class TooManySteps extends Error {
        private static final long serialVersionUID = 1;
    }

    /** Something done with a context. */
    @FunctionalInterface
    interface Action<T> {
        T run(Context context);
    }

    /** Runs it in a fresh context with a fresh count. */
    <T> T run(Action<T> action) {
        steps = 0;
        try (Context context = enterContext()) {
            return action.run(context);
        } catch (TooManySteps e) {
            throw new HandlerFailure("it had not ended after " + MAX_STEPS + " steps", e);
        }
    }

    /** What all scripts see, sealed: the language's objects but for the clock and chance, and what is {@code added}. */
    static ScriptableObject globals(Context context, Map<String, Function<Scriptable, Scriptable>> added) {
        Globals globals = new Globals();
        context.initSafeStandardObjects(globals, true);
        added.forEach((name, make) -> globals.added.put(name, make.apply(globals)));
        NativeObject math = new NativeObject();
        math.setPrototype((Scriptable) globals.get("Math", globals));
        math.defineProperty("random", Undefined.instance, ScriptableObject.READONLY);
        math.sealObject();
        globals.added.put("Math", math);
        globals.added.put("Date", Scriptable.NOT_FOUND);
        return globals;
    }

    /** The top-level scope; sealed when it is filled, so what differs from the standard stands beside it. */
    private static final class Globals extends TopLevel {
        private static final long serialVersionUID = 1;

        private final transient Map<String, Object> added = new HashMap<>();

        @Override
        public Object get(String name, Scriptable start) {
            Object own = added.get(name);
            return own == null ? super.get(name, start) : own;
        }

        @Override
        public boolean has(String name, Scriptable start) {
            Object own = added.get(name);
            return own == null ? super.has(name, start) : own != Scriptable.NOT_FOUND;
        }
    }

    @Override
    protected Context makeContext() {
        Context context = super.makeContext();
        context.setInterpretedMode(true);
        context.setLanguageVersion(Context.VERSION_ES6);
        context.setInstructionObserverThreshold(OBSERVED_STEPS);
        context.setMaximumInterpreterStackDepth(MAX_DEPTH);
        context.setClassShutter(name -> false);
        context.setLocale(Locale.ROOT);
        context.setTimeZone(TimeZone.getTimeZone("UTC"));
        return context;
    }

    @Override
    protected void observeInstructionCount(Context context, int count) {
        steps += count;
        if (steps > MAX_STEPS) {
            throw new TooManySteps();
        }
    }
}
