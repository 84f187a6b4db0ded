package dev.replicator.it.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.replicator.it.harness.MastersAndTarget;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;

/** A change of a primary key is the delete of the old key and the insert of the new one, in one transaction. */
class KeyChangesIT {
    private static MastersAndTarget databases;
    private static final List<String> TABLES = List.of(
            "toTheSameNewKeyTheLastStands",
            "toDifferentNewKeysBothStand",
            "aLaterUpdateOfTheOldKeyBringsItBack",
            "anEarlierUpdateOfTheOldKeyLoses",
            "aLaterInsertOfTheNewKeyStands",
            "twoRowsChangePlacesInOneTransaction",
            "rowsThatChangePlacesMeetAnUpdateElsewhere",
            "manyKeysMoveAtOnce");

    private String table = "";

    @BeforeAll
    static void start() {
        databases = MastersAndTarget.start(TABLES.stream()
                .map(table -> "CREATE TABLE " + table + " (id int PRIMARY KEY, v text)")
                .toArray(String[]::new));
    }

    @AfterAll
    static void stop() {
        databases.close();
    }

    /** Every test has a table of its name, with the same rows in all databases, and the sync paused. */
    @BeforeEach
    void pausedWithRows(TestInfo test) {
        table = test.getTestMethod().orElseThrow().getName().toLowerCase(Locale.ROOT);
        databases.run("m1", "INSERT INTO " + table + " SELECT g, 'first ' || g FROM generate_series(1, 2) g");
        databases.settle(table);
        databases.pause();
    }

    private void run(String database, String... statements) {
        for (String sql : statements) {
            databases.run(database, sql.replace("?", table));
        }
    }

    private List<String> discarded(int expected) {
        return databases.history(table, expected).stream()
                .map(entry -> entry.loser().kind() + " on " + entry.loser().database() + " "
                        + entry.loser().row())
                .toList();
    }

    @Test
    void toTheSameNewKeyTheLastStands() {
        run("m1", "UPDATE ? SET id = 11, v = 'm1' WHERE id = 1");
        run("m2", "UPDATE ? SET id = 11, v = 'm2' WHERE id = 1");
        run("m3", "UPDATE ? SET id = 11, v = 'm3' WHERE id = 2");
        databases.resumeAndSettle(table);

        assertThat(databases.rows(table)).containsExactly("(11,m3)");
        assertThat(discarded(2))
                .containsExactly(
                        "insert on m1 {\"v\": \"m1\", \"id\": \"11\"}", "insert on m2 {\"v\": \"m2\", \"id\": \"11\"}");
    }

    @Test
    void toDifferentNewKeysBothStand() {
        run("m1", "UPDATE ? SET id = 11, v = 'm1' WHERE id = 1");
        run("m2", "UPDATE ? SET id = 12, v = 'm2' WHERE id = 1");
        run("m3", "UPDATE ? SET id = 13, v = 'm3' WHERE id = 1");
        databases.resumeAndSettle(table);

        assertThat(databases.rows(table)).containsExactly("(11,m1)", "(12,m2)", "(13,m3)", "(2,\"first 2\")");
        assertThat(discarded(0)).isEmpty();
    }

    @Test
    void aLaterUpdateOfTheOldKeyBringsItBack() {
        run("m1", "UPDATE ? SET id = 11 WHERE id = 1");
        run("m2", "UPDATE ? SET v = 'm2' WHERE id = 1");
        databases.resumeAndSettle(table);

        assertThat(databases.rows(table)).containsExactly("(1,m2)", "(11,\"first 1\")", "(2,\"first 2\")");
        assertThat(discarded(1)).containsExactly("delete on m1 {\"id\": \"1\"}");
    }

    @Test
    void anEarlierUpdateOfTheOldKeyLoses() {
        run("m2", "UPDATE ? SET v = 'm2' WHERE id = 1");
        run("m1", "UPDATE ? SET id = 11 WHERE id = 1");
        databases.resumeAndSettle(table);

        assertThat(databases.rows(table)).containsExactly("(11,\"first 1\")", "(2,\"first 2\")");
        assertThat(discarded(1)).containsExactly("update on m2 {\"v\": \"m2\", \"id\": \"1\"}");
    }

    @Test
    void aLaterInsertOfTheNewKeyStands() {
        run("m1", "UPDATE ? SET id = 11 WHERE id = 1");
        run("m3", "INSERT INTO ? VALUES (11, 'm3')");
        databases.resumeAndSettle(table);

        assertThat(databases.rows(table)).containsExactly("(11,m3)", "(2,\"first 2\")");
        assertThat(discarded(1)).containsExactly("insert on m1 {\"v\": \"first 1\", \"id\": \"11\"}");
    }

    @Test
    void twoRowsChangePlacesInOneTransaction() {
        run(
                "m1",
                "UPDATE ? SET id = 0 WHERE id = 1; UPDATE ? SET id = 1 WHERE id = 2; UPDATE ? SET id = 2 WHERE id = 0");
        databases.resumeAndSettle(table);

        assertThat(databases.rows(table)).containsExactly("(1,\"first 2\")", "(2,\"first 1\")");
        assertThat(discarded(0)).isEmpty();
    }

    @Test
    void rowsThatChangePlacesMeetAnUpdateElsewhere() {
        run("m2", "UPDATE ? SET v = 'earlier' WHERE id = 1");
        run(
                "m1",
                "UPDATE ? SET id = 0 WHERE id = 1; UPDATE ? SET id = 1 WHERE id = 2; UPDATE ? SET id = 2 WHERE id = 0");
        run("m3", "UPDATE ? SET v = 'later' WHERE id = 2");
        databases.resumeAndSettle(table);

        assertThat(databases.rows(table)).containsExactly("(1,\"first 2\")", "(2,later)");
        assertThat(discarded(2))
                .containsExactlyInAnyOrder(
                        "update on m2 {\"v\": \"earlier\", \"id\": \"1\"}",
                        "insert on m1 {\"v\": \"first 1\", \"id\": \"2\"}");
    }

    @Test
    void manyKeysMoveAtOnce() {
        run("m1", "INSERT INTO ? SELECT g, 'many' FROM generate_series(101, 150) g");
        run("m1", "UPDATE ? SET id = id + 100 WHERE id > 100", "UPDATE ? SET id = -id");
        databases.resumeAndSettle(table);

        assertThat(databases.rows(table)).hasSize(52).contains("(-1,\"first 1\")", "(-250,many)");
        assertThat(discarded(0)).isEmpty();
    }
}
