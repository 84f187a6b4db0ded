package dev.replicator.postgres;

import static dev.replicator.postgres.TestDatabase.TestTable.ABSENT;
import static dev.replicator.postgres.TestDatabase.receivedBatch;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.replicator.error.ReplicatorException;
import dev.replicator.model.OnError;
import dev.replicator.model.OnError.Action;
import dev.replicator.model.Row;
import dev.replicator.postgres.TestDatabase.TestTable;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Changes of key whose rows come without a large value that stayed as it was. */
final class MovedRowsTest {
    private static final String DDL =
            "CREATE TABLE play (id int PRIMARY KEY, title text UNIQUE, text text, own text DEFAULT 'default')";

    /** Where the value is stored out of line: another number after it was written anew. */
    private static final String LARGE_VALUE_ID =
            "SELECT query_to_xml(format('SELECT max(chunk_id::text) AS id FROM %s', reltoastrelid::regclass), false, true,"
                    + " '')::text FROM pg_class WHERE oid = 'play'::regclass";

    private static TestDatabase database(int version) {
        TestDatabase database = TestDatabase.create(version, DDL);
        database.onError = OnError.all(Action.QUARANTINE);
        return database;
    }

    private static TestTable play(TestDatabase database) {
        return database.table("play", "id", "int4", "title", "text", "text", "text");
    }

    private static String rows(TestDatabase database) {
        return String.valueOf(
                database.value("SELECT string_agg(concat_ws(' ', id, title, text, own), ', ' ORDER BY id) FROM play"));
    }

    private static String parked(TestDatabase database) {
        return String.valueOf(database.value("SELECT string_agg(operation || ' ' || (key->>'id'), ', ' ORDER BY"
                + " key->>'id') FROM replicator.quarantine"));
    }

    @ParameterizedTest
    @ValueSource(ints = {14, 18})
    void theRowKeepsWhatIsNotCarriedThroughChainsAndSwaps(int version) {
        TestDatabase database = database(version);
        TestTable t = play(database);
        try (PostgresTarget target = database.openReceiving()) {
            target.start();
            target.write(receivedBatch(1, t.upsert("1", "a", "one"), t.upsert("2", "b", "two")));
            database.execute("UPDATE play SET own = 'mine' || id");
            assertThat(target.write(receivedBatch(
                                    2,
                                    t.update("1", ABSENT, "ONE"),
                                    t.move("1", "9", "c", ABSENT),
                                    t.move("2", "1", "b", ABSENT),
                                    t.update("1", ABSENT, "TWO"),
                                    t.move("9", "2", "a", ABSENT),
                                    t.upsert("9", "z", "new")))
                            .rows())
                    .isEqualTo(6);
            assertThat(rows(database)).isEqualTo("1 b TWO mine2, 2 a ONE mine1, 9 z new default");
            target.write(receivedBatch(3, t.move("2", "3", "a", ABSENT), t.move("3", "4", null, ABSENT)));
            assertThat(rows(database)).isEqualTo("1 b TWO mine2, 4 ONE mine1, 9 z new default");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {14, 18})
    void itTakesThePlaceOfARowThatShouldNotBeThereAndAMissingRowMovesNowhere(int version) {
        TestDatabase database = database(version);
        TestTable t = play(database);
        try (PostgresTarget target = database.openReceiving()) {
            target.start();
            database.execute("INSERT INTO play VALUES (1, 'a', 'one', ''), (2, 'b', 'two', ''), (3, 'c', 'three', '')");
            target.write(receivedBatch(1, t.move("1", "2", "a", ABSENT), t.move("7", "3", "x", ABSENT)));
            assertThat(rows(database)).isEqualTo("2 a one , 3 c three ");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {14, 18})
    void aRefusedOneStopsBecauseTheRestOfItsRowCannotBePutAside(int version) {
        TestDatabase database = database(version);
        TestTable t = play(database);
        try (PostgresTarget target = database.openReceiving()) {
            target.start();
            target.write(receivedBatch(1, t.upsert("1", "a", "one"), t.upsert("2", "b", "two")));
            ReplicatorException refusal = catchThrowableOfType(
                    ReplicatorException.class,
                    () -> target.write(receivedBatch(2, t.upsert("5", "e", "five"), t.move("1", "3", "b", ABSENT))));
            assertThat(refusal.kind()).isEqualTo(ReplicatorException.Kind.POISON);
            assertThat(refusal.formatted()).contains("table public.play", "Key (id)=(3)", "play_title_key");
            assertThat(rows(database) + parked(database)).isEqualTo("1 a one default, 2 b two defaultnull");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {14, 18})
    void whatWasPutAsideForTheRowMovesWithIt(int version) {
        TestDatabase database = database(version);
        TestTable t = play(database);
        try (PostgresTarget target = database.openReceiving()) {
            target.start();
            target.write(receivedBatch(1, t.upsert("1", "a", "one"), t.upsert("2", "b", "two")));
            target.write(receivedBatch(
                    2, t.upsert("3", "a", "three"), t.upsert("4", "b", "four"), t.update("2", "a", ABSENT)));
            assertThat(parked(database)).isEqualTo("update 2, upsert 3, upsert 4");
            // One that is whole goes in or stays aside; of the other, the target has the rest.
            target.write(receivedBatch(
                    3, t.move("3", "13", "c", ABSENT), t.move("4", "14", "b", ABSENT), t.move("2", "12", "d", ABSENT)));
            assertThat(rows(database))
                    .isEqualTo("1 a one default, 12 d two default, 13 c three default, 14 b four default");
            assertThat(parked(database)).isEqualTo("null");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {14, 18})
    void aMasterWritesALargeValueOnceMoreUnlessTheRowIsLocked(int version) throws SQLException {
        TestDatabase database = database(version);
        TestTable t = play(database);
        String large = "(SELECT string_agg(md5(g::text), '') FROM generate_series(1, 640) g)";
        database.execute("INSERT INTO play VALUES (1, 'a', " + large + ")");
        try (PostgresTarget target = database.openMaster()) {
            target.start();
            String before = database.value(LARGE_VALUE_ID);
            Row row = t.update("1", "a", ABSENT).requireRow();
            try (Connection other = database.connect();
                    Statement statement = other.createStatement()) {
                other.setAutoCommit(false);
                statement.execute("SELECT FROM play WHERE id = 1 FOR UPDATE");
                assertThat(target.writeAgain(row)).isFalse();
            }
            assertThat(database.value(LARGE_VALUE_ID)).isEqualTo(before);
            assertThat(target.writeAgain(row)).isTrue();
            assertThat(database.value(LARGE_VALUE_ID)).isNotEqualTo(before);
            assertThat(database.value("SELECT concat_ws(' ', title, text = " + large + ", own) FROM play"))
                    .isEqualTo("a t default");
            assertThat(target.writeAgain(t.update("7", "a", ABSENT).requireRow()))
                    .isTrue();
            assertThat(database.value("SELECT count(*) FROM play")).isEqualTo("1");
        }
    }
}
