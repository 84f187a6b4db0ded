package dev.replicator.cli.config;

import dev.replicator.connector.Connectors;
import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.DatabaseSpec;
import dev.replicator.model.Secret;
import dev.replicator.model.SyncSpec;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;

/**
 * Reads a configuration file. Everything that is wrong with it is reported at once, as one CONFIGURATION error; nothing
 * wrong is ever ignored or replaced by a default.
 */
public final class ConfigurationReader {
    private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_-]{0,62}");

    private final Path file;
    private final Path folder;
    private final Connectors connectors;
    private final Problems problems;
    private final Values values;

    private ConfigurationReader(Path file, Environment environment) {
        this.file = file;
        Path parent = file.toAbsolutePath().getParent();
        this.folder = parent == null ? Path.of("/") : parent;
        this.connectors = Connectors.find(folder.resolve("plugins"));
        this.problems = new Problems(file.toString());
        this.values = new Values(problems, environment);
    }

    public static Configuration read(Path file, Environment environment) {
        String text;
        try {
            text = Files.readString(file, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw unreadable(file, e);
        }
        return new ConfigurationReader(file, environment).read(text);
    }

    private static ReplicatorException unreadable(Path file, IOException e) {
        boolean exists = Files.exists(file);
        return new ReplicatorException(
                ReplicatorException.Kind.FATAL,
                ErrorCode.CONFIGURATION,
                exists
                        ? "could not read configuration file \"" + file + "\""
                        : "there is no configuration file \"" + file + "\"",
                exists ? e.getClass().getSimpleName() + ": " + e.getMessage() : null,
                "Name it with --config or in the environment variable REPLICATOR_CONFIG; \"replicator init URL URL\""
                        + " writes one.",
                e);
    }

    private Configuration read(String text) {
        Node root = compose(text);
        Configuration configuration = root == null ? null : root(root);
        if (configuration == null || !problems.isEmpty()) {
            throw problems.toException();
        }
        return configuration;
    }

    private @Nullable Node compose(String text) {
        try {
            LoaderOptions options = new LoaderOptions();
            Node root = new Yaml(new SafeConstructor(options)).compose(new StringReader(text));
            if (root == null) {
                problems.at((org.yaml.snakeyaml.error.Mark) null, "the file is empty; it needs databases and syncs");
            }
            return root;
        } catch (MarkedYAMLException e) {
            problems.at(e.getProblemMark(), "this is not valid YAML: " + e.getProblem());
        } catch (YAMLException e) {
            problems.at((org.yaml.snakeyaml.error.Mark) null, "this is not valid YAML: " + e.getMessage());
        }
        return null;
    }

    private @Nullable Configuration root(Node node) {
        MappingNode mapping = values.mapping(node, "the file");
        if (mapping == null) {
            return null;
        }
        Keys keys = Keys.of(mapping, problems, "the file", List.of("databases", "syncs", "admin"), List.of());
        Map<String, Keys.Entry> entries = named(keys.value("databases"), "databases", node);
        Map<String, DatabaseSpec> databases = databases(entries);
        Set<String> names = new LinkedHashSet<>(entries.keySet());
        List<SyncSpec> syncs = new ArrayList<>();
        Map<String, SyncText> texts = new HashMap<>();
        SyncReader reader = new SyncReader(values, names, databases, folder, connectors);
        Node syncsNode = keys.value("syncs");
        named(syncsNode, "syncs", node).forEach((name, entry) -> {
            SyncSpec sync = reader.read(name, entry.value());
            if (sync != null) {
                syncs.add(sync);
                texts.put(name, SyncText.of(sync, entry.value(), entries, folder));
            }
        });
        String loop = new Loops(syncs).find();
        if (loop != null && syncsNode != null) {
            problems.at(
                    syncsNode,
                    "changes would go round in circles: " + loop
                            + "; make it one sync with several sources, or set foreign_origins: ignore in one of them");
        }
        return new Configuration(file, databases, syncs, texts, admin(keys.value("admin")), connectors);
    }

    private Map<String, Keys.Entry> named(@Nullable Node node, String what, Node root) {
        if (node == null) {
            problems.at(root, "the file has no " + what);
            return Map.of();
        }
        MappingNode mapping = values.mapping(node, what);
        if (mapping == null) {
            return Map.of();
        }
        Map<String, Keys.Entry> entries = Keys.any(mapping, problems).entries();
        if (entries.isEmpty()) {
            problems.at(node, what + " is empty; it needs at least one entry");
        }
        entries.forEach((name, entry) -> {
            if (!NAME.matcher(name).matches()) {
                problems.at(
                        entry.key(),
                        "\"" + name + "\" cannot be a name in " + what
                                + "; names have letters, digits, _ and -, begin with a letter or _, and are at most 63 long");
            }
        });
        return entries;
    }

    private Map<String, DatabaseSpec> databases(Map<String, Keys.Entry> entries) {
        DatabaseReader reader = new DatabaseReader(values, folder, connectors);
        Map<String, DatabaseSpec> databases = new LinkedHashMap<>();
        Map<String, Keys.Entry> places = new LinkedHashMap<>();
        entries.forEach((name, entry) -> {
            DatabaseSpec database = reader.read(name, entry.value());
            if (database == null) {
                return;
            }
            databases.put(name, database);
            Keys.Entry first = places.putIfAbsent(database.url(), entry);
            if (first != null) {
                problems.at(
                        entry.key(),
                        "database \"" + name + "\" is the same as \""
                                + first.key().getValue() + "\" in line "
                                + (first.key().getStartMark().getLine() + 1)
                                + ": both have the same host, port and database name");
            }
        });
        return databases;
    }

    private AdminSpec admin(@Nullable Node node) {
        MappingNode mapping = node == null ? null : values.mapping(node, "admin");
        if (mapping == null) {
            return AdminSpec.privately();
        }
        Keys keys = Keys.of(mapping, problems, "admin", List.of("listen", "token"), List.of());
        Node tokenNode = keys.value("token");
        String token = tokenNode == null ? null : values.text(tokenNode, "token of admin");
        if (token != null && tokenNode != null && token.length() < 16) {
            problems.at(tokenNode, "token of admin is too short; use at least 16 characters");
        }
        Secret secret = token == null ? null : new Secret(token);
        Node listenNode = keys.value("listen");
        String listen = listenNode == null ? null : values.text(listenNode, "listen of admin");
        if (listen == null || listenNode == null) {
            return new AdminSpec(AdminSpec.Place.PRIVATE, "", 0, secret);
        }
        if (listen.equals("none")) {
            return new AdminSpec(AdminSpec.Place.NONE, "", 0, secret);
        }
        int colon = listen.lastIndexOf(':');
        String port = listen.substring(colon + 1);
        boolean right = colon > 0 && port.matches("\\d{1,5}") && Integer.parseInt(port) <= 65_535;
        if (!right) {
            problems.at(
                    listenNode,
                    "listen of admin must be none or host:port, for instance 127.0.0.1:7432, not \""
                            + Values.raw(listenNode) + "\"" + NearestWord.hint(listen, List.of("none")));
            return AdminSpec.privately();
        }
        String host = listen.substring(0, colon).replaceAll("^\\[|\\]$", "");
        return new AdminSpec(AdminSpec.Place.ADDRESS, host, Integer.parseInt(port), secret);
    }
}
