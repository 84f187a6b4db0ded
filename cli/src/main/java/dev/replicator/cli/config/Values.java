package dev.replicator.cli.config;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeId;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * Reads single values out of YAML nodes: a value of the wrong form becomes a problem and null. Messages show a value as it
 * stands in the file, before {@code ${...}} is replaced, so that no secret gets into them.
 */
final class Values {
    private static final Pattern VARIABLE = Pattern.compile("\\$(\\$\\{|\\{([^}]*)\\})");

    private final Problems problems;
    private final Environment environment;

    Values(Problems problems, Environment environment) {
        this.problems = problems;
        this.environment = environment;
    }

    Problems problems() {
        return problems;
    }

    Environment environment() {
        return environment;
    }

    /** The text of a scalar with its variables replaced; null (and a problem) if it is none or empty. */
    @Nullable
    String text(Node node, String what) {
        if (!(node instanceof ScalarNode scalar)) {
            problems.at(node, what + " must be a text, not " + form(node));
            return null;
        }
        if (scalar.getTag().equals(Tag.NULL) || scalar.getValue().isBlank()) {
            problems.at(node, what + " is empty");
            return null;
        }
        return replaceVariables(scalar);
    }

    private @Nullable String replaceVariables(ScalarNode scalar) {
        Matcher variable = VARIABLE.matcher(scalar.getValue());
        StringBuilder text = new StringBuilder();
        boolean complete = true;
        while (variable.find()) {
            String name = variable.group(2);
            String value = name == null ? "${" : environment.get(name);
            if (value == null) {
                problems.at(
                        scalar,
                        "environment variable \"" + name + "\" is not set"
                                + NearestWord.hint(
                                        name == null ? "" : name,
                                        environment.variables().keySet()));
                complete = false;
                value = "";
            }
            variable.appendReplacement(text, Matcher.quoteReplacement(value));
        }
        variable.appendTail(text);
        return complete ? text.toString() : null;
    }

    /** One of the words of {@code choices}; the words of {@code later} are refused as not supported yet. */
    <T> @Nullable T choice(Node node, String what, Map<String, T> choices, List<String> later) {
        String text = text(node, what);
        if (text == null) {
            return null;
        }
        T chosen = choices.get(text);
        if (chosen == null && later.contains(text)) {
            problems.at(
                    node,
                    what + " \"" + raw(node) + "\" is not supported by this version; use "
                            + words(choices.keySet().stream().sorted().toList()));
        } else if (chosen == null) {
            List<String> sorted = choices.keySet().stream().sorted().toList();
            problems.at(
                    node,
                    what + " must be " + words(sorted) + ", not \"" + raw(node) + "\""
                            + NearestWord.hint(text, sorted));
        }
        return chosen;
    }

    @Nullable
    ByteSize size(Node node, String what, ByteSize least) {
        ByteSize size = parsed(node, what, ByteSize::parse);
        if (size != null && size.bytes() < least.bytes()) {
            problems.at(node, what + " must be at least " + least + ", not " + raw(node));
            return null;
        }
        return size;
    }

    @Nullable
    Duration span(Node node, String what, Duration least) {
        Duration span = parsed(node, what, TimeSpan::parse);
        if (span != null && span.compareTo(least) < 0) {
            problems.at(node, what + " must be at least " + TimeSpan.format(least) + ", not " + raw(node));
            return null;
        }
        return span;
    }

    private <T> @Nullable T parsed(Node node, String what, Function<String, T> parser) {
        String text = text(node, what);
        if (text == null) {
            return null;
        }
        try {
            return parser.apply(text);
        } catch (IllegalArgumentException e) {
            boolean replaced = !text.equals(raw(node));
            problems.at(
                    node,
                    what + ": " + (replaced ? "the value of \"" + raw(node) + "\" is not right" : e.getMessage()));
            return null;
        }
    }

    /** The items of a list; a problem (and an empty list) when it is none. */
    List<Node> items(Node node, String what) {
        if (node instanceof SequenceNode sequence) {
            return sequence.getValue();
        }
        String suggestion =
                node instanceof ScalarNode scalar && !scalar.getTag().equals(Tag.NULL)
                        ? "; write [" + scalar.getValue() + "]"
                        : "";
        problems.at(node, what + " must be a list, not " + form(node) + suggestion);
        return List.of();
    }

    /** The texts of a list. */
    List<String> texts(Node node, String what) {
        List<String> texts = new ArrayList<>();
        for (Node item : items(node, what)) {
            String text = text(item, "an item of " + what);
            if (text != null) {
                texts.add(text);
            }
        }
        return texts;
    }

    @Nullable
    MappingNode mapping(Node node, String what) {
        if (node instanceof MappingNode mapping) {
            return mapping;
        }
        problems.at(node, what + " must be a map of keys and values, not " + form(node));
        return null;
    }

    /** A scalar as it stands in the file. */
    static String raw(Node node) {
        return node instanceof ScalarNode scalar ? scalar.getValue() : form(node);
    }

    static String form(Node node) {
        if (node.getNodeId() == NodeId.mapping) {
            return "a map";
        }
        if (node.getNodeId() == NodeId.sequence) {
            return "a list";
        }
        return node.getTag().equals(Tag.NULL) ? "empty" : "a single value";
    }

    /** {@code a}, {@code a or b}, {@code a, b or c}. */
    static String words(List<String> words) {
        if (words.size() < 2) {
            return String.join("", words);
        }
        return String.join(", ", words.subList(0, words.size() - 1)) + " or " + words.get(words.size() - 1);
    }
}
