package dev.replicator.postgres;

import static dev.replicator.postgres.TestDatabase.batch;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.replicator.error.ReplicatorException;
import dev.replicator.error.ReplicatorException.Kind;
import dev.replicator.model.Batch;
import dev.replicator.model.Operation;
import dev.replicator.model.SyncSpec.ForeignOrigins;
import dev.replicator.postgres.TestDatabase.LogMessage;
import dev.replicator.postgres.TestDatabase.TestTable;
import dev.replicator.spi.WriteResult;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of a batch that meets transactions of others over locks. */
final class LockConflictTest {
    private static final String TABLE = "CREATE TABLE t (id int PRIMARY KEY, a text)";

    /** Lets {@code other}, which has locked row 2, close a circle with a batch that has locked row 1 and wants row 2. */
    private static ReplicatorException deadlock(
            TestDatabase database, PostgresTarget target, Batch batch, Statement other) throws Exception {
        other.execute("SET deadlock_timeout = '1h'");
        other.execute("BEGIN");
        other.execute("UPDATE t SET a = 'other' WHERE id = 2");
        CompletableFuture<ReplicatorException> failed = CompletableFuture.supplyAsync(
                () -> catchThrowableOfType(ReplicatorException.class, () -> target.write(batch)));
        await().atMost(Duration.ofSeconds(60))
                .until(() -> "1"
                        .equals(database.value("SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a "
                                + "ON a.pid = l.pid WHERE NOT l.granted AND a.datname = current_database()")));
        other.execute("UPDATE t SET a = 'other' WHERE id = 1");
        return failed.get();
    }

    @ParameterizedTest
    @CsvSource({"14, FORWARD", "18, FORWARD", "18, IGNORE"})
    void aBatchThatLosesADeadlockIsRolledBackAndTheSessionGoesOn(int version, ForeignOrigins origins) throws Exception {
        TestDatabase database = TestDatabase.create(version, TABLE + "; INSERT INTO t VALUES (1, 'x'), (2, 'x')");
        database.execute("ALTER ROLE replicator IN DATABASE " + database.name + " SET deadlock_timeout = '3s'");
        TestTable t = database.table("t", "id", "int4", "a", "text");
        database.keepLog();
        try (PostgresTarget target = database.openMaster(origins);
                Connection connection = database.connect();
                Statement other = connection.createStatement()) {
            byte[] secret = target.start().markSecret();
            target.write(batch(1, t.upsert("3", "ours")));
            ReplicatorException failure =
                    deadlock(database, target, batch(7, t.upsert("2", "lost"), t.upsert("1", "lost")), other);
            assertThat(failure.kind()).isEqualTo(Kind.ROLLED_BACK);
            other.execute("COMMIT");
            assertThat(database.values("SELECT id || a FROM t ORDER BY id"))
                    .containsExactly("1other", "2other", "3ours");
            database.log();
            // Another batch than the one that was lost: nothing of that one may be left in it.
            WriteResult result = target.write(batch(3, t.upsert("2", "new"), t.upsert("1", "new")));
            assertThat(result.rows()).isEqualTo(2);
            assertThat(database.values("SELECT id || a FROM t ORDER BY id")).containsExactly("1new", "2new", "3ours");
            assertThat(database.value("SELECT fence || ' ' || last_batch || ' ' || (held->>'shake2') "
                            + "FROM replicator.progress"))
                    .isEqualTo("1 3 0/BB8");
            List<LogMessage> log = origins == ForeignOrigins.IGNORE ? database.log("origin", "none") : database.log();
            String kinds =
                    log.stream().map(message -> String.valueOf(message.kind())).reduce("", String::concat);
            assertThat(kinds).isEqualTo(origins == ForeignOrigins.IGNORE ? "BMC" : "BORUUMC");
            LogMessage mark = log.stream()
                    .filter(message -> message.kind() == 'M')
                    .findFirst()
                    .orElseThrow();
            assertThat(TestDatabase.marks(secret)
                            .decode(mark.content())
                            .orElseThrow()
                            .head()
                            .heldOf("shake2"))
                    .isEqualTo(3000);
        } finally {
            database.dropLog();
        }
    }

    /** Rows come in the order of their keys, whatever their order in the batch: so they are locked in that order. */
    @ParameterizedTest
    @ValueSource(ints = {2, 50, 500})
    void rowsAreWrittenInTheOrderOfTablesAndKeys(int rows) {
        TestDatabase database = TestDatabase.create(
                18,
                "CREATE TABLE b (id int PRIMARY KEY, a text); CREATE TABLE a (id int PRIMARY KEY, a text);"
                        + "CREATE TABLE seen (n int GENERATED ALWAYS AS IDENTITY, t text, id int);"
                        + "CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN "
                        + "INSERT INTO public.seen (t, id) VALUES (TG_TABLE_NAME, NEW.id); RETURN NEW; END $$;"
                        + "CREATE TRIGGER n BEFORE UPDATE ON a FOR EACH ROW EXECUTE FUNCTION note();"
                        + "CREATE TRIGGER n BEFORE UPDATE ON b FOR EACH ROW EXECUTE FUNCTION note();"
                        + "ALTER TABLE a ENABLE ALWAYS TRIGGER n; ALTER TABLE b ENABLE ALWAYS TRIGGER n;"
                        + "INSERT INTO a SELECT g FROM generate_series(1, 500) g;"
                        + "INSERT INTO b SELECT g FROM generate_series(1, 500) g");
        TestTable b = database.table("b", "id", "int4", "a", "text");
        TestTable a = database.table("a", "id", "int4", "a", "text");
        try (PostgresTarget target = database.openMaster()) {
            target.start();
            List<Integer> numbers =
                    new ArrayList<>(IntStream.rangeClosed(1, rows).boxed().toList());
            Collections.shuffle(numbers, new Random(rows));
            List<Operation> operations = new ArrayList<>();
            for (int n : numbers) {
                operations.add(b.upsert(Integer.toString(n), "x"));
                operations.add(a.upsert(Integer.toString(n), "x"));
            }
            target.write(batch(1, operations.toArray(new Operation[0])));
        }
        assertThat(database.value("SELECT count(*) FROM seen")).isEqualTo(Integer.toString(2 * rows));
        assertThat(database.value("SELECT string_agg(t || id, ' ' ORDER BY n) = string_agg(t || id, ' ' ORDER BY t, id)"
                        + " FROM seen"))
                .isEqualTo("t");
    }
}
