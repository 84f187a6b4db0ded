package dev.replicator.it.facts;

import static org.assertj.core.api.Assertions.assertThat;

import dev.replicator.it.facts.LogicalLog.Message;
import dev.replicator.it.harness.Server;
import dev.replicator.it.harness.Servers;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Fact 3: a transaction can leave a message in the log at the place where it commits, even where its rows are filtered out
 * because they have a replication origin.
 */
class MarkInTheLogIT {
    private static final int FIRST_WITH_ORIGIN_FILTER = 16;
    private static final String LOCAL_BEFORE = "INSERT INTO t VALUES ('#before')";
    private static final String LOCAL_AFTER = "INSERT INTO t VALUES ('#after')";
    private static final String SET_UP = """
            SELECT pg_replication_origin_session_setup('elsewhere');
            BEGIN;
            SELECT pg_replication_origin_xact_setup('0/1', now());
            INSERT INTO t VALUES ('#row');
            """;
    private static final String RESET = "SELECT pg_replication_origin_session_reset();\n";
    private static final String MARK = "SELECT pg_logical_emit_message(true, 'test', '#mark');\n";

    static Stream<Integer> versionsWithFilter() {
        return Servers.versions().stream().filter(version -> version >= FIRST_WITH_ORIGIN_FILTER);
    }

    @ParameterizedTest
    @MethodSource("dev.replicator.it.harness.Servers#versions")
    void rowsOfAnOriginAndTheirMarkStandWhereTheyCommitted(int version) throws Exception {
        assertThat(log(version, SET_UP + MARK + "COMMIT;\n" + RESET, ""))
                .containsExactly("B", "I #before", "C", "B", "O", "I #row", "M #mark", "C", "B", "I #after", "C");
    }

    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("versionsWithFilter")
    void aMarkOutsideTheOriginIsSentThoughTheRowsAreFilteredOut(int version) throws Exception {
        assertThat(log(version, SET_UP + RESET + MARK + "COMMIT;", ", 'origin', 'none'"))
                .containsExactly("B", "I #before", "C", "B", "M #mark", "C", "B", "I #after", "C");
    }

    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("versionsWithFilter")
    void aMarkInsideTheOriginVanishesWithTheRows(int version) throws Exception {
        assertThat(log(version, SET_UP + MARK + "COMMIT;\n" + RESET, ", 'origin', 'none'"))
                .containsExactly("B", "I #before", "C", "B", "I #after", "C");
    }

    private static List<String> log(int version, String transaction, String options) throws Exception {
        try (Server server = Servers.builder(version).start()) {
            LogicalLog log = LogicalLog.create(server, "facts", "CREATE TABLE t (id text PRIMARY KEY)");
            server.execute("postgres", "SELECT pg_replication_origin_create('elsewhere')");
            server.execute("facts", LOCAL_BEFORE);
            server.execute("facts", transaction);
            server.execute("facts", LOCAL_AFTER);
            return log.read(options).stream().map(Message::toString).toList();
        }
    }
}
