package dev.replicator.cli.config;

import dev.replicator.model.ConflictRule;
import dev.replicator.model.ConflictRule.Custom;
import dev.replicator.model.ConflictRule.Named;
import dev.replicator.model.CustomCode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;

/**
 * Reads a value of {@code conflict:}: the name of a policy, or a map with one of {@code policy}, {@code priority}, {@code
 * source}, {@code expression}, {@code script} and {@code class}, and what belongs to it.
 */
final class ConflictReader {
    private static final List<String> WAYS = List.of("policy", "priority", "source", "expression", "script", "class");
    private static final List<String> KEYS =
            List.of("policy", "priority", "source", "expression", "script", "class", "delta", "function", "fallback");
    private static final Set<String> NEED_DATABASES = Set.of("priority", "source");
    private static final Set<String> TAKE_DELTA = Set.of("latest", "columns");
    private static final Set<String> NO_FALLBACK = Set.of("columns", "skip");

    private final Values values;
    private final Problems problems;
    private final Path folder;
    private final List<String> sources;

    /**
     * @param folder of the configuration file
     * @param sources names of the sync's sources
     */
    ConflictReader(Values values, Path folder, List<String> sources) {
        this.values = values;
        this.problems = values.problems();
        this.folder = folder;
        this.sources = sources;
    }

    /** Null, and at least one problem, when it cannot be used. */
    @Nullable
    ConflictRule read(Node node, String what) {
        if (!(node instanceof MappingNode map)) {
            return named(node, what);
        }
        Keys keys = Keys.of(map, problems, what, KEYS, List.of());
        List<String> ways = WAYS.stream().filter(way -> keys.value(way) != null).toList();
        if (ways.size() != 1) {
            problems.at(
                    node,
                    what + " needs " + (ways.isEmpty() ? "one" : "only one") + " of " + String.join(", ", WAYS)
                            + (ways.isEmpty() ? "" : ", not " + String.join(" and ", ways)));
            return null;
        }
        return switch (ways.get(0)) {
            case "expression", "script", "class" -> custom(keys, ways.get(0), what);
            default -> builtIn(keys, ways.get(0), what);
        };
    }

    private @Nullable Named named(Node node, String what) {
        Map<String, Named> choices = new LinkedHashMap<>();
        for (String name : ConflictRule.NAMES) {
            choices.put(name, new Named(name, List.of(), Set.of()));
        }
        Named chosen = values.choice(node, what, choices, List.of());
        if (chosen != null && NEED_DATABASES.contains(chosen.name())) {
            problems.at(
                    node,
                    what + ": " + chosen.name() + " has to say which; write { " + chosen.name()
                            + (chosen.name().equals("source") ? ": name }" : ": [name, ...] }"));
            return null;
        }
        return chosen;
    }

    private @Nullable Named builtIn(Keys keys, String way, String what) {
        for (String other : List.of("function", "fallback")) {
            refuse(keys, other, what, "belongs to an expression, a script or a class");
        }
        Node value = keys.node(way);
        Named named = switch (way) {
            case "priority" -> priority(value, what);
            case "source" -> source(value, what);
            default -> named(value, "policy of " + what);
        };
        Node delta = keys.value("delta");
        if (named == null || delta == null) {
            return named;
        }
        if (!TAKE_DELTA.contains(named.name())) {
            problems.at(delta, "delta of " + what + " goes with policy latest or columns, not with " + named.name());
            return null;
        }
        Set<String> columns = new LinkedHashSet<>(texts(delta, "delta of " + what));
        if (columns.isEmpty()) {
            problems.at(delta, "delta of " + what + " names no column");
        }
        return new Named(named.name(), List.of(), columns);
    }

    private void refuse(Keys keys, String key, String what, String why) {
        Node node = keys.value(key);
        if (node != null) {
            problems.at(node, key + " of " + what + " " + why);
        }
    }

    private Named priority(Node node, String what) {
        List<String> databases = new ArrayList<>();
        for (Node item : values.items(node, "priority of " + what)) {
            String name = database(item, "an item of priority of " + what);
            if (name != null && databases.contains(name)) {
                problems.at(item, "database \"" + name + "\" stands twice in priority of " + what);
            } else if (name != null) {
                databases.add(name);
            }
        }
        return new Named("priority", databases, Set.of());
    }

    private @Nullable Named source(Node node, String what) {
        String name = database(node, "source of " + what);
        return name == null ? null : new Named("source", List.of(name), Set.of());
    }

    private @Nullable String database(Node node, String what) {
        String name = values.text(node, what);
        if (name != null && !sources.contains(name)) {
            problems.at(
                    node,
                    what + ": \"" + Values.raw(node) + "\" is no source of this sync"
                            + NearestWord.hint(name, sources));
            return null;
        }
        return name;
    }

    private @Nullable ConflictRule custom(Keys keys, String way, String what) {
        refuse(keys, "delta", what, "goes with policy latest or columns");
        if (!way.equals("script")) {
            refuse(keys, "function", what, "belongs to a script");
        }
        Node fallbackNode = keys.value("fallback");
        Named fallback = fallbackNode == null ? ConflictRule.LATEST : fallback(fallbackNode, "fallback of " + what);
        CustomCode code = code(keys, way, what);
        return code == null || fallback == null ? null : new Custom(code, fallback);
    }

    private @Nullable Named fallback(Node node, String what) {
        ConflictRule rule = read(node, what);
        if (rule instanceof Named named
                && !NO_FALLBACK.contains(named.name())
                && named.delta().isEmpty()) {
            return named;
        }
        if (rule != null) {
            problems.at(node, what + " must be a policy that names a winner, or stop");
        }
        return null;
    }

    private @Nullable CustomCode code(Keys keys, String way, String what) {
        Node value = keys.node(way);
        if (value instanceof MappingNode map && way.equals("expression")) {
            Map<String, String> texts = new LinkedHashMap<>();
            Keys.any(map, problems).entries().forEach((column, entry) -> {
                String text = values.text(entry.value(), "the expression for column \"" + column + "\"");
                if (text != null) {
                    texts.put(column, text);
                }
            });
            if (texts.isEmpty()) {
                problems.at(value, "expression of " + what + " names no column");
            }
            return new CustomCode.ColumnExpressions(texts);
        }
        String text = values.text(value, way + " of " + what);
        if (text == null) {
            return null;
        }
        if (way.equals("script")) {
            Node function = keys.value("function");
            String name = function == null ? "resolve" : values.text(function, "function of " + what);
            return name == null ? null : new CustomCode.Script(folder.resolve(text), name);
        }
        return way.equals("class")
                ? new CustomCode.PluginClass(folder.resolve("plugins"), text)
                : new CustomCode.Expression(text);
    }

    private List<String> texts(Node node, String what) {
        List<String> texts = new ArrayList<>();
        for (Node item : values.items(node, what)) {
            String text = values.text(item, "an item of " + what);
            if (text != null) {
                texts.add(text);
            }
        }
        return texts;
    }
}
