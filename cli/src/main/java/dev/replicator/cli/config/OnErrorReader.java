package dev.replicator.cli.config;

import dev.replicator.model.OnError;
import dev.replicator.model.OnError.Action;
import dev.replicator.model.OnError.Violation;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;

/**
 * Reads {@code on_error}: one action for everything, or a map from the kind of violation, the name of a constraint, or
 * {@code default} to one.
 */
final class OnErrorReader {
    private static final Map<String, Action> ACTIONS =
            Map.of("stop", Action.STOP, "quarantine", Action.QUARANTINE, "keep_latest", Action.KEEP_LATEST);
    private static final Map<String, Violation> VIOLATIONS = Map.of(
            "unique", Violation.UNIQUE,
            "exclusion", Violation.EXCLUSION,
            "check", Violation.CHECK,
            "not_null", Violation.NOT_NULL,
            "foreign_key", Violation.FOREIGN_KEY,
            "type", Violation.TYPE);

    private final Values values;

    OnErrorReader(Values values) {
        this.values = values;
    }

    /** {@code node} null, or a mistake in it: {@code otherwise}. */
    OnError read(@Nullable Node node, String what, OnError otherwise) {
        if (node == null) {
            return otherwise;
        }
        if (!(node instanceof MappingNode map)) {
            Action action = action(node, what);
            return action == null ? otherwise : OnError.all(action);
        }
        Map<String, Action> constraints = new LinkedHashMap<>();
        Map<Violation, Action> violations = new EnumMap<>(Violation.class);
        Action[] rest = {Action.STOP};
        Keys.any(map, values.problems()).entries().forEach((name, entry) -> {
            Action action = action(entry.value(), "\"" + name + "\" in " + what);
            if (action == null) {
                return;
            }
            Violation violation = VIOLATIONS.get(name);
            if (name.equals("default")) {
                rest[0] = action;
            } else if (violation != null) {
                violations.put(violation, action);
            } else {
                constraints.put(name, action);
            }
            if (action == Action.KEEP_LATEST
                    && !name.equals("default")
                    && violation != null
                    && violation != Violation.UNIQUE) {
                values.problems()
                        .at(
                                entry.value(),
                                "keep_latest decides between two rows with the same unique value; for \"" + name
                                        + "\" use quarantine or stop");
            }
        });
        return new OnError(constraints, violations, rest[0]);
    }

    private @Nullable Action action(Node node, String what) {
        return values.choice(node, what, ACTIONS, java.util.List.of("custom"));
    }
}
