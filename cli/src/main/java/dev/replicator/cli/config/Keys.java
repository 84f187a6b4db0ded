package dev.replicator.cli.config;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;

/** The keys of one YAML map. Unknown keys, keys written twice and keys of later versions are problems. */
final class Keys {
    private final Map<String, Entry> entries = new LinkedHashMap<>();

    /** A key, where it stands, and its value. */
    record Entry(ScalarNode key, Node value) {}

    private Keys() {}

    /** Any names as keys. */
    static Keys any(MappingNode node, Problems problems) {
        Keys keys = new Keys();
        for (NodeTuple tuple : node.getValue()) {
            if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
                problems.at(tuple.getKeyNode(), "a key must be a single word");
                continue;
            }
            Entry first = keys.entries.putIfAbsent(key.getValue(), new Entry(key, tuple.getValueNode()));
            if (first != null) {
                problems.at(
                        key,
                        "\"" + key.getValue() + "\" stands here twice; the first is in line "
                                + (first.key.getStartMark().getLine() + 1));
            }
        }
        return keys;
    }

    /** Only {@code known} keys; those of {@code later} are refused by name. */
    static Keys of(MappingNode node, Problems problems, String where, List<String> known, List<String> later) {
        return of(node, problems, where, known, later, "is not supported by this version");
    }

    /** Only {@code known} keys; of those of {@code others} it is said {@code why} they are refused. */
    static Keys of(
            MappingNode node, Problems problems, String where, List<String> known, List<String> others, String why) {
        Keys keys = any(node, problems);
        keys.entries.values().removeIf(entry -> {
            String key = entry.key.getValue();
            if (known.contains(key)) {
                return false;
            }
            if (others.contains(key)) {
                problems.at(entry.key, "key \"" + key + "\" in " + where + " " + why);
            } else {
                String near = NearestWord.hint(key, known);
                problems.at(
                        entry.key,
                        "unknown key \"" + key + "\" in " + where
                                + (near.isEmpty() ? "; the keys are " + String.join(", ", known) : near));
            }
            return true;
        });
        return keys;
    }

    Map<String, Entry> entries() {
        return entries;
    }

    /** The value of a key that is known to be there. */
    Node node(String key) {
        return Objects.requireNonNull(value(key), key);
    }

    @Nullable
    Node value(String key) {
        Entry entry = entries.get(key);
        return entry == null ? null : entry.value;
    }
}
