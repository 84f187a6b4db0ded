package dev.replicator.it.harness;

import dev.replicator.cli.config.Configuration;
import dev.replicator.cli.config.ConfigurationReader;
import dev.replicator.cli.config.Environment;
import dev.replicator.cli.daemon.Daemon;
import dev.replicator.model.ServerNames;
import dev.replicator.observe.Listener;
import dev.replicator.observe.LogListener;
import dev.replicator.slot.GrantScript;
import dev.replicator.slot.Preflight;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Databases of one scenario, a configuration file over them, and replicators that run with it, in this process or as
 * processes of their own. Tables belong to the ordinary role {@code app}; the replicators work as the ordinary role {@code
 * replicator}, with what {@link GrantScript} grants and nothing else.
 *
 * <p>Databases have names of their own on shared servers; {@link #close} takes everything away again. Thread: that of the
 * test, except {@link #connect}.
 */
public final class Fixture implements AutoCloseable {
    /** The role that writes, and owns the tables. */
    public static final String OWNER = "app";

    private static final String ROLE = "replicator";
    private static final String PASSWORD = "Not-In-Any-Log";
    private static final AtomicInteger NUMBER = new AtomicInteger();

    private final int number = NUMBER.incrementAndGet();
    private final Map<String, Place> places = new LinkedHashMap<>();
    private final Map<String, String> others = new LinkedHashMap<>();
    private final Set<String> gone = new HashSet<>();
    private final Map<String, Sync> syncs = new LinkedHashMap<>();
    private final List<AutoCloseable> toClose = new ArrayList<>();
    private final Path directory;
    private String further = "";
    private @Nullable Configuration configuration;

    /** One database on its server. */
    private record Place(Server server, String database) {}

    private record Sync(List<String> sources, List<String> targets, String more) {}

    public Fixture() {
        try {
            directory = Files.createTempDirectory("replicator-it-");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A server for this scenario only, closed with it. */
    public Server own(Server server) {
        toClose.add(0, server);
        return server;
    }

    /** Creates a database, with these tables. */
    public Fixture database(String name, Server server, String... ddl) {
        String database = "it" + number + "_" + name;
        server.execute("postgres", """
                DO $$ BEGIN
                  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'app') THEN CREATE ROLE app LOGIN; END IF;
                  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'replicator') THEN
                    CREATE ROLE replicator LOGIN PASSWORD 'Not-In-Any-Log';
                  END IF;
                END $$""");
        server.createDatabase(database);
        server.execute("postgres", "ALTER DATABASE " + database + " OWNER TO app");
        server.execute(database, "GRANT CREATE ON SCHEMA public TO app");
        places.put(name, new Place(server, database));
        run(name, ddl);
        return this;
    }

    /** The same databases, in turn on these servers. */
    public Fixture databases(List<String> names, List<Server> servers, String... ddl) {
        for (int i = 0; i < names.size(); i++) {
            database(names.get(i), servers.get(i % servers.size()), ddl);
        }
        return this;
    }

    /** A database that is no PostgreSQL, as the configuration file has it; the test makes it and takes it away. */
    public Fixture other(String name, String entry) {
        others.put(name, entry);
        return this;
    }

    /**
     * A sync with these sources and targets; {@code more}: further lines of its configuration. Rows that stand in the
     * tables are not copied, unless they say so.
     */
    public Fixture sync(String name, List<String> sources, List<String> targets, String... more) {
        syncs.put(name, new Sync(sources, targets, String.join("\n    ", more)));
        configuration = null;
        return this;
    }

    /** The file has this sync no more. */
    public Fixture withoutSync(String name) {
        gone.add(name);
        configuration = null;
        return this;
    }

    /** Further text at the end of the file. */
    public Fixture further(String yaml) {
        further = yaml;
        return this;
    }

    /** The name that a sync of this fixture has on the servers: theirs are shared. */
    public String syncName(String name) {
        return name + number;
    }

    /** Runs the script of {@code check --sql} in each database, as an administrator would. */
    public Fixture grant() {
        for (GrantScript.Section section : GrantScript.sections(
                Preflight.run(configuration().syncs(), configuration().connectors()))) {
            for (String name : section.databases()) {
                Place place = place(name);
                place.server().execute(place.database(), section.sql());
            }
        }
        return this;
    }

    public Configuration configuration() {
        Configuration read = configuration;
        if (read == null) {
            read = ConfigurationReader.read(file(), Environment.ofProcess());
            configuration = read;
        }
        return read;
    }

    /** The configuration file, written anew. */
    public Path file() {
        return file(
                "sync.yaml",
                syncs.keySet().stream().filter(name -> !gone.contains(name)).toList());
    }

    /** A configuration file with some of the syncs. */
    private Path file(String fileName, Collection<String> some) {
        StringBuilder yaml = new StringBuilder("databases:\n");
        places.forEach(
                (name, place) -> yaml.append("  %s: { url: \"postgresql://%s@127.0.0.1:%d/%s\", password: \"%s\" }\n"
                        .formatted(name, ROLE, place.server().port(), place.database(), PASSWORD)));
        others.forEach((name, entry) -> yaml.append("  %s: %s\n".formatted(name, entry)));
        yaml.append("syncs:\n");
        some.forEach(name -> yaml.append(entry(name, sync(name))));
        Path file = directory.resolve(fileName);
        try {
            // A process may be reading it.
            Path written = Files.writeString(
                    directory.resolve(fileName + ".new"), yaml.append(further).append('\n'));
            return Files.move(written, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String entry(String name, Sync sync) {
        boolean copies = sync.more().contains("initial_copy:");
        return "  %s:\n    sources: [%s]\n    targets: [%s]\n    %s%s\n"
                .formatted(
                        syncName(name),
                        String.join(", ", sync.sources()),
                        String.join(", ", sync.targets()),
                        copies ? "" : "initial_copy: never\n    ",
                        sync.more());
    }

    private Sync sync(String name) {
        Sync sync = syncs.get(name);
        if (sync == null) {
            throw new IllegalArgumentException("no sync \"" + name + "\"");
        }
        return sync;
    }

    /** Runs all syncs in this process, by the path of {@code run}. */
    public Daemon start(Listener listener) {
        Daemon daemon = Daemon.start(configuration(), listener);
        toClose.add(daemon);
        return daemon;
    }

    public Daemon start() {
        return start(new LogListener());
    }

    /** Runs all syncs as a process: {@code replicator run}. */
    public ReplicatorProcess startProcess() {
        return startProcess("256m");
    }

    public ReplicatorProcess startProcess(String memory) {
        return startProcess(memory, file());
    }

    /** Runs some of the syncs as a process. */
    public ReplicatorProcess startProcess(String memory, List<String> some) {
        return startProcess(memory, file("sync-" + String.join("-", some) + ".yaml", some));
    }

    private ReplicatorProcess startProcess(String memory, Path file) {
        ReplicatorProcess process = ReplicatorProcess.start(memory, directory, "run", "--config", file.toString());
        toClose.add(process);
        return process;
    }

    /** Starts a command as a process, with these words only. */
    public ReplicatorProcess process(String... words) {
        ReplicatorProcess process = ReplicatorProcess.start("128m", directory, words);
        toClose.add(process);
        return process;
    }

    /** Runs a command to its end, with {@code --config}; in this process, as starting one takes longer than most commands. */
    public ReplicatorProcess.Ended command(String... words) {
        List<String> all = new ArrayList<>(List.of(words));
        all.add("--config");
        all.add(file().toString());
        return Command.run(all.toArray(String[]::new));
    }

    /** A connection as the tables' owner. Any thread. */
    public Connection connect(String name) throws SQLException {
        Place place = place(name);
        return DriverManager.getConnection(
                "jdbc:postgresql://127.0.0.1:" + place.server().port() + "/" + place.database() + "?user=" + OWNER);
    }

    public Server server(String name) {
        return place(name).server();
    }

    /** What the server calls it. */
    public String databaseName(String name) {
        return place(name).database();
    }

    public List<String> names() {
        return List.copyOf(places.keySet());
    }

    /** Runs statements as the tables' owner. */
    public void run(String name, String... statements) {
        try (Connection connection = connect(name);
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        } catch (SQLException e) {
            throw new AssertionError("database " + name + ": " + e.getMessage(), e);
        }
    }

    /** Runs statements as superuser. */
    public void runAsSuperuser(String name, String sql) {
        Place place = place(name);
        place.server().execute(place.database(), sql);
    }

    /** First column of the rows, as text, as superuser. */
    public List<String> query(String name, String sql) {
        Place place = place(name);
        try (Connection connection = place.server().connect(place.database());
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            List<String> values = new ArrayList<>();
            while (rows.next()) {
                values.add(String.valueOf(rows.getString(1)));
            }
            return values;
        } catch (SQLException e) {
            throw new AssertionError("database " + name + ": " + e.getMessage(), e);
        }
    }

    public String value(String name, String sql) {
        List<String> values = query(name, sql);
        if (values.size() != 1) {
            throw new AssertionError(sql + " gave " + values.size() + " rows: " + values);
        }
        return values.get(0);
    }

    private Place place(String name) {
        Place place = places.get(name);
        if (place == null) {
            throw new IllegalArgumentException("no database \"" + name + "\"");
        }
        return place;
    }

    @Override
    public void close() {
        Collections.reverse(toClose);
        // Replicators first, then what they worked on, then servers of this scenario.
        toClose.stream().filter(closeable -> !(closeable instanceof Server)).forEach(Fixture::closeQuietly);
        places.values().stream()
                .filter(place -> !toClose.contains(place.server()))
                .forEach(this::drop);
        toClose.stream().filter(Server.class::isInstance).forEach(Fixture::closeQuietly);
        toClose.clear();
    }

    private static void closeQuietly(AutoCloseable closeable) {
        try {
            closeable.close();
        } catch (Exception e) {
            throw new AssertionError("could not close " + closeable, e);
        }
    }

    private void drop(Place place) {
        String database = place.database();
        place.server().execute("postgres", """
                SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '%1$s';
                DO $$ BEGIN
                  FOR i IN 1..100 LOOP
                    EXIT WHEN NOT EXISTS (SELECT FROM pg_replication_slots WHERE database = '%1$s' AND active);
                    PERFORM pg_sleep(0.05);
                  END LOOP;
                  PERFORM pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE database = '%1$s';
                END $$;
                """.formatted(database));
        place.server().execute("postgres", "DROP DATABASE " + database + " WITH (FORCE)");
        // Origins belong to the server, which has room for some only, and outlive the database that made them.
        String origins = syncs.keySet().stream()
                .flatMap(sync -> places.keySet().stream().map(name -> ServerNames.origin(syncName(sync), name)))
                .map(origin -> "'" + origin + "'")
                .collect(Collectors.joining(", ", "(", ")"));
        if (!syncs.isEmpty()) {
            place.server()
                    .execute(
                            "postgres",
                            "SELECT pg_replication_origin_drop(roname) FROM pg_replication_origin WHERE roname IN "
                                    + origins);
        }
    }
}
