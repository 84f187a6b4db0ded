package dev.replicator.it.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.replicator.decode.TransactionAssembler;
import dev.replicator.pipeline.Replication;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.LoggerFactory;

/** A role that may decode the log and write the table tries what it can with the marks it has read. */
class ForgedMarksIT {
    private static final String ALL = "SELECT id || ':' || title FROM play ORDER BY id";
    private static final int BEFORE_FENCE = 5 + 16 + 2 + "marks".length() + 1 + 4;

    private final Masters masters = new Masters("marks");
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();

    @BeforeEach
    void listen() {
        log.start();
        ((Logger) LoggerFactory.getLogger(TransactionAssembler.class)).addAppender(log);
    }

    @AfterEach
    void endAll() {
        ((Logger) LoggerFactory.getLogger(TransactionAssembler.class)).detachAppender(log);
        masters.close();
    }

    @ParameterizedTest
    @CsvSource({"14, false", "18, false", "18, true"})
    void copiedAndAlteredMarksHaveNoEffect(int version, boolean ignoring) throws Exception {
        if (ignoring) {
            masters.ignoringForeignOrigins();
        }
        masters.start(version, 2, 0, "CREATE TABLE play (id int PRIMARY KEY, title text)");
        masters.run(
                0,
                "CREATE ROLE mallory LOGIN REPLICATION",
                "GRANT ALL ON play TO mallory",
                "CREATE PUBLICATION nothing");
        try (Connection connection = DriverManager.getConnection(
                        masters.server(0).jdbcUrl("app").replace("user=postgres", "user=mallory"));
                Statement mallory = connection.createStatement()) {
            mallory.execute("SELECT pg_create_logical_replication_slot('mallory', 'pgoutput')");
            Replication replication = masters.replicate();
            masters.run(1, "INSERT INTO play VALUES (1, 'Hamlet'), (2, 'Othello')");
            replication.kick().get(60, TimeUnit.SECONDS);
            byte[] mark = lastMark(mallory);

            masters.run(0, "UPDATE play SET title = 'local' WHERE id = 1");
            emit(connection, 10, mark);
            byte[] otherKey = mark.clone();
            otherKey[otherKey.length - 1] ^= 1;
            emit(connection, 11, otherKey);
            byte[] future = mark.clone();
            ByteBuffer.wrap(future).putLong(BEFORE_FENCE, 1_000);
            emit(connection, 12, future);
            replication.waitForNow().get(60, TimeUnit.SECONDS);
            assertThat(masters.query(1, ALL)).containsExactly("1:local", "2:Othello", "10:x", "11:x", "12:x");
            assertThat(warnings()).containsExactly(1, 2, 4);

            // What it knew is stored with the position; copies that come while it is stopped are copies after that,
            // too.
            masters.run(1, "UPDATE play SET title = 'Desdemona' WHERE id = 2");
            replication.waitForNow().get(60, TimeUnit.SECONDS);
            byte[] newer = lastMark(mallory);
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> masters.query(
                                    0,
                                    "SELECT s.state->'mark'->>0 = p.last_fence::text AND s.state->'mark'->>1 = "
                                            + "p.last_batch::text FROM replicator.state s, replicator.progress p")
                            .equals(List.of("t")));
            assertThat(replication.stop(Duration.ofSeconds(10))).isTrue();
            emit(connection, 13, newer);
            masters.run(1, "INSERT INTO play VALUES (3, 'Lear')");
            replication = masters.replicate();
            replication.kick().get(60, TimeUnit.SECONDS);
            assertThat(masters.query(1, ALL))
                    .containsExactly("1:local", "2:Desdemona", "3:Lear", "10:x", "11:x", "12:x", "13:x");
            assertThat(masters.query(0, ALL)).isEqualTo(masters.query(1, ALL));
            assertThat(warnings()).containsExactly(1, 2, 4, 1, 2);
            mallory.execute("SELECT pg_drop_replication_slot('mallory')");
        }
    }

    /** Numbers of refused messages as they are warned of: the first of a stream, then at powers of two. */
    private List<Integer> warnings() {
        List<Integer> counts = new ArrayList<>();
        for (ILoggingEvent event : List.copyOf(log.list)) {
            counts.add(Integer.parseInt(String.valueOf(event.getArgumentArray()[1])));
        }
        return counts;
    }

    /** In one transaction a row, and what pretends that the transaction is one of the replication's. */
    private static void emit(Connection mallory, int id, byte[] message) throws SQLException {
        mallory.setAutoCommit(false);
        try (PreparedStatement emit =
                        mallory.prepareStatement("SELECT pg_logical_emit_message(true, 'replicator', ?)");
                Statement insert = mallory.createStatement()) {
            emit.setBytes(1, message);
            emit.execute();
            insert.execute("INSERT INTO play VALUES (" + id + ", 'x')");
            emit.execute();
        }
        mallory.commit();
        mallory.setAutoCommit(true);
    }

    /** Batches of ours commit asynchronously, and what is not flushed is not decoded. */
    private static byte[] lastMark(Statement mallory) {
        byte[] mark =
                await().atMost(Duration.ofSeconds(30)).until(() -> newestMark(mallory), found -> found.length > 0);
        assertThat(mark).startsWith('R', 'P', 'L', 'M');
        return mark;
    }

    private static byte[] newestMark(Statement mallory) throws SQLException {
        byte[] mark = {};
        try (ResultSet rows =
                mallory.executeQuery("SELECT data FROM pg_logical_slot_get_binary_changes('mallory', NULL, "
                        + "NULL, 'proto_version', '1', 'publication_names', 'nothing', 'messages', 'true')")) {
            while (rows.next()) {
                byte[] data = rows.getBytes(1);
                String prefix = "replicator\0";
                if (data[0] == 'M'
                        && new String(data, 10, 11, java.nio.charset.StandardCharsets.UTF_8).equals(prefix)) {
                    mark = java.util.Arrays.copyOfRange(data, 10 + 11 + 4, data.length);
                }
            }
        }
        return mark;
    }
}
