package dev.replicator.capture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.replicator.decode.StreamSettings;
import dev.replicator.decode.TransactionAssembler;
import dev.replicator.decode.TypeNames;
import dev.replicator.embedded.PostgresServer;
import dev.replicator.model.Change;
import dev.replicator.model.DatabaseSpec;
import dev.replicator.model.LogEntry;
import dev.replicator.model.Table;
import dev.replicator.model.TableName;
import dev.replicator.model.Transaction;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SlotReaderTlsTest {
    private static final Table TABLE = new Table(0, new TableName("public", "t"), List.of("id"), List.of("int4"));

    @TempDir
    Path directory;

    @Test
    void aStreamUnderTlsIsReadWaitedForAndWokenLikeAnyOther() throws Exception {
        try (PostgresServer server = PostgresServer.builder()
                .version(18)
                .setting("wal_sender_timeout", "1s")
                .start()) {
            enableTls(server);
            server.execute("postgres", "CREATE TABLE t (id int PRIMARY KEY, note text)");
            server.execute("postgres", "CREATE PUBLICATION p FOR TABLE t");
            server.execute("postgres", "SELECT pg_create_logical_replication_slot('s', 'pgoutput')");
            server.execute(
                    "postgres", "INSERT INTO t SELECT n, repeat('x', n % 3000) FROM generate_series(1, 20000) n");
            DatabaseSpec spec = new DatabaseSpec(
                    "shake1", "postgres", server.jdbcUrl("postgres"), "postgres", null, Map.of("sslmode", "require"));
            List<LogEntry> entries = new ArrayList<>();
            try (SlotReader reader = SlotReader.open(
                    new StreamRequest(spec, "s", "p", 0, StreamRequest.Form.TEXT),
                    new TransactionAssembler(
                            new StreamSettings(
                                    "bard", List.of("shake1"), List.of(TABLE), null, StreamSettings.Spool.usual()),
                            TypeNames.builtIn()))) {
                assertThat(isEncrypted(server)).isTrue();
                pollUntil(reader, entries, 1);
                pollIdleFor(reader, entries, Duration.ofMillis(1_500));
                server.execute("postgres", "INSERT INTO t VALUES (0, 'small')");
                pollUntil(reader, entries, 2);
                reader.wakeup();
                long started = System.nanoTime();
                reader.poll(Duration.ofMinutes(1), entries::add);
                assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(Duration.ofSeconds(2));
            }
            int count = 0;
            for (Change change : transactions(entries).get(0).changes()) {
                count++;
                assertThat(change.requireRow().text(0)).isEqualTo(Integer.toString(count));
                assertThat(change.requireRow().length(1)).isEqualTo(count % 3000);
            }
            assertThat(count).isEqualTo(20_000);
            transactions(entries).forEach(transaction -> transaction.changes().close());
        }
    }

    private static void pollUntil(SlotReader reader, List<LogEntry> entries, int transactions) {
        long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (transactions(entries).size() < transactions) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            reader.poll(Duration.ofMillis(100), entries::add);
        }
    }

    private static void pollIdleFor(SlotReader reader, List<LogEntry> entries, Duration time) {
        long deadline = System.nanoTime() + time.toNanos();
        while (System.nanoTime() < deadline) {
            reader.poll(Duration.ofMillis(100), entries::add);
        }
    }

    private static List<Transaction> transactions(List<LogEntry> entries) {
        return entries.stream()
                .filter(Transaction.class::isInstance)
                .map(Transaction.class::cast)
                .toList();
    }

    private static boolean isEncrypted(PostgresServer server) throws Exception {
        try (Connection connection = server.connect("postgres");
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(
                        "SELECT bool_and(s.ssl) FROM pg_stat_ssl s JOIN pg_replication_slots r ON r.active_pid = s.pid")) {
            return result.next() && result.getBoolean(1);
        }
    }

    /** A key pair of this test alone, put where the server's account owns it. */
    private void enableTls(PostgresServer server) throws Exception {
        Path store = directory.resolve("keys.p12");
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "server",
                        "-keyalg",
                        "RSA",
                        "-keysize",
                        "2048",
                        "-dname",
                        "CN=localhost",
                        "-validity",
                        "2",
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        store.toString(),
                        "-storepass",
                        "changeit")
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        assertThat(keytool.waitFor(60, TimeUnit.SECONDS)).isTrue();
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, "changeit".toCharArray());
        }
        file(
                server,
                "server.key",
                pem(
                        "PRIVATE KEY",
                        keys.getKey("server", "changeit".toCharArray()).getEncoded()));
        file(
                server,
                "server.crt",
                pem("CERTIFICATE", keys.getCertificate("server").getEncoded()));
        server.execute("postgres", "ALTER SYSTEM SET ssl = on");
        server.execute("postgres", "SELECT pg_reload_conf()");
        Awaitility.await().until(() -> {
            try (Connection connection = server.connect("postgres");
                    Statement statement = connection.createStatement();
                    ResultSet result = statement.executeQuery("SHOW ssl")) {
                return result.next() && result.getString(1).equals("on");
            }
        });
    }

    private static String pem(String what, byte[] der) {
        return "-----BEGIN " + what + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der) + "\n-----END " + what + "-----\n";
    }

    private static void file(PostgresServer server, String name, String content) {
        String encoded = Base64.getEncoder().encodeToString(content.getBytes(StandardCharsets.UTF_8));
        server.execute("postgres", "COPY (SELECT '" + encoded + "') TO PROGRAM 'umask 077; base64 -d > " + name + "'");
    }
}
