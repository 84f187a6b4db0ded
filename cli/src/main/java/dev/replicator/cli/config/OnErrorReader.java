package dev.replicator.cli.config;

import dev.replicator.model.CustomCode;
import dev.replicator.model.OnError;
import dev.replicator.model.OnError.Action;
import dev.replicator.model.OnError.Handler;
import dev.replicator.model.OnError.Violation;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.ScalarNode;

/**
 * Reads {@code on_error}: one action for everything, or a map from the kind of violation, the name of a constraint, or
 * {@code default} to one. An action is a word, or code: a map with {@code script} or {@code class}.
 */
final class OnErrorReader {
    private static final Map<String, Action> ACTIONS = new LinkedHashMap<>();
    private static final Map<String, Violation> VIOLATIONS = new LinkedHashMap<>();
    private static final List<String> CODE_KEYS = List.of("script", "class", "function", "fallback");
    private static final Map<String, Action> FALLBACKS =
            Map.of("quarantine", Action.QUARANTINE, "keep_latest", Action.KEEP_LATEST);

    static {
        for (Action action : Action.values()) {
            if (action != Action.CUSTOM) {
                ACTIONS.put(action.name().toLowerCase(Locale.ROOT), action);
            }
        }
        for (Violation violation : Violation.values()) {
            VIOLATIONS.put(violation.word(), violation);
        }
    }

    private final Values values;
    private final Path folder;

    /** {@code folder}: of the configuration file. */
    OnErrorReader(Values values, Path folder) {
        this.values = values;
        this.folder = folder;
    }

    /** {@code node} null, or a mistake in it: {@code otherwise}. */
    OnError read(@Nullable Node node, String what, OnError otherwise) {
        if (node == null) {
            return otherwise;
        }
        Map<String, Handler> handlers = new LinkedHashMap<>();
        if (!(node instanceof MappingNode map) || isCode(map)) {
            Action action = action(node, what, OnError.DEFAULT, handlers);
            return action == null ? otherwise : new OnError(Map.of(), Map.of(), action, handlers);
        }
        Map<String, Action> constraints = new LinkedHashMap<>();
        Map<Violation, Action> violations = new EnumMap<>(Violation.class);
        Action[] rest = {Action.STOP};
        Keys.any(map, values.problems()).entries().forEach((name, entry) -> {
            Action action = action(entry.value(), "\"" + name + "\" in " + what, name, handlers);
            if (action == null) {
                return;
            }
            Violation violation = VIOLATIONS.get(name);
            if (name.equals(OnError.DEFAULT)) {
                rest[0] = action;
            } else if (violation != null) {
                violations.put(violation, action);
            } else {
                constraints.put(name, action);
            }
        });
        return new OnError(constraints, violations, rest[0], handlers);
    }

    private static boolean isCode(MappingNode map) {
        return map.getValue().stream()
                .anyMatch(tuple -> tuple.getKeyNode() instanceof ScalarNode key
                        && (key.getValue().equals("script") || key.getValue().equals("class")));
    }

    private @Nullable Action action(Node node, String what, String name, Map<String, Handler> handlers) {
        if (node instanceof MappingNode map) {
            Handler handler = handler(map, what);
            if (handler != null) {
                handlers.put(name, handler);
            }
            return handler == null ? null : Action.CUSTOM;
        }
        if (Values.raw(node).equals("custom")) {
            values.problems()
                    .at(node, what + ": custom has to say which; write { script: file.js } or { class: its.Name }");
            return null;
        }
        Action action = values.choice(node, what, ACTIONS, List.of());
        if (action != null) {
            requireFit(node, action, name);
        }
        return action;
    }

    private void requireFit(Node node, Action action, String name) {
        Violation violation = VIOLATIONS.get(name);
        if (action == Action.KEEP_LATEST && violation != null && violation != Violation.UNIQUE) {
            values.problems()
                    .at(
                            node,
                            "keep_latest decides between two rows with the same unique value; for \"" + name
                                    + "\" use "
                                    + (violation == Violation.FOREIGN_KEY
                                            ? "restore_parent, delete_child, set_null or record"
                                            : "quarantine or stop"));
        }
        boolean named = violation == null && !name.equals(OnError.DEFAULT);
        if (action.isOfForeignKeys() && !named && violation != Violation.FOREIGN_KEY) {
            String word = action.name().toLowerCase(Locale.ROOT);
            values.problems()
                    .at(
                            node,
                            word + " is about rows whose parent was deleted; write { foreign_key: " + word
                                    + " }, or name the constraint");
        }
    }

    private @Nullable Handler handler(MappingNode map, String what) {
        Keys keys = Keys.of(map, values.problems(), what, CODE_KEYS, List.of());
        Node script = keys.value("script");
        Node plugin = keys.value("class");
        Node function = keys.value("function");
        if ((script == null) == (plugin == null)) {
            values.problems().at(map, what + " needs one of script and class");
            return null;
        }
        if (plugin != null && function != null) {
            values.problems().at(function, "function in " + what + " belongs to a script");
        }
        Node fallbackNode = keys.value("fallback");
        Action fallback = fallbackNode == null
                ? Action.QUARANTINE
                : values.choice(fallbackNode, "fallback of " + what, FALLBACKS, List.of());
        CustomCode code = script != null ? script(script, function, what) : plugin(plugin, what);
        return code == null || fallback == null ? null : new Handler(code, fallback);
    }

    private @Nullable CustomCode script(Node file, @Nullable Node function, String what) {
        String text = values.text(file, "script of " + what);
        String name = function == null ? "handle" : values.text(function, "function of " + what);
        return text == null || name == null ? null : new CustomCode.Script(folder.resolve(text), name);
    }

    private @Nullable CustomCode plugin(@Nullable Node node, String what) {
        String name = node == null ? null : values.text(node, "class of " + what);
        return name == null ? null : new CustomCode.PluginClass(folder.resolve("plugins"), name);
    }
}
