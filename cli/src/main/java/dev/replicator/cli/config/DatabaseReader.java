package dev.replicator.cli.config;

import dev.replicator.connector.Connectors;
import dev.replicator.model.DatabaseSpec;
import dev.replicator.model.Secret;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.ScalarNode;

/**
 * Reads one entry of {@code databases:}. What the file says beats the URL, the URL beats the service file, the service file
 * beats the PG* environment variables, as in libpq; a password that nobody names is looked up in {@code ~/.pgpass} by the
 * driver when it connects.
 */
final class DatabaseReader {
    private static final List<String> KEYS = List.of("url", "user", "password", "password_file", "options");

    private final Values values;
    private final Problems problems;
    private final Path folder;
    private final ForeignDatabases foreign;

    /** {@code folder}: where relative file names start, that of the configuration file. */
    DatabaseReader(Values values, Path folder, Connectors connectors) {
        this.values = values;
        this.foreign = new ForeignDatabases(values, folder, connectors);
        this.problems = values.problems();
        this.folder = folder;
    }

    /** Null, and at least one problem, when it cannot be used. */
    @Nullable
    DatabaseSpec read(String name, Node node) {
        String where = "database \"" + name + "\"";
        if (node instanceof ScalarNode) {
            return spec(name, where, node, new LinkedHashMap<>(), null);
        }
        MappingNode mapping = values.mapping(node, where);
        if (mapping == null) {
            return null;
        }
        Keys keys = Keys.of(mapping, problems, where, KEYS, List.of());
        Node url = keys.value("url");
        if (url == null) {
            problems.at(node, where + " has no url; write url: \"postgresql://user@host/database\"");
            return null;
        }
        Map<String, String> explicit = new LinkedHashMap<>();
        boolean complete = true;
        Node user = keys.value("user");
        if (user != null) {
            complete &= put(explicit, "user", values.text(user, "user of " + where));
        }
        Node password = keys.value("password");
        if (password != null) {
            complete &= put(explicit, "password", values.text(password, "password of " + where));
        }
        Node passwordFile = keys.value("password_file");
        if (passwordFile != null) {
            if (password != null) {
                problems.at(passwordFile, where + " has both password and password_file; keep one");
            }
            complete &= put(explicit, "password", passwordFromFile(passwordFile, where));
        }
        DatabaseSpec spec = spec(name, where, url, explicit, keys.value("options"));
        return complete ? spec : null;
    }

    private static boolean put(Map<String, String> explicit, String key, @Nullable String value) {
        if (value == null) {
            return false;
        }
        explicit.put(key, value);
        return true;
    }

    private @Nullable String passwordFromFile(Node node, String where) {
        String file = values.text(node, "password_file of " + where);
        if (file == null) {
            return null;
        }
        Path path = folder.resolve(file);
        try {
            String password = Files.readString(path, StandardCharsets.UTF_8).replaceFirst("[\\r\\n]+$", "");
            if (password.isEmpty()) {
                problems.at(node, "password file \"" + Values.raw(node) + "\" is empty");
                return null;
            }
            return password;
        } catch (IOException e) {
            String why = Files.exists(path) ? "could not read password file \"" : "there is no password file \"";
            problems.at(node, why + Values.raw(node) + "\"");
            return null;
        }
    }

    private Map<String, String> options(@Nullable Node node, String where) {
        if (node == null) {
            return Map.of();
        }
        MappingNode mapping = values.mapping(node, "options of " + where);
        if (mapping == null) {
            return Map.of();
        }
        Map<String, String> options = new LinkedHashMap<>();
        Keys.any(mapping, problems).entries().forEach((name, entry) -> {
            String value = values.text(entry.value(), "option \"" + name + "\" of " + where);
            if (value == null) {
                return;
            }
            List<String> complaints = new ArrayList<>();
            boolean part = List.of("user", "password", "host", "port", "dbname", "service")
                    .contains(name);
            if (part) {
                complaints.add("\"" + name + "\" is no option; it belongs in the url"
                        + (name.equals("user") || name.equals("password") ? " or beside it" : ""));
            }
            options.putAll(PostgresOptions.of(Map.of(name, value), false, complaints));
            complaints.forEach(complaint -> problems.at(entry.key(), complaint));
        });
        return options;
    }

    private @Nullable DatabaseSpec spec(
            String name, String where, Node url, Map<String, String> explicit, @Nullable Node optionsNode) {
        String text = values.text(url, "url of " + where);
        if (text == null) {
            return null;
        }
        if (ConnectionSource.isForeign(text)) {
            return foreign.read(name, url, text, explicit, optionsNode);
        }
        Map<String, String> explicitOptions = options(optionsNode, where);
        try {
            ConnectionSource.Parsed parsed = ConnectionSource.parse(text);
            Map<String, String> keywords = new LinkedHashMap<>(parsed.keywords());
            keywords.putAll(explicit);
            Map<String, String> defaults = defaults(keywords);
            List<String> complaints = new ArrayList<>();
            Map<String, String> options = PostgresOptions.of(defaults, false, complaints);
            options.putAll(PostgresOptions.of(keywords, parsed.jdbcNames(), complaints));
            options.putAll(explicitOptions);
            defaults.forEach(keywords::putIfAbsent);
            String jdbcUrl = jdbcUrl(keywords, where, complaints);
            complaints.forEach(complaint -> problems.at(url, complaint));
            if (jdbcUrl == null || !complaints.isEmpty()) {
                return null;
            }
            String user = keywords.getOrDefault("user", values.environment().userName());
            String password = keywords.get("password");
            return new DatabaseSpec(
                    name, "postgres", jdbcUrl, user, password == null ? null : new Secret(password), options);
        } catch (IllegalArgumentException e) {
            problems.at(url, "url of " + where + ": " + e.getMessage());
            return null;
        }
    }

    /** What the service file and, below it, the environment say. */
    private Map<String, String> defaults(Map<String, String> keywords) {
        Map<String, String> defaults = new LinkedHashMap<>();
        String service = keywords.getOrDefault("service", values.environment().get("PGSERVICE"));
        if (service != null) {
            defaults.putAll(ServiceFile.find(service, values.environment()));
        }
        PostgresOptions.VARIABLES.forEach((variable, keyword) -> {
            String value = values.environment().get(variable);
            // A port belongs to the host that was named with it.
            boolean strayPort =
                    keyword.equals("port") && (keywords.containsKey("host") && keywords.containsKey("port"));
            if (value != null && !value.isEmpty() && !strayPort) {
                defaults.putIfAbsent(keyword, value);
            }
        });
        return defaults;
    }

    private static @Nullable String jdbcUrl(Map<String, String> keywords, String where, List<String> complaints) {
        String[] hosts = keywords.getOrDefault("host", keywords.getOrDefault("hostaddr", "localhost"))
                .split(",", -1);
        String[] ports = keywords.getOrDefault("port", "5432").split(",", -1);
        if (ports.length > 1 && ports.length != hosts.length) {
            complaints.add("url of " + where + " names " + hosts.length + " hosts but " + ports.length + " ports");
            return null;
        }
        StringBuilder places = new StringBuilder();
        for (int i = 0; i < hosts.length; i++) {
            String host = hosts[i].strip().toLowerCase(Locale.ROOT);
            if (host.startsWith("/") || host.startsWith("@")) {
                complaints.add(
                        "url of " + where
                                + " names a Unix-domain socket, which the driver cannot use; name a host, for instance localhost");
                return null;
            }
            String port = ports.length == 1 ? ports[0] : ports[i];
            port = port.isBlank() ? "5432" : port.strip();
            if (!port.matches("\\d{1,5}") || Integer.parseInt(port) < 1 || Integer.parseInt(port) > 65_535) {
                complaints.add("url of " + where + " has a port that is not a number from 1 to 65535");
                return null;
            }
            places.append(i == 0 ? "" : ",")
                    .append(host.isEmpty() ? "localhost" : bracketed(host))
                    .append(':')
                    .append(port);
        }
        String database = keywords.get("dbname");
        if (database == null || database.isEmpty()) {
            complaints.add("url of " + where + " names no database; write postgresql://user@host/database");
            return null;
        }
        return "jdbc:postgresql://" + places + "/" + URLEncoder.encode(database, StandardCharsets.UTF_8);
    }

    private static String bracketed(String host) {
        return host.contains(":") && !host.startsWith("[") ? "[" + host + "]" : host;
    }
}
