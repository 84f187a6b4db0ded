package dev.replicator.cli.config;

import dev.replicator.model.InitialCopy;
import dev.replicator.model.InitialCopy.When;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;

/** Reads {@code initial_copy}: a word, or a map of the word ({@code when}) and the source whose rows count ({@code from}). */
final class InitialCopyReader {
    private static final Map<String, When> WORDS =
            Map.of("never", When.NEVER, "if_empty", When.IF_EMPTY, "always", When.ALWAYS);

    private final Values values;
    private final List<String> sources;

    /** {@code sources}: their names. */
    InitialCopyReader(Values values, List<String> sources) {
        this.values = values;
        this.sources = sources;
    }

    /** What holds where nothing is said. */
    InitialCopy usual() {
        return sources.size() > 1 ? InitialCopy.NEVER : InitialCopy.IF_EMPTY;
    }

    /** {@code node} null, or a mistake in it: {@code otherwise}. */
    InitialCopy read(@Nullable Node node, String what, InitialCopy otherwise) {
        if (node == null) {
            return otherwise;
        }
        InitialCopy copy = word(node, what, otherwise);
        if (sources.size() > 1 && copy.when() != When.NEVER) {
            values.problems()
                    .at(
                            node,
                            what
                                    + " can only be never in a sync with several sources: a row that two of them change while it"
                                    + " is copied could end different; start with equal rows, which \"replicator compare\""
                                    + " checks");
            return otherwise;
        }
        return copy;
    }

    private InitialCopy word(Node node, String what, InitialCopy otherwise) {
        if (!(node instanceof MappingNode map)) {
            When when = values.choice(node, what, WORDS, List.of());
            return when == null ? otherwise : new InitialCopy(when, null);
        }
        Keys keys = Keys.of(map, values.problems(), what, List.of("when", "from"), List.of());
        Node whenNode = keys.value("when");
        When when = whenNode == null ? When.IF_EMPTY : values.choice(whenNode, "when of " + what, WORDS, List.of());
        Node fromNode = keys.value("from");
        String from = fromNode == null ? null : values.text(fromNode, "from of " + what);
        if (from != null && fromNode != null && !sources.contains(from)) {
            values.problems()
                    .at(
                            fromNode,
                            "from of " + what + ": \"" + from + "\" is no source of the sync"
                                    + NearestWord.hint(from, sources));
            return otherwise;
        }
        return when == null ? otherwise : new InitialCopy(when, from);
    }
}
