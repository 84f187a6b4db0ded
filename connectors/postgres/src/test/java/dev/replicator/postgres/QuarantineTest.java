package dev.replicator.postgres;

import static dev.replicator.postgres.TestDatabase.TestTable.ABSENT;
import static dev.replicator.postgres.TestDatabase.batch;
import static dev.replicator.postgres.TestDatabase.receivedBatch;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.replicator.error.ReplicatorException;
import dev.replicator.model.Chunk;
import dev.replicator.model.OnError;
import dev.replicator.model.OnError.Action;
import dev.replicator.model.OnError.Violation;
import dev.replicator.postgres.TestDatabase.TestTable;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Changes that a database refuses and that are put aside. */
final class QuarantineTest {
    private static final String DDL = "CREATE TABLE employee (id int PRIMARY KEY, email text, active boolean,"
            + " age int CONSTRAINT grown CHECK (age >= 18));"
            + " CREATE UNIQUE INDEX one_email ON employee (lower(email)) WHERE active";

    private static TestDatabase database(int version) {
        TestDatabase database = TestDatabase.create(version, DDL);
        database.onError = OnError.all(Action.QUARANTINE);
        return database;
    }

    private static TestTable employee(TestDatabase database) {
        return database.table("employee", "id", "int4", "email", "text", "active", "bool", "age", "int4");
    }

    private static String rows(TestDatabase database) {
        return String.valueOf(database.value(
                "SELECT string_agg(id || ' ' || coalesce(email, '-') || ' ' || age, ', ' ORDER BY id) FROM employee"));
    }

    private static String parked(TestDatabase database) {
        return String.valueOf(database.value("SELECT string_agg(operation || ' ' || (key->>'id') || ' ' || sqlstate"
                + " || ' ' || constraint_name, ', ' ORDER BY key->>'id') FROM replicator.quarantine"));
    }

    @ParameterizedTest
    @ValueSource(ints = {14, 18})
    void aRefusedRowIsPutAsideTheOthersAreWrittenAndItGoesInOnceThereIsRoom(int version) {
        TestDatabase database = database(version);
        TestTable t = employee(database);
        try (PostgresTarget target = database.openMaster()) {
            target.start();
            target.write(batch(1, t.upsert("1", "ann@x", "t", "30")));
            target.write(batch(
                    2,
                    t.upsert("2", "ANN@x", "t", "40"),
                    t.upsert("3", "bob@x", "t", "50"),
                    t.upsert("4", "carl@x", "t", "7")));
            assertThat(rows(database)).isEqualTo("1 ann@x 30, 3 bob@x 50");
            assertThat(parked(database)).isEqualTo("upsert 2 23505 one_email, upsert 4 23514 grown");
            target.write(batch(3, t.delete("1", ABSENT, ABSENT, ABSENT)));
            assertThat(rows(database)).isEqualTo("2 ANN@x 40, 3 bob@x 50");
            assertThat(parked(database)).isEqualTo("upsert 4 23514 grown");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {14, 18})
    void whatComesLaterForTheRowIsPutOnTopOrReplacesIt(int version) {
        TestDatabase database = database(version);
        TestTable t = employee(database);
        try (PostgresTarget target = database.openMaster()) {
            target.start();
            target.write(batch(1, t.upsert("1", "ann@x", "t", "30")));
            target.write(batch(2, t.upsert("2", "ann@x", "t", "40"), t.upsert("5", "ann@x", "t", "41")));
            target.write(batch(3, t.update("2", ABSENT, ABSENT, "41")));
            assertThat(parked(database)).isEqualTo("upsert 2 23505 one_email, upsert 5 23505 one_email");
            target.write(batch(4, t.update("2", "eve@x", ABSENT, ABSENT), t.delete("5", ABSENT, ABSENT, ABSENT)));
            assertThat(rows(database)).isEqualTo("1 ann@x 30, 2 eve@x 41");
            assertThat(parked(database)).isEqualTo("null");
            target.write(batch(5, t.upsert("6", "ann@x", "t", "42")));
            target.write(batch(6, new Chunk(List.of(t.table()), List.of(), List.of())));
            assertThat(rows(database) + parked(database)).isEqualTo("nullnull");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {14, 18})
    void onAMasterALaterChangeOfTheRowByOthersMakesItVoid(int version) {
        TestDatabase database = database(version);
        TestTable t = employee(database);
        try (PostgresTarget target = database.openMaster()) {
            target.start();
            target.write(batch(1, t.upsert("1", "ann@x", "t", "30"), t.upsert("2", "bob@x", "t", "40")));
            target.write(batch(2, t.upsert("2", "ann@x", "t", "50")));
            assertThat(parked(database)).isEqualTo("upsert 2 23505 one_email");
            database.execute("UPDATE employee SET age = 60 WHERE id = 2");
            target.write(batch(3, t.delete("1", ABSENT, ABSENT, ABSENT)));
            assertThat(rows(database) + parked(database)).isEqualTo("2 bob@x 60null");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {14, 18})
    void anotherSessionGoesOnWithWhatWasPutAside(int version) {
        TestDatabase database = database(version);
        TestTable t = employee(database);
        try (PostgresTarget target = database.openReceiving()) {
            target.start();
            target.write(receivedBatch(1, t.upsert("1", "ann@x", "t", "30")));
            target.write(receivedBatch(2, t.upsert("2", "ann@x", "t", "40")));
        }
        database.execute("UPDATE employee SET active = false WHERE id = 1");
        try (PostgresTarget target = database.openReceiving()) {
            target.start();
            target.write(receivedBatch(3));
            assertThat(rows(database) + parked(database)).isEqualTo("1 ann@x 30, 2 ann@x 40null");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {14, 18})
    void valuesThatChangePlacesAreNoReasonToPutAnythingAside(int version) {
        TestDatabase database = database(version);
        TestTable t = employee(database);
        try (PostgresTarget target = database.openMaster()) {
            target.start();
            target.write(batch(
                    1,
                    t.upsert("1", "ann@x", "t", "30"),
                    t.upsert("2", "bob@x", "t", "40"),
                    t.upsert("3", "carl@x", "t", "50"),
                    t.upsert("9", "zoe@x", "t", "60")));
            target.write(batch(
                    2,
                    t.update("1", "bob@x", ABSENT, ABSENT),
                    t.update("2", "carl@x", ABSENT, ABSENT),
                    t.update("3", "ann@x", ABSENT, ABSENT),
                    t.upsert("4", "zoe@x", "t", "70")));
            assertThat(rows(database)).isEqualTo("1 bob@x 30, 2 carl@x 40, 3 ann@x 50, 9 zoe@x 60");
            assertThat(parked(database)).isEqualTo("upsert 4 23505 one_email");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {14, 18})
    void aNamedConstraintBeatsTheKindOfViolationAndTheRestStops(int version) {
        TestDatabase database = TestDatabase.create(
                version, DDL + "; ALTER TABLE employee ADD CONSTRAINT short CHECK (length(email) < 9) ");
        database.onError = new OnError(
                Map.of("grown", Action.QUARANTINE), Map.of(Violation.UNIQUE, Action.QUARANTINE), Action.STOP);
        TestTable t = employee(database);
        try (PostgresTarget target = database.openMaster()) {
            target.start();
            target.write(batch(1, t.upsert("1", "ann@x", "t", "30")));
            target.write(batch(2, t.upsert("2", "ann@x", "t", "31"), t.upsert("3", "bob@x", "t", "1")));
            assertThat(parked(database)).isEqualTo("upsert 2 23505 one_email, upsert 3 23514 grown");
            ReplicatorException refusal = catchThrowableOfType(
                    ReplicatorException.class, () -> target.write(batch(3, t.upsert("4", "much too long", "t", "40"))));
            assertThat(refusal.formatted()).contains("short").doesNotContain("much too long");
        }
    }

    /** Under session_replication_role = replica the server itself checks no such constraint. */
    @ParameterizedTest
    @ValueSource(ints = {14, 18})
    void aDeferrableConstraintIsCheckedToo(int version) {
        TestDatabase database = TestDatabase.create(
                version,
                "CREATE TABLE seat (id int PRIMARY KEY, place int UNIQUE DEFERRABLE INITIALLY DEFERRED,"
                        + " name text UNIQUE DEFERRABLE)");
        database.onError = OnError.all(Action.QUARANTINE);
        TestTable t = database.table("seat", "id", "int4", "place", "int4", "name", "text");
        try (PostgresTarget target = database.openMaster()) {
            target.start();
            target.write(batch(1, t.upsert("1", "10", "a"), t.upsert("2", "20", "b")));
            target.write(batch(2, t.upsert("1", "20", "b"), t.upsert("2", "10", "a")));
            target.write(batch(3, t.upsert("3", "10", "c"), t.upsert("4", "40", "d"), t.upsert("5", "50", "d")));
            assertThat(database.value("SELECT string_agg(id || ':' || place || name, ' ' ORDER BY id) FROM seat"))
                    .isEqualTo("1:20b 2:10a 4:40d");
            assertThat(parked(database)).isEqualTo("upsert 3 23505 seat_place_key, upsert 5 23505 seat_name_key");
            target.write(batch(4, t.update("2", null, ABSENT), t.delete("4", ABSENT, ABSENT)));
            assertThat(database.value("SELECT string_agg(id || name, ' ' ORDER BY id) FROM seat"))
                    .isEqualTo("1b 2a 3c 5d");
            assertThat(parked(database)).isEqualTo("null");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {14, 18})
    void aDeferrableExclusionConstraintIsCheckedTooOverExpressionsAndOfSomeRows(int version) {
        TestDatabase database = TestDatabase.create(
                version,
                "CREATE TABLE booking (id int PRIMARY KEY, room int, during int4range, gone boolean, CONSTRAINT no_overlap"
                        + " EXCLUDE USING gist (int4range(room, room, '[]') WITH &&, during WITH &&) WHERE (NOT gone)"
                        + " DEFERRABLE INITIALLY DEFERRED)");
        database.onError = OnError.all(Action.QUARANTINE);
        TestTable t = database.table("booking", "id", "int4", "room", "int4", "during", "int4range", "gone", "bool");
        try (PostgresTarget target = database.openMaster()) {
            target.start();
            target.write(batch(1, t.upsert("1", "7", "[1,5)", "f"), t.upsert("2", "7", "[5,9)", "f")));
            target.write(batch(2, t.upsert("1", "7", "[5,9)", "f"), t.upsert("2", "7", "[1,5)", "f")));
            target.write(batch(
                    3,
                    t.upsert("3", "7", "[4,6)", "f"),
                    t.upsert("4", "8", "[4,6)", "f"),
                    t.upsert("5", "7", "[4,6)", "t")));
            assertThat(database.value("SELECT string_agg(id || ':' || room || during, ' ' ORDER BY id) FROM booking"))
                    .isEqualTo("1:7[5,9) 2:7[1,5) 4:8[4,6) 5:7[4,6)");
            assertThat(parked(database)).isEqualTo("upsert 3 23P01 no_overlap");
        }
    }
}
