package dev.replicator.it.harness;

import dev.replicator.embedded.PostgresBinaries;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Servers that all scenarios of this process share: started when first asked for, ended with the process.
 *
 * <p>The versions of a run are what the system property {@code replicator.it.versions} says, as in {@code 15} or {@code
 * 14,17}. The build sets it: to the oldest and the newest supported one, with {@code -Pfull} to all. Without it, they are
 * those at hand.
 */
public final class Servers {
    private static final String VERSIONS_PROPERTY = "replicator.it.versions";
    private static final List<Integer> VERSIONS = chosenVersions();

    /** The oldest version of this run. */
    public static final int OLDEST = VERSIONS.get(0);
    /** The newest version of this run. */
    public static final int NEWEST = VERSIONS.get(VERSIONS.size() - 1);

    private static final Map<String, Server> SHARED = new ConcurrentHashMap<>();

    private Servers() {}

    /** The first shared server of a version. */
    public static Server of(int version) {
        return of(version, 1);
    }

    /** The versions of this run, ascending. */
    public static List<Integer> versions() {
        return VERSIONS;
    }

    /** The first shared server of every version of this run. */
    public static List<Server> ofAllVersions() {
        return VERSIONS.stream().map(Servers::of).toList();
    }

    private static List<Integer> chosenVersions() {
        String chosen = System.getProperty(VERSIONS_PROPERTY);
        if (chosen == null) {
            return PostgresBinaries.availableVersions();
        }
        return Arrays.stream(chosen.split(",", -1))
                .map(Integer::valueOf)
                .sorted()
                .toList();
    }

    /** The shared server of that number and version: servers of different numbers have clocks, logs and slots of their own. */
    public static Server of(int version, int number) {
        return SHARED.computeIfAbsent(
                version + "/" + number, key -> builder(version).start());
    }

    /** For a server that a scenario kills or stops, and closes. */
    public static ServerBuilder builder(int version) {
        return new ServerBuilder(version);
    }
}
