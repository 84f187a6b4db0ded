package dev.replicator.it.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.replicator.it.harness.MastersAndTarget;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A large value that an update left as it was is not in the log: such an update changes the columns that it carries, and
 * every database keeps the rest as the others have it.
 */
class LargeValuesIT {
    private static MastersAndTarget databases;
    private static int number;

    @BeforeAll
    static void start() {
        List<String> ddl = new ArrayList<>();
        for (String identity : List.of("default", "full")) {
            String table = "large_" + identity;
            ddl.add("CREATE TABLE " + table + " (id int PRIMARY KEY, a text, b text, doc text, raw bytea)");
            ddl.add("ALTER TABLE " + table + " ALTER doc SET STORAGE EXTERNAL, ALTER raw SET STORAGE EXTERNAL");
            ddl.add("ALTER TABLE " + table + " REPLICA IDENTITY " + identity);
        }
        databases = MastersAndTarget.start(ddl.toArray(String[]::new));
    }

    @AfterAll
    static void stop() {
        databases.close();
    }

    /** A row with a key of its own, large values that every database holds, and the sync paused. */
    private static int pausedWithRow(String table) {
        int id = ++number;
        databases.run(
                "m1",
                "INSERT INTO " + table + " SELECT " + id + ", 'a', 'b', repeat('first ', 2000),"
                        + " decode(string_agg(lpad(to_hex(g % 256), 2, '0'), ''), 'hex') FROM generate_series(0, 9999) g");
        databases.settle(table);
        databases.pause();
        return id;
    }

    private static void update(String database, String table, String set, int id) {
        databases.run(database, "UPDATE " + table + " SET " + set + " WHERE id = " + id);
    }

    /** The row in short: the small columns, the beginning of the document, the length of the bytes. */
    private static String row(String table, int id) {
        databases.rows(table);
        return String.join(
                ";",
                databases
                        .fixture()
                        .query(
                                MastersAndTarget.TARGET,
                                "SELECT concat_ws(' ', a, b, split_part(doc, ' ', 1),"
                                        + " length(doc), length(raw)) FROM " + table + " WHERE id = " + id));
    }

    /** Who made the changes of this row that were discarded, and their types. */
    private static List<String> discarded(String table, int id) {
        return databases.history(table).stream()
                .filter(entry -> entry.loser().key().equals("{\"id\": \"" + id + "\"}"))
                .map(entry -> entry.loser().database() + " " + entry.type())
                .toList();
    }

    @ParameterizedTest
    @ValueSource(strings = {"default", "full"})
    void anUpdateOfAnotherColumnLeavesLargeValuesAsTheyAre(String identity) {
        String table = "large_" + identity;
        int id = pausedWithRow(table);
        update("m1", table, "a = 'm1'", id);
        update("m1", table, "b = 'm1'", id);
        databases.resumeAndSettle(table);
        assertThat(row(table, id)).isEqualTo("m1 m1 first 12000 10000");
    }

    @ParameterizedTest
    @ValueSource(strings = {"default", "full"})
    void anUpdateKeepsTheLargeValueThatAnotherMasterWroteEarlier(String identity) {
        String table = "large_" + identity;
        int id = pausedWithRow(table);
        update("m2", table, "a = 'm2', doc = repeat('second ', 3000)", id);
        update("m1", table, "b = 'm1'", id);
        databases.resumeAndSettle(table);
        assertThat(row(table, id)).isEqualTo("a m1 second 21000 10000");
        assertThat(discarded(table, id)).containsExactly("m2 update_origin_differs");
    }

    @ParameterizedTest
    @ValueSource(strings = {"default", "full"})
    void anUpdateThatRewritesALargeValueLaterStandsWhole(String identity) {
        String table = "large_" + identity;
        int id = pausedWithRow(table);
        update("m1", table, "b = 'm1'", id);
        update("m3", table, "a = 'm3'", id);
        update("m2", table, "a = 'm2', doc = repeat('second ', 3000), raw = '\\x00ff'", id);
        databases.resumeAndSettle(table);
        assertThat(row(table, id)).isEqualTo("m2 b second 21000 2");
        assertThat(discarded(table, id)).containsExactly("m1 update_origin_differs", "m3 update_origin_differs");
    }

    @ParameterizedTest
    @ValueSource(strings = {"default", "full"})
    void differentLargeValuesOfOneRowAreBothKept(String identity) {
        String table = "large_" + identity;
        int id = pausedWithRow(table);
        update("m1", table, "doc = repeat('m1 ', 4000)", id);
        update("m2", table, "raw = decode(repeat('ff', 5000), 'hex')", id);
        update("m3", table, "a = 'm3'", id);
        databases.resumeAndSettle(table);
        assertThat(row(table, id)).isEqualTo("m3 b m1 12000 5000");
    }

    /** What the large value was is not in the log, so the row cannot be made again of such an update. */
    @ParameterizedTest
    @ValueSource(strings = {"default", "full"})
    void aDeleteStandsAgainstAnUpdateThatLeavesTheLargeValueAsItWas(String identity) {
        String table = "large_" + identity;
        int id = pausedWithRow(table);
        databases.run("m2", "DELETE FROM " + table + " WHERE id = " + id);
        update("m1", table, "a = 'm1'", id);
        databases.resumeAndSettle(table);
        assertThat(row(table, id)).isEmpty();
        assertThat(discarded(table, id)).containsExactly("m1 update_deleted");
    }

    @Test
    void aRowChangesItsKeyWithItsLargeValuesUnderReplicaIdentityFull() {
        int id = pausedWithRow("large_full");
        update("m1", "large_full", "id = -id, a = 'm1'", id);
        databases.resumeAndSettle("large_full");
        assertThat(row("large_full", -id)).isEqualTo("m1 b first 12000 10000");
        assertThat(row("large_full", id)).isEmpty();
    }
}
