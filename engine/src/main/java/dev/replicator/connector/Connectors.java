package dev.replicator.connector;

import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.mapping.NodeMapping;
import dev.replicator.model.DatabaseSpec;
import dev.replicator.model.SyncSpec;
import dev.replicator.model.TableSchema;
import dev.replicator.spi.FillableTarget;
import dev.replicator.spi.FullLoad;
import dev.replicator.spi.FullLoading;
import dev.replicator.spi.Loading;
import dev.replicator.spi.Remark;
import dev.replicator.spi.Source;
import dev.replicator.spi.SourceCatalog;
import dev.replicator.spi.SourceFactory;
import dev.replicator.spi.SourceRequest;
import dev.replicator.spi.TableLoad;
import dev.replicator.spi.Target;
import dev.replicator.spi.TargetFactory;
import dev.replicator.spi.TargetRequest;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The connectors that were found when the program started: those on the class path, and those in jars of a {@code plugins}
 * folder. A jar there sees the JDK, the other jars of the folder, and of this program what connectors may see.
 *
 * <p>Any thread.
 */
public final class Connectors {
    /** The kind of database that this program reads from, and that its own commands work on. */
    public static final String POSTGRES = "postgres";

    private static final String PROGRAM = "the program";

    private final Map<String, TargetFactory> byKind = new TreeMap<>();
    private final Map<String, TargetFactory> byScheme = new TreeMap<>();
    private final ClassLoader libraries;
    private final Path plugins;
    /** By kind; null until one is asked for: their libraries are large. */
    private @Nullable Map<String, SourceFactory> sources;

    private Connectors(ClassLoader libraries, Path plugins) {
        this.libraries = libraries;
        this.plugins = plugins;
    }

    /** Without any. */
    public static Connectors none() {
        return new Connectors(Connectors.class.getClassLoader(), Path.of("plugins"));
    }

    /** These only. */
    public static Connectors of(TargetFactory... factories) {
        Connectors connectors = none();
        for (TargetFactory factory : factories) {
            connectors.add(factory);
        }
        return connectors;
    }

    /** All there are; {@code plugins} need not exist. Fails when two serve the same kind, or a jar cannot be used. */
    public static Connectors find(Path plugins) {
        ClassLoader libraries = new URLClassLoader("plugins", jars(plugins), new Visible());
        Connectors connectors = new Connectors(libraries, plugins);
        connectors.addAll(ServiceLoader.load(TargetFactory.class, Connectors.class.getClassLoader()), PROGRAM);
        connectors.addAll(ServiceLoader.load(TargetFactory.class, libraries), words(plugins));
        return connectors;
    }

    /** Those of the program, each with libraries and a class loader of its own, and those in the plugins folder. */
    private synchronized Map<String, SourceFactory> sources() {
        Map<String, SourceFactory> found = sources;
        if (found == null) {
            found = new TreeMap<>();
            for (Path folder : folders(home())) {
                URL[] urls = Stream.concat(Arrays.stream(jars(folder)), Arrays.stream(jars(plugins)))
                        .toArray(URL[]::new);
                ClassLoader loader = new URLClassLoader(folder.getFileName().toString(), urls, new Visible());
                addSources(found, loader, words(folder));
            }
            addSources(found, Connectors.class.getClassLoader(), PROGRAM);
            addSources(found, libraries, words(plugins));
            sources = found;
        }
        return found;
    }

    private static void addSources(Map<String, SourceFactory> found, ClassLoader loader, String where) {
        using(
                where,
                () -> ServiceLoader.load(SourceFactory.class, loader)
                        .forEach(factory -> found.putIfAbsent(factory.kind(), factory)));
    }

    private static String words(Path folder) {
        return "folder \"" + folder + "\"";
    }

    /** Where the program's own are, each in a folder of its own: beside its jars, unless the property says where. */
    private static @Nullable Path home() {
        String named = System.getProperty("replicator.connectors", "");
        if (!named.isEmpty()) {
            return Path.of(named);
        }
        CodeSource code = Connectors.class.getProtectionDomain().getCodeSource();
        try {
            return code == null ? null : Path.of(code.getLocation().toURI()).resolveSibling("connectors");
        } catch (URISyntaxException | IllegalArgumentException e) {
            return null;
        }
    }

    private static List<Path> folders(@Nullable Path home) {
        if (home == null || !Files.isDirectory(home)) {
            return List.of();
        }
        try (Stream<Path> folders = Files.list(home)) {
            return folders.filter(Files::isDirectory).sorted().toList();
        } catch (IOException e) {
            throw unreadable(home, e);
        }
    }

    private void addAll(ServiceLoader<TargetFactory> found, String where) {
        using(where, () -> found.forEach(this::add));
    }

    private static void using(String where, Runnable loading) {
        try {
            loading.run();
        } catch (ServiceConfigurationError | LinkageError e) {
            throw ReplicatorException.fatal(
                    ErrorCode.CONFIGURATION,
                    "cannot use the connectors in " + where,
                    String.valueOf(e.getMessage()),
                    "It may have been built for another version of this program, or of Java.");
        }
    }

    private void add(TargetFactory factory) {
        TargetFactory other = byKind.putIfAbsent(factory.kind(), factory);
        for (String scheme : factory.schemes()) {
            other = other == null ? byScheme.putIfAbsent(scheme, factory) : other;
        }
        if (other != null) {
            throw ReplicatorException.fatal(
                    ErrorCode.CONFIGURATION,
                    "cannot use two connectors for databases of kind \"" + factory.kind() + "\"",
                    "Both " + other.getClass().getName() + " and "
                            + factory.getClass().getName() + " serve it, or one of its URLs.",
                    "Remove one of the jars.");
        }
    }

    /** All of them. */
    public Collection<TargetFactory> factories() {
        return List.copyOf(byKind.values());
    }

    private static URL[] jars(Path folder) {
        if (!Files.isDirectory(folder)) {
            return new URL[0];
        }
        try (Stream<Path> files = Files.list(folder)) {
            List<URL> urls = new ArrayList<>();
            for (Path jar : files.filter(file -> file.toString().endsWith(".jar"))
                    .sorted()
                    .toList()) {
                urls.add(jar.toUri().toURL());
            }
            return urls.toArray(URL[]::new);
        } catch (MalformedURLException e) {
            throw new IllegalStateException(e);
        } catch (IOException e) {
            throw unreadable(folder, e);
        }
    }

    private static ReplicatorException unreadable(Path folder, IOException e) {
        return new ReplicatorException(
                ReplicatorException.Kind.FATAL,
                ErrorCode.CONFIGURATION,
                "could not read folder \"" + folder + "\"",
                e.getMessage(),
                "See its permissions.",
                e);
    }

    /** What a jar of the plugins folder sees of this program. */
    private static final class Visible extends ClassLoader {
        private static final List<String> PACKAGES = List.of(
                "dev.replicator.spi.",
                "dev.replicator.model.",
                "dev.replicator.error.",
                "dev.replicator.codec.",
                "org.slf4j.");

        Visible() {
            super("what connectors see", getPlatformClassLoader());
        }

        @Override
        protected Class<?> findClass(String name) throws ClassNotFoundException {
            if (PACKAGES.stream().anyMatch(name::startsWith)) {
                return Class.forName(name, false, Connectors.class.getClassLoader());
            }
            throw new ClassNotFoundException(name);
        }
    }

    /** The schemes of all URLs that can be used, for messages. */
    public List<String> schemes() {
        return List.copyOf(byScheme.keySet());
    }

    /** The scheme of a URL: what stands in front of its first colon, or of its second behind {@code jdbc:}. */
    public static String scheme(String url) {
        boolean jdbc = url.startsWith("jdbc:");
        int colon = url.indexOf(':', jdbc ? "jdbc:".length() : 0);
        return colon < 0 ? "" : url.substring(0, colon);
    }

    /** Who serves a URL. */
    public Optional<TargetFactory> forUrl(String url) {
        String scheme = scheme(url);
        TargetFactory exact = byScheme.get(scheme);
        return Optional.ofNullable(exact == null && scheme.startsWith("jdbc:") ? byScheme.get("jdbc") : exact);
    }

    /** Whether a sync reads something else than PostgreSQL; then that is its only source. */
    public static boolean readsForeign(SyncSpec sync) {
        return sync.sources().stream().anyMatch(source -> !source.kind().equals(POSTGRES));
    }

    /** Whether databases of that kind can be read, other than PostgreSQL's. */
    public boolean reads(DatabaseSpec database) {
        return sources().containsKey(database.kind());
    }

    /** What there is on a source that is no PostgreSQL; see {@link SourceFactory#examine}. */
    public SourceCatalog examineSource(SyncSpec sync, DatabaseSpec database) {
        return source(database).examine(new SourceRequest(sync, database, List.of(), Path.of(""), 0, libraries));
    }

    /** Opens a session on a source that is no PostgreSQL; see {@link SourceFactory#open}. */
    public Source openSource(
            SyncSpec sync, DatabaseSpec database, List<TableSchema> tables, Path spool, long transactionBytes) {
        return source(database).open(new SourceRequest(sync, database, tables, spool, transactionBytes, libraries));
    }

    private SourceFactory source(DatabaseSpec database) {
        SourceFactory factory = sources().get(database.kind());
        if (factory == null) {
            throw ReplicatorException.fatal(
                    ErrorCode.CONFIGURATION,
                    "cannot read database \"" + database.name() + "\"",
                    "There is no connector that reads the kind \"" + database.kind() + "\".",
                    null);
        }
        return factory;
    }

    /** See {@link TargetFactory#takesWholeRowsOnly}. */
    public boolean takesWholeRowsOnly(DatabaseSpec database) {
        TargetFactory factory = byKind.get(database.kind());
        return factory != null && factory.takesWholeRowsOnly(database);
    }

    /** Opens a session; see {@link TargetFactory#open}. */
    public Target open(SyncSpec sync, int node, List<TableSchema> tables) {
        return factory(sync.node(node)).open(request(sync, node, tables, NodeMapping.of(sync, node, tables)));
    }

    /** A session that brings whole tables; empty: that kind of database cannot be given any. */
    public Optional<TableLoad> load(SyncSpec sync, int node, List<TableSchema> tables) {
        NodeMapping mapping = NodeMapping.of(sync, node, tables);
        TargetRequest request = request(sync, node, tables, mapping);
        TargetFactory factory = factory(sync.node(node));
        if (factory instanceof Loading loading) {
            return Optional.of(mapping.load(loading.load(request)));
        }
        Target target = factory.open(request);
        if (target instanceof FillableTarget fillable) {
            return Optional.of(mapping.load(new FilledByBatches(fillable, request.plainTables(), sync.sourceCount())));
        }
        target.close();
        return Optional.empty();
    }

    /** A session that empties and fills tables, for a part of a sync that {@link SyncSpec#copiesWhole}. */
    public FullLoad fullLoad(SyncSpec part, List<TableSchema> tables) {
        int node = part.sourceCount();
        if (!(factory(part.node(node)) instanceof FullLoading loading)) {
            throw ReplicatorException.fatal(
                    ErrorCode.CONFIGURATION,
                    "cannot copy tables whole to database \"" + part.node(node).name() + "\"",
                    "Databases of kind " + part.node(node).kind() + " cannot be emptied and filled in one transaction.",
                    "Name it under targets.");
        }
        NodeMapping mapping = NodeMapping.of(part, node, tables);
        return mapping.load(loading.fullLoad(request(part, node, tables, mapping)));
    }

    /** See {@link TargetFactory#examine}. */
    public List<Remark> examine(SyncSpec sync, int node, List<TableSchema> tables) {
        return factory(sync.node(node)).examine(request(sync, node, tables, NodeMapping.of(sync, node, tables)));
    }

    /** The tables as that database has them. */
    private TargetRequest request(SyncSpec sync, int node, List<TableSchema> tables, NodeMapping mapping) {
        return new TargetRequest(mapping.sync(sync), node, mapping.schemas(tables), libraries);
    }

    private TargetFactory factory(DatabaseSpec database) {
        TargetFactory factory = byKind.get(database.kind());
        if (factory == null) {
            throw ReplicatorException.fatal(
                    ErrorCode.CONFIGURATION,
                    "cannot write to database \"" + database.name() + "\"",
                    "There is no connector for the kind \"" + database.kind() + "\".",
                    "Known kinds: " + String.join(", ", byKind.keySet()) + ".");
        }
        return factory;
    }
}
