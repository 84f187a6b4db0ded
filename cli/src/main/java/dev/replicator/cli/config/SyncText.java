package dev.replicator.cli.config;

import dev.replicator.model.DatabaseSpec;
import dev.replicator.model.SyncSpec;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;

/**
 * What a configuration file says of one sync and of its databases, key by key as it stands there, with the files of code
 * that it names: to tell what an edit has changed. Immutable.
 */
public final class SyncText {
    private static final String DATABASE = "database ";

    private enum Form {
        WORD,
        LIST,
        /** Only that it has changed is said. */
        HIDDEN
    }

    /** The value of a key: one word, or those of a list. */
    private record Written(Form form, List<String> words) {
        static final Written NOTHING = new Written(Form.WORD, List.of());

        Written {
            words = List.copyOf(words);
        }

        List<String> changesTo(Written now, String path) {
            if (form == Form.HIDDEN || now.form == Form.HIDDEN) {
                return List.of(path + ": changed");
            }
            boolean lists = (form == Form.LIST || words.isEmpty()) && (now.form == Form.LIST || now.words.isEmpty());
            if (!lists) {
                return List.of(path + ": " + now + ", was " + this);
            }
            Set<String> added = new LinkedHashSet<>(now.words);
            words.forEach(added::remove);
            Set<String> gone = new LinkedHashSet<>(words);
            now.words.forEach(gone::remove);
            List<String> changes = new ArrayList<>();
            added.forEach(word -> changes.add(path + ": " + word + " is new"));
            gone.forEach(word -> changes.add(path + ": " + word + " is left out"));
            return changes.isEmpty() ? List.of(path + ": in another order") : changes;
        }

        @Override
        public String toString() {
            return form == Form.LIST ? words.toString() : words.isEmpty() ? "not set" : words.get(0);
        }
    }

    /** By path, in the order of the paths. */
    private final Map<String, Written> values = new TreeMap<>();

    private final Path folder;

    private SyncText(Path folder) {
        this.folder = folder;
    }

    /** {@code databases}: the entries of all databases of the file; {@code folder}: of the file. */
    static SyncText of(SyncSpec sync, Node node, Map<String, Keys.Entry> databases, Path folder) {
        SyncText text = new SyncText(folder);
        text.read("", node);
        databasesOf(sync).forEach(database -> {
            Keys.Entry entry = databases.get(database.name());
            if (entry != null) {
                text.read(DATABASE + database.name(), entry.value());
            }
        });
        return text;
    }

    private static Stream<DatabaseSpec> databasesOf(SyncSpec sync) {
        Stream<DatabaseSpec> nodes = Stream.concat(sync.sources().stream(), sync.targets().stream());
        return sync.fullCopy() == null ? nodes : Stream.concat(nodes, sync.fullCopy().databases().stream());
    }

    private void read(String path, Node node) {
        if (node instanceof MappingNode mapping) {
            for (NodeTuple tuple : mapping.getValue()) {
                if (tuple.getKeyNode() instanceof ScalarNode key) {
                    readKey(path, key.getValue(), tuple.getValueNode());
                }
            }
        } else if (node instanceof SequenceNode list) {
            List<String> words = new ArrayList<>();
            int number = 0;
            for (Node element : list.getValue()) {
                number++;
                if (element instanceof ScalarNode word) {
                    words.add(word.getValue());
                } else {
                    read(path + " " + nameOf(element, number), element);
                }
            }
            values.put(path, new Written(Form.LIST, words));
        } else if (node instanceof ScalarNode scalar) {
            values.put(
                    path, new Written(path.startsWith(DATABASE) ? Form.HIDDEN : Form.WORD, List.of(scalar.getValue())));
        }
    }

    private void readKey(String path, String key, Node value) {
        String below = path.isEmpty() ? key : path + "." + key;
        read(below, value);
        if (key.equals("script") && value instanceof ScalarNode file) {
            values.put(
                    "the text of \"" + file.getValue() + "\"",
                    new Written(Form.HIDDEN, List.of(digest(folder.resolve(file.getValue())))));
        } else if (key.equals("class")) {
            values.put("the jars in the folder plugins", new Written(Form.HIDDEN, jars()));
        }
    }

    /** What an element of a list is known by: its table, or its number. */
    private static String nameOf(Node element, int number) {
        if (element instanceof MappingNode mapping) {
            for (NodeTuple tuple : mapping.getValue()) {
                if (tuple.getKeyNode() instanceof ScalarNode key
                        && key.getValue().equals("table")
                        && tuple.getValueNode() instanceof ScalarNode table) {
                    return table.getValue();
                }
            }
        }
        return String.valueOf(number);
    }

    private List<String> jars() {
        List<String> jars = new ArrayList<>();
        try (DirectoryStream<Path> found = Files.newDirectoryStream(folder.resolve("plugins"), "*.jar")) {
            found.forEach(jar -> jars.add(jar.getFileName() + " " + digest(jar)));
        } catch (IOException e) {
            // Whoever needs the jar says that it cannot be read.
            return List.of();
        }
        jars.sort(null);
        return jars;
    }

    private static String digest(Path file) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)))
                    .substring(0, 16);
        } catch (IOException e) {
            return "cannot be read";
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What {@code after} says otherwise than this, a line for each; of databases no values, they may hold passwords. */
    public List<String> changesTo(SyncText after) {
        List<String> changes = new ArrayList<>();
        Set<String> paths = new TreeSet<>(values.keySet());
        paths.addAll(after.values.keySet());
        for (String path : paths) {
            Written before = values.getOrDefault(path, Written.NOTHING);
            Written now = after.values.getOrDefault(path, Written.NOTHING);
            if (!before.equals(now)) {
                changes.addAll(before.changesTo(now, path));
            }
        }
        return changes;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SyncText text && values.equals(text.values);
    }

    @Override
    public int hashCode() {
        return values.hashCode();
    }
}
