package dev.replicator.cli.config;

import dev.replicator.connector.Connectors;
import dev.replicator.model.DatabaseSpec;
import dev.replicator.model.Secret;
import dev.replicator.spi.TargetFactory;
import dev.replicator.spi.TargetOption;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;

/**
 * Entries of {@code databases:} that are no PostgreSQL: the URL's scheme says which connector serves them, and that says
 * which options they have. User and password are taken out of the URL; what the file says beats it.
 */
final class ForeignDatabases {
    private static final Pattern USER_INFO = Pattern.compile("^([^:/?#]+(?::[^:/?#]+)?://)([^/?#@]*)@(.*)$");
    private static final Pattern SECRET_PARAMETER =
            Pattern.compile("[?&;](password|passwd|pwd|token|secret)=", Pattern.CASE_INSENSITIVE);

    private final Values values;
    private final Problems problems;
    private final Path folder;
    private final Connectors connectors;

    /** {@code folder}: where relative paths in URLs start. */
    ForeignDatabases(Values values, Path folder, Connectors connectors) {
        this.values = values;
        this.problems = values.problems();
        this.folder = folder;
        this.connectors = connectors;
    }

    /** Null, and at least one problem, when it cannot be used. {@code explicit}: user and password beside the URL. */
    @Nullable
    DatabaseSpec read(
            String name, Node urlNode, String text, Map<String, String> explicit, @Nullable Node optionsNode) {
        String where = "database \"" + name + "\"";
        TargetFactory factory = connectors.forUrl(text).orElse(null);
        if (factory == null) {
            TreeSet<String> known = new TreeSet<>(connectors.schemes());
            known.add("postgresql");
            String scheme = Connectors.scheme(text);
            String near = NearestWord.hint(scheme, known);
            problems.at(
                    urlNode,
                    where + " has a URL of kind \"" + scheme + "\", which no connector serves"
                            + (near.isEmpty() ? "; there are " + String.join(", ", known) : near));
            return null;
        }
        Map<String, String> credentials = new LinkedHashMap<>();
        String url = withoutCredentials(text, credentials);
        credentials.putAll(explicit);
        if (SECRET_PARAMETER.matcher(url).find()) {
            problems.at(urlNode, "url of " + where + " holds a password among its parameters; write it beside the url");
            return null;
        }
        String problem = factory.problemOf(url);
        if (problem != null) {
            problems.at(urlNode, "url of " + where + ": " + problem);
            return null;
        }
        Map<String, String> options = options(factory.options(), optionsNode, factory.kind(), where);
        String password = credentials.get("password");
        return options == null
                ? null
                : new DatabaseSpec(
                        name,
                        factory.kind(),
                        absolute(url),
                        credentials.get("user"),
                        password == null ? null : new Secret(password),
                        options);
    }

    private static String withoutCredentials(String url, Map<String, String> credentials) {
        Matcher matcher = USER_INFO.matcher(url);
        if (!matcher.matches()) {
            return url;
        }
        String[] parts = matcher.group(2).split(":", 2);
        credentials.put("user", URLDecoder.decode(parts[0].replace("+", "%2B"), StandardCharsets.UTF_8));
        if (parts.length == 2) {
            credentials.put("password", URLDecoder.decode(parts[1].replace("+", "%2B"), StandardCharsets.UTF_8));
        }
        return matcher.group(1) + matcher.group(3);
    }

    /** A relative path of a URL that is a file's ({@code sqlite:data/x.db}) starts at the configuration file's folder. */
    private String absolute(String url) {
        int colon = url.indexOf(':');
        String path = url.substring(colon + 1);
        boolean file = List.of("file", "sqlite").contains(url.substring(0, colon));
        return !file || path.startsWith("/") || path.startsWith(":")
                ? url
                : url.substring(0, colon + 1) + folder.resolve(path);
    }

    /** All options the connector knows, defaults included; null, and a problem, when one is wrong. */
    private @Nullable Map<String, String> options(
            List<TargetOption> known, @Nullable Node node, String kind, String where) {
        Map<String, String> options = new LinkedHashMap<>();
        known.forEach(option -> options.put(option.name(), byDefault(option)));
        MappingNode mapping = node == null ? null : values.mapping(node, "options of " + where);
        if (mapping == null) {
            return node == null ? options : null;
        }
        List<String> names = known.stream().map(TargetOption::name).toList();
        boolean right = true;
        Keys keys = Keys.of(mapping, problems, "options of " + where + ", which is of kind " + kind, names, List.of());
        right &= keys.entries().size() == mapping.getValue().size();
        for (TargetOption option : known) {
            Node value = keys.value(option.name());
            if (value != null) {
                String read = value(option, value, where);
                right &= read != null;
                options.put(option.name(), read == null ? "" : read);
            }
        }
        return right ? options : null;
    }

    private @Nullable String value(TargetOption option, Node node, String where) {
        String what = "option \"" + option.name() + "\" of " + where;
        return switch (option.form()) {
            case TEXT -> values.text(node, what);
            case FLAG -> values.choice(node, what, Map.of("true", "true", "false", "false"), List.of());
            case CHOICE -> {
                Map<String, String> words = new LinkedHashMap<>();
                option.words().forEach(word -> words.put(word, word));
                yield values.choice(node, what, words, List.of());
            }
            case NUMBER -> number(node, what);
            case BYTES -> {
                ByteSize size = values.size(node, what, new ByteSize(0));
                yield size == null ? null : String.valueOf(size.bytes());
            }
            case TIME -> {
                Duration span = values.span(node, what, Duration.ZERO);
                yield span == null ? null : String.valueOf(span.toMillis());
            }
        };
    }

    private @Nullable String number(Node node, String what) {
        String text = values.text(node, what);
        if (text != null && !text.matches("\\d{1,18}")) {
            problems.at(node, what + " must be a whole number, not " + Values.raw(node));
            return null;
        }
        return text;
    }

    private static String byDefault(TargetOption option) {
        return switch (option.form()) {
            case TEXT, FLAG, CHOICE, NUMBER -> option.byDefault();
            case BYTES -> String.valueOf(ByteSize.parse(option.byDefault()).bytes());
            case TIME -> String.valueOf(TimeSpan.parse(option.byDefault()).toMillis());
        };
    }
}
