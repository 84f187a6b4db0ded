package dev.replicator.it.facts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.replicator.it.harness.Server;
import dev.replicator.it.harness.Servers;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.postgresql.PGConnection;
import org.postgresql.PGProperty;
import org.postgresql.replication.LogSequenceNumber;
import org.postgresql.replication.PGReplicationStream;

/**
 * Fact 2: what a logical stream has sent survives a crash of its server, because a walsender sends only what is flushed. What
 * a query shows does not: commits with {@code synchronous_commit = off} are visible before they are flushed.
 */
class DurableLogIT {
    private static final int CRASHES = 2;
    private static final int MOST_CRASHES = 20;
    private static final int COMMITS = 100;
    private static final int FLUSHED_EVERY = 30;

    private final Set<String> received = ConcurrentHashMap.newKeySet();
    private int next;

    @ParameterizedTest
    @MethodSource("dev.replicator.it.harness.Servers#versions")
    void whatWasReadFromTheLogOutlivesACrashAndWhatAQueryShowedDoesNot(int version) throws Exception {
        int crashes = 0;
        int lost = 0;
        try (Server server = Servers.builder(version)
                .durable(true)
                .setting("wal_writer_delay", "10s")
                .start()) {
            LogicalLog.create(server, "facts", "CREATE TABLE t (id text PRIMARY KEY)");
            // A flush may come between the last commit and the crash: go on until one was lost.
            while (crashes < CRASHES || lost == 0) {
                assertThat(crashes).as("crashes that lost no commit").isLessThan(MOST_CRASHES);
                List<String> shown = writeAndCrash(server);
                server.start();
                List<String> survived = Rows.of(server, "facts", "SELECT id FROM t");
                assertThat(received).isSubsetOf(survived);
                lost += shown.size() - survived.size();
                crashes++;
            }
        }
    }

    /** Returns what a query showed just before the crash. */
    private List<String> writeAndCrash(Server server) throws Exception {
        try (Connection replication = replicationConnection(server)) {
            Thread reader = new Thread(() -> receive(replication), "reader");
            reader.start();
            String flushed = "";
            try (Connection connection = server.connect("facts");
                    Statement statement = connection.createStatement()) {
                for (int i = 0; i < COMMITS; i++) {
                    String id = "#" + next++;
                    boolean flushes = i % FLUSHED_EVERY == 0;
                    statement.execute("SET synchronous_commit = " + (flushes ? "on" : "off"));
                    statement.execute("INSERT INTO t VALUES ('" + id + "')");
                    flushed = flushes ? id : flushed;
                }
            }
            String last = flushed;
            await().atMost(Duration.ofSeconds(30)).until(() -> received.contains(last));
            List<String> shown = Rows.of(server, "facts", "SELECT id FROM t");
            server.killHard();
            reader.join();
            return shown;
        }
    }

    private void receive(Connection replication) {
        try {
            PGReplicationStream stream = replication
                    .unwrap(PGConnection.class)
                    .getReplicationAPI()
                    .replicationStream()
                    .logical()
                    .withSlotName(LogicalLog.slot("facts"))
                    .withAutomaticFlush(false)
                    .withStartPosition(LogSequenceNumber.valueOf(0))
                    .withSlotOption("proto_version", 1)
                    .withSlotOption("publication_names", "pub")
                    .start();
            while (true) {
                java.nio.ByteBuffer buffer = stream.read();
                byte[] data = new byte[buffer.remaining()];
                buffer.get(data);
                received.addAll(LogicalLog.message(data).words());
            }
        } catch (SQLException theServerIsGone) {
            // What was received until then counts.
        }
    }

    private static Connection replicationConnection(Server server) throws SQLException {
        Properties properties = new Properties();
        PGProperty.REPLICATION.set(properties, "database");
        PGProperty.ASSUME_MIN_SERVER_VERSION.set(properties, "14");
        PGProperty.PREFER_QUERY_MODE.set(properties, "simple");
        return DriverManager.getConnection(server.jdbcUrl("facts"), properties);
    }
}
