package dev.replicator.it.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.replicator.cli.admin.AdminPlace;
import dev.replicator.cli.admin.AdminServer;
import dev.replicator.cli.command.CommandLines;
import dev.replicator.cli.config.Configuration;
import dev.replicator.cli.config.ConfigurationReader;
import dev.replicator.cli.config.Environment;
import dev.replicator.cli.daemon.Daemon;
import dev.replicator.it.harness.Server;
import dev.replicator.it.harness.Servers;
import dev.replicator.observe.LogListener;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Two masters in one cluster, from {@code init} to {@code remove}. */
class CommandsIT {
    private static Server server;

    @TempDir
    Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @BeforeAll
    static void startServer() {
        server = Servers.builder(Servers.NEWEST).start();
    }

    @AfterAll
    static void stopServer() {
        server.close();
    }

    @BeforeEach
    void freshDatabases() throws SQLException {
        for (String database : new String[] {"east", "west"}) {
            sql("postgres", "DROP DATABASE IF EXISTS " + database);
            sql("postgres", "CREATE DATABASE " + database);
            sql(database, "CREATE TABLE work (id int PRIMARY KEY, title text)");
            sql(database, "CREATE TABLE keyless (a int)");
            sql(database, "INSERT INTO work VALUES (1, 'first')");
        }
    }

    @Test
    void fromInitToRemove() throws Exception {
        assertThat(execute("init", url("east"), url("west"), "--sync", "s", "-o", file()))
                .isZero();
        assertThat(Files.readString(Path.of(file())))
                .contains("#   public.work")
                .contains("public.keyless: on ");
        assertThat(execute("check", "-c", file())).isZero();
        assertThat(out.toString()).contains("masters east, west, 1 table").contains("It can run.");

        try (Daemon daemon = start()) {
            AdminServer admin = AdminServer.start(configuration().admin(), place(), daemon);
            try {
                conflictAfterAPause();
                everythingIsShown();
            } finally {
                if (admin != null) {
                    admin.close();
                }
            }
        }

        assertThat(execute("status", "-c", file())).isEqualTo(1);
        assertThat(out.toString()).contains("no process is running with").contains("stopped");
        assertThat(execute("remove", "s", "--yes", "-c", file())).isZero();
        assertThat(one("east", "SELECT count(*) FROM pg_replication_slots")).isEqualTo("0");
        assertThat(one("east", "SELECT count(*) FROM pg_replication_origin")).isEqualTo("0");
        assertThat(one("east", "SELECT count(*) FROM pg_publication")).isEqualTo("0");
        assertThat(one("west", "SELECT to_regnamespace('replicator') IS NULL")).isEqualTo("t");
    }

    private void conflictAfterAPause() throws Exception {
        sql("east", "UPDATE work SET title = 'from east' WHERE id = 1");
        assertThat(execute("kick", "s", "-c", file())).as(err.toString()).isZero();
        assertThat(one("west", "SELECT title FROM work")).isEqualTo("from east");

        assertThat(execute("pause", "s", "-c", file())).isZero();
        sql("east", "UPDATE work SET title = 'loses' WHERE id = 1");
        sql("west", "UPDATE work SET title = 'wins' WHERE id = 1");
        assertThat(execute("kick", "s", "-c", file())).isEqualTo(23);
        assertThat(err.toString()).contains("sync \"s\" is paused");
        assertThat(execute("resume", "s", "-c", file())).isZero();
        assertThat(execute("wait", "s", "--for", "now", "-c", file())).isZero();
        assertThat(one("east", "SELECT title FROM work")).isEqualTo("wins");
        assertThat(one("west", "SELECT title FROM work")).isEqualTo("wins");
    }

    private void everythingIsShown() throws Exception {
        assertThat(execute("status", "-c", file())).isZero();
        assertThat(out.toString()).contains("sync s: running").contains("streaming  streaming");
        assertThat(execute("status", "--json", "-c", file())).isZero();
        assertThat(out.toString()).contains("\"running\" : true").contains("\"conflicts\" : 1");
        assertThat(execute("slot", "list", "-c", file())).isZero();
        assertThat(out.toString()).contains("replicator_s_east_").contains("replicator_s_west_");
        String lsn = one("east", "SELECT pg_current_wal_insert_lsn()");
        assertThat(execute("wait", "s", "--for", "east:" + lsn, "-c", file())).isZero();

        assertThat(execute("conflicts", "list", "s", "-c", file())).isZero();
        Matcher id = Pattern.compile("(?m)^(east:\\S+) .*update_origin_differs +east +west$")
                .matcher(out.toString());
        assertThat(id.find()).as(out.toString()).isTrue();
        assertThat(execute("conflicts", "show", id.group(1), "-c", file())).isZero();
        assertThat(out.toString()).containsPattern("title +loses +wins").contains("latest");
    }

    @Test
    void pauseWithoutAProcessHoldsAtTheNextStart() throws Exception {
        assertThat(execute("init", url("east"), url("west"), "--sync", "s", "-o", file()))
                .isZero();
        assertThat(execute("pause", "s", "-c", file())).isZero();
        assertThat(out.toString()).contains("marked as paused");

        try (Daemon daemon = start()) {
            assertThat(daemon.status().get(0).paused()).isTrue();
        }
        assertThat(execute("resume", "s", "-c", file())).isZero();
        assertThat(out.toString()).contains("no longer marked as paused");
        assertThat(execute("remove", "s", "--yes", "-c", file())).isZero();
    }

    @Test
    void lostSlotIsNamedAndMadeAgainByAPerson() throws Exception {
        assertThat(execute("init", url("east"), url("west"), "--sync", "s", "-o", file()))
                .isZero();
        assertThat(execute("slot", "create", "s", "-c", file())).isZero();
        assertThat(execute("slot", "drop", "s", "-d", "west", "--yes", "-c", file()))
                .isZero();
        sql("west", "INSERT INTO replicator.state (sync, state) VALUES ('s', '{\"position\": \"0/1\"}')");

        assertThat(execute("check", "-c", file())).isEqualTo(12);
        assertThat(out.toString())
                .contains("The slot does not exist any more")
                .contains("slot create s --database west");
        assertThat(execute("slot", "create", "s", "-d", "west", "-c", file())).isZero();
        assertThat(execute("check", "-c", file())).isZero();

        String now = one("west", "SELECT pg_current_wal_insert_lsn()");
        assertThat(execute("slot", "advance", "s", "-d", "west", "--to", now, "--yes", "-c", file()))
                .isZero();
        assertThat(execute("check", "-c", file())).isEqualTo(13);
        assertThat(execute("remove", "s", "--yes", "-c", file())).isZero();
    }

    @Test
    void existingFileIsNotOverwrittenWithoutConsent() throws Exception {
        Files.writeString(Path.of(file()), "mine");
        InputStream before = System.in;
        System.setIn(new ByteArrayInputStream("n\n".getBytes(StandardCharsets.UTF_8)));
        try {
            assertThat(execute("init", url("east"), url("west"), "-o", file())).isEqualTo(2);
        } finally {
            System.setIn(before);
        }
        assertThat(Files.readString(Path.of(file()))).isEqualTo("mine");
    }

    private Daemon start() {
        return Daemon.start(configuration(), new LogListener());
    }

    private Configuration configuration() {
        return ConfigurationReader.read(Path.of(file()), Environment.ofProcess());
    }

    private AdminPlace place() {
        return AdminPlace.of(Path.of(file()), System.getenv());
    }

    private String file() {
        return folder.resolve("sync.yaml").toString();
    }

    private static String url(String database) {
        return server.url(database);
    }

    private int execute(String... args) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        CommandLine line = CommandLines.create();
        line.setOut(new PrintWriter(out));
        line.setErr(new PrintWriter(err));
        return line.execute(args);
    }

    private static void sql(String database, String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(server.jdbcUrl(database));
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static String one(String database, String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(server.jdbcUrl(database));
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getString(1);
        }
    }
}
