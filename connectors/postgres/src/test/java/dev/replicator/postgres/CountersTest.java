package dev.replicator.postgres;

import static dev.replicator.postgres.TestDatabase.TestTable.ABSENT;
import static dev.replicator.postgres.TestDatabase.batch;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.replicator.error.ReplicatorException;
import dev.replicator.model.Chunk;
import dev.replicator.model.Operation;
import dev.replicator.model.Row;
import dev.replicator.postgres.TestDatabase.TestTable;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Increments are added to what stands in the row, each once. */
final class CountersTest {
    private static final String TABLE = "CREATE TABLE t (id int PRIMARY KEY, u text UNIQUE, n int, m numeric(20, 2))";

    @ParameterizedTest
    @ValueSource(ints = {14, 18})
    void incrementsOfOneAndOfManyRowsAreAdded(int version) {
        TestDatabase database = TestDatabase.create(version, TABLE);
        TestTable t = table(database);
        database.execute("INSERT INTO t SELECT i, 'u' || i, i, i / 4.0 FROM generate_series(1, 200) i");
        try (PostgresTarget target = database.openMaster()) {
            target.start();
            target.write(batch(1, adding(t, "1", ABSENT, 5, "0.25")));
            Operation[] many = IntStream.rangeClosed(1, 200)
                    .mapToObj(i -> adding(t, Integer.toString(i), "w" + i, -2, "1.50"))
                    .toArray(Operation[]::new);
            target.write(batch(2, many));
        }
        assertThat(database.value("SELECT n || ' ' || m || ' ' || u FROM t WHERE id = 1"))
                .isEqualTo("4 2.00 w1");
        assertThat(database.value(
                        "SELECT count(*) FROM t WHERE id > 1 AND n = id - 2 AND m = round(id / 4.0, 2) + 1.5"))
                .isEqualTo("199");
    }

    @ParameterizedTest
    @ValueSource(ints = {14, 18})
    void incrementsMergeWithEachOtherAndWithTheRowBeneath(int version) {
        TestDatabase database = TestDatabase.create(version, TABLE);
        TestTable t = table(database);
        Operation first = adding(t, "1", ABSENT, 5, "0.25");
        Operation both = Operation.fold(first, adding(t, "1", "x", -7, "0.25"));
        Operation upsert = Operation.fold(t.upsert("2", "y", "10", "1.5"), adding(t, "2", ABSENT, 1, "0.005"));
        database.execute("INSERT INTO t VALUES (1, 'a', 100, 0)");
        try (PostgresTarget target = database.openMaster()) {
            target.start();
            target.write(batch(1, both, upsert));
        }
        assertThat(database.values("SELECT id || u || n || ' ' || m FROM t ORDER BY id"))
                .containsExactly("1x98 0.50", "2y11 1.51");
    }

    @ParameterizedTest
    @ValueSource(ints = {14, 18})
    void whenValuesHaveToMoveBetweenRowsNothingIsAddedTwice(int version) {
        TestDatabase database = TestDatabase.create(version, TABLE);
        TestTable t = table(database);
        database.execute("INSERT INTO t VALUES (1, 'a', 0, 0), (2, 'b', 0, 0)");
        Operation counts = adding(t, "1", ABSENT, 1, "1");
        Operation one = adding(t, "1", "b", 1, "1");
        Operation two = adding(t, "2", "a", 1, "1");
        try (PostgresTarget target = database.openMaster()) {
            target.start();
            target.write(batch(
                    1, new Chunk(List.of(), List.of(Operation.fold(counts, one), two), List.of(counts, one, two))));
        }
        assertThat(database.values("SELECT id || u || n || ' ' || m FROM t ORDER BY id"))
                .containsExactly("1b2 2.00", "2a1 1.00");
    }

    @ParameterizedTest
    @ValueSource(ints = {14, 18})
    void aCounterThatOverflowsIsRefused(int version) {
        TestDatabase database = TestDatabase.create(version, TABLE);
        TestTable t = table(database);
        database.execute("INSERT INTO t VALUES (1, 'a', 2147483647, 0)");
        try (PostgresTarget target = database.openMaster()) {
            target.start();
            assertThatThrownBy(() -> target.write(batch(1, adding(t, "1", ABSENT, 1, "0"))))
                    .isInstanceOf(ReplicatorException.class)
                    .hasMessageContaining("t");
        }
        assertThat(database.value("SELECT n FROM t")).isEqualTo("2147483647");
    }

    private static TestTable table(TestDatabase database) {
        return database.table("t", "id", "int4", "u", "text", "n", "int4", "m", "numeric");
    }

    private static Operation adding(TestTable t, String id, String u, int n, String m) {
        Row from = t.row(id, ABSENT, "0", "0");
        Row to = t.row(id, u, Integer.toString(n), m);
        Row row = new Row.Builder(t.relation())
                .copy(to, 0)
                .copy(to, 1)
                .difference(from, to, 2)
                .difference(from, to, 3)
                .build();
        return Operation.update(t.key(row), row, Operation.UNGUARDED);
    }
}
