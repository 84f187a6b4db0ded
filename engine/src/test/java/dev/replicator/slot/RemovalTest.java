package dev.replicator.slot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.replicator.connector.Connectors;
import dev.replicator.error.ErrorCode;
import dev.replicator.model.DatabaseSpec;
import dev.replicator.model.ServerNames;
import dev.replicator.model.SyncSpec;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RemovalTest {
    @ParameterizedTest
    @ValueSource(ints = {14, 18})
    void leavesNothingButTheRowsAndNamesWhatIsOutOfReach(int version) throws SQLException {
        DatabaseSpec a = TestServers.database(version, "a");
        DatabaseSpec b = TestServers.database(version, "b");
        DatabaseSpec away =
                new DatabaseSpec("c", "postgres", "jdbc:postgresql://127.0.0.1:1/nowhere", "x", null, Map.of());
        String name = "gone" + version;
        SyncSpec sync = TestServers.sync(name, List.of(a, away), List.of(b), null);
        for (DatabaseSpec spec : List.of(a, b)) {
            TestServers.run(
                    spec,
                    "CREATE TABLE stock (id int PRIMARY KEY)",
                    "INSERT INTO stock VALUES (1)",
                    "CREATE SCHEMA replicator",
                    "CREATE TABLE replicator.meta (format int)",
                    "CREATE TABLE replicator.progress (sync text PRIMARY KEY)",
                    "INSERT INTO replicator.progress VALUES ('" + name + "')",
                    "SELECT pg_replication_origin_create('" + ServerNames.origin(name, spec.name()) + "')");
        }
        TestServers.run(b, "INSERT INTO replicator.progress VALUES ('another')");
        try (Connection connection = TestServers.open(a)) {
            new Publications(connection, "a").ensure(ServerNames.publication(name), List.of());
            new Slots(connection, "a").create(ServerNames.slot(name, "a"), blockers -> true);
        }

        List<Removal.Outcome> outcomes = Removal.remove(sync, Connectors.none());
        assertThat(outcomes).extracting(Removal.Outcome::database).containsExactly("a", "c", "b");
        assertThat(outcomes.get(0).isComplete()).isTrue();
        assertThat(outcomes.get(0).removed()).hasSize(4);
        assertThat(outcomes.get(1).removed()).isEmpty();
        assertThat(outcomes.get(1).remaining()).hasSize(4);
        assertThat(outcomes.get(1).remaining().get(0).sql())
                .isEqualTo("SELECT pg_drop_replication_slot('" + ServerNames.slot(name, "c") + "');");
        assertThat(outcomes.get(1).remaining().get(0).failure().code()).isEqualTo(ErrorCode.CONNECTION);
        assertThat(outcomes.get(2).removed()).hasSize(2);

        assertThat(number(a, "SELECT count(*) FROM public.stock")).isEqualTo(1);
        assertThat(number(a, "SELECT count(*) FROM pg_publication")).isZero();
        assertThat(number(a, "SELECT count(*) FROM pg_namespace WHERE nspname = 'replicator'"))
                .isZero();
        assertThat(number(a, "SELECT count(*) FROM pg_replication_slots WHERE slot_name LIKE 'replicator_gone%'"))
                .isZero();
        assertThat(number(a, "SELECT count(*) FROM pg_replication_origin WHERE roname LIKE 'replicator_gone%'"))
                .isZero();
        assertThat(number(b, "SELECT count(*) FROM replicator.progress")).isEqualTo(1);
        assertThat(Removal.remove(sync, Connectors.none()).get(0).removed()).isEmpty();
    }

    private static long number(DatabaseSpec spec, String sql) throws SQLException {
        try (Connection connection = TestServers.open(spec);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getLong(1);
        }
    }
}
