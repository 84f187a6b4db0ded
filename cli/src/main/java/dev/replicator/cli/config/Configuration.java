package dev.replicator.cli.config;

import dev.replicator.connector.Connectors;
import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.DatabaseSpec;
import dev.replicator.model.SyncSpec;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A configuration file that has been read and found right.
 *
 * @param file the file, as it was named
 * @param databases by short name, in the order of the file
 * @param syncs in the order of the file
 * @param texts what the file says of each sync, by name
 * @param connectors those there are, also in the folder {@code plugins} beside the file
 */
public record Configuration(
        Path file,
        Map<String, DatabaseSpec> databases,
        List<SyncSpec> syncs,
        Map<String, SyncText> texts,
        AdminSpec admin,
        Connectors connectors) {
    public Configuration {
        databases = Collections.unmodifiableMap(new LinkedHashMap<>(databases));
        syncs = List.copyOf(syncs);
        texts = Map.copyOf(texts);
    }

    /** The folder {@code plugins} beside the file. */
    public Path plugins() {
        return file.toAbsolutePath().resolveSibling("plugins");
    }

    /** The sync of that name; throws USAGE, with the nearest name, when there is none. */
    public SyncSpec sync(String name) {
        return syncs.stream()
                .filter(sync -> sync.name().equals(name))
                .findFirst()
                .orElseThrow(() ->
                        unknown("sync", name, syncs.stream().map(SyncSpec::name).toList()));
    }

    /** The database of that name; throws USAGE, with the nearest name, when there is none. */
    public DatabaseSpec database(String name) {
        DatabaseSpec database = databases.get(name);
        if (database == null) {
            throw unknown("database", name, List.copyOf(databases.keySet()));
        }
        return database;
    }

    private ReplicatorException unknown(String what, String name, List<String> names) {
        String near = NearestWord.hint(name, names);
        return ReplicatorException.fatal(
                ErrorCode.USAGE,
                "there is no " + what + " \"" + name + "\" in \"" + file + "\"" + near,
                "It has: " + String.join(", ", names) + ".",
                null);
    }
}
