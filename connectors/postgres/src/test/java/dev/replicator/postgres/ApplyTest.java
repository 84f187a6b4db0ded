package dev.replicator.postgres;

import static dev.replicator.postgres.TestDatabase.TestTable.ABSENT;
import static dev.replicator.postgres.TestDatabase.batch;
import static dev.replicator.postgres.TestDatabase.receivedBatch;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.Batch;
import dev.replicator.model.Chunk;
import dev.replicator.model.Operation;
import dev.replicator.model.Positions;
import dev.replicator.postgres.TestDatabase.TestTable;
import dev.replicator.spi.WriteResult;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What rows look like after batches of every kind. */
final class ApplyTest {

    @ParameterizedTest
    @CsvSource({"14, 1", "14, 3", "14, 4", "18, 1", "18, 150", "18, 2345"})
    void upsertsUpdatesAndDeletesOfAnyNumberOfRowsMeetTheirRows(int version, int rows) {
        TestDatabase database = TestDatabase.create(version, "CREATE TABLE t (id int PRIMARY KEY, a text, b int)");
        TestTable t = database.table("t", "id", "int4", "a", "text", "b", "int4");
        try (PostgresTarget target = database.openMaster()) {
            target.start();
            WriteResult inserted = target.write(batch(1, operations(rows, i -> t.upsert(i, "a" + i, "0"))));
            assertThat(inserted.rows()).isEqualTo(rows);
            target.write(batch(2, operations(rows, i -> t.upsert(i, "b" + i, null))));
            WriteResult updated = target.write(batch(3, operations(rows, i -> t.update(i, ABSENT, i))));
            assertThat(updated.rows()).isEqualTo(rows);
            assertThat(database.value("SELECT count(*) FROM t WHERE a = 'b' || id AND b = id"))
                    .isEqualTo(Integer.toString(rows));
            assertThat(target.write(batch(4, operations(rows, i -> t.delete(i, ABSENT, ABSENT))))
                            .rows())
                    .isEqualTo(rows);
            assertThat(target.write(batch(5, operations(rows, i -> t.delete(i, ABSENT, ABSENT))))
                            .rows())
                    .isZero();
            assertThat(target.write(batch(6, operations(rows, i -> t.update(i, "x", ABSENT))))
                            .rows())
                    .isZero();
        }
        assertThat(database.value("SELECT count(*) FROM t")).isEqualTo("0");
    }

    private static Operation[] operations(int rows, java.util.function.Function<String, Operation> make) {
        return IntStream.rangeClosed(1, rows)
                .mapToObj(Integer::toString)
                .map(make)
                .toArray(Operation[]::new);
    }

    @ParameterizedTest
    @ValueSource(ints = {14, 18})
    void oddNamesAndCompositeKeysAreWritten(int version) {
        TestDatabase database = TestDatabase.create(
                version,
                "CREATE SCHEMA \"Öd \"\"d?\"; CREATE TABLE \"Öd \"\"d?\".\"T ü 'x' ?\" "
                        + "(\"B ?\" text, \"select\" int, \"ä \"\"q\"\" $1\" text, PRIMARY KEY (\"select\", \"B ?\"))");
        TestTable t = database.table(
                "Öd \"d?",
                "T ü 'x' ?",
                List.of("select", "B ?"),
                "B ?",
                "text",
                "select",
                "int4",
                "ä \"q\" $1",
                "text");
        try (PostgresTarget target = database.openMaster()) {
            target.start();
            target.write(batch(1, t.upsert("k", "1", "one")));
            target.write(batch(2, operations(10, i -> t.upsert("k", i, "v" + i))));
            target.write(batch(3, t.update("k", "2", "two"), t.delete("k", "3", ABSENT)));
            target.write(batch(4, operations(10, i -> t.update("k", i, i + "!"))));
            target.write(batch(5, operations(5, i -> t.delete("k", i, ABSENT))));
        }
        assertThat(database.values(
                        "SELECT \"select\" || \"ä \"\"q\"\" $1\" FROM \"Öd \"\"d?\".\"T ü 'x' ?\" ORDER BY 1"))
                .containsExactly("1010!", "66!", "77!", "88!", "99!");
    }

    @ParameterizedTest
    @ValueSource(ints = {14, 18})
    void identityAndGeneratedColumnsAndTablesOfKeysAreWritten(int version) {
        TestDatabase database = TestDatabase.create(
                version,
                "CREATE TABLE g (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, a int, "
                        + "twice int GENERATED ALWAYS AS (a * 2) STORED);"
                        + "CREATE TABLE k (a int, b text, PRIMARY KEY (a, b));"
                        + "CREATE TABLE i (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY)");
        TestTable g = database.table("g", "id", "int4", "a", "int4", "twice", "int4");
        TestTable k = database.table("public", "k", List.of("a", "b"), "a", "int4", "b", "text");
        TestTable i = database.table("i", "id", "int4");
        try (PostgresTarget target = database.openMaster()) {
            target.start();
            for (int round = 1; round <= 2; round++) {
                target.write(batch(round, g.upsert("7", "1", "99"), k.upsert("1", "x"), i.upsert("3")));
            }
            target.write(batch(3, operations(5, n -> g.upsert(n, n, "0"))));
            target.write(batch(4, operations(5, n -> k.upsert(n, "y"))));
            target.write(batch(5, operations(5, n -> k.update(n, "y"))));
            target.write(batch(6, operations(5, n -> i.upsert(n))));
            target.write(batch(7, operations(5, n -> i.upsert(n))));
        }
        assertThat(database.values("SELECT id || ':' || twice FROM g ORDER BY id"))
                .containsExactly("1:2", "2:4", "3:6", "4:8", "5:10", "7:2");
        assertThat(database.value("SELECT count(*) FROM k")).isEqualTo("6");
        assertThat(database.value("SELECT count(*) FROM i")).isEqualTo("5");
    }

    @ParameterizedTest
    @ValueSource(ints = {14, 18})
    void triggersAndForeignKeysDoNotFireAndTruncateWorksAgainstAForeignKey(int version) {
        TestDatabase database = TestDatabase.create(
                version,
                "CREATE TABLE parent (id int PRIMARY KEY); "
                        + "CREATE TABLE child (id int PRIMARY KEY, parent int REFERENCES parent);"
                        + "CREATE TABLE lonely (id int PRIMARY KEY);"
                        + "CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'fired'; END $$;"
                        + "CREATE TRIGGER t BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON child EXECUTE FUNCTION fail()");
        TestTable parent = database.table("parent", "id", "int4");
        TestTable child = database.table("child", "id", "int4", "parent", "int4");
        TestTable lonely = database.table("lonely", "id", "int4");
        try (PostgresTarget target = database.openMaster()) {
            target.start();
            target.write(batch(1, child.upsert("1", "5"), parent.upsert("1"), lonely.upsert("1")));
            assertThat(database.value("SELECT count(*) FROM child")).isEqualTo("1");
            target.write(batch(
                    2, new Chunk(List.of(parent.table(), lonely.table()), List.of(parent.upsert("2")), List.of())));
            assertThat(database.values("SELECT id FROM parent")).containsExactly("2");
            assertThat(database.value("SELECT count(*) FROM lonely")).isEqualTo("0");
            target.write(batch(3, new Chunk(List.of(parent.table(), child.table()), List.of(), List.of())));
            assertThat(database.value("SELECT (SELECT count(*) FROM parent) + (SELECT count(*) FROM child)"))
                    .isEqualTo("0");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {14, 18})
    void uniqueValuesThatMoveBetweenRowsAreWritten(int version) {
        TestDatabase database =
                TestDatabase.create(version, "CREATE TABLE t (id int PRIMARY KEY, u text UNIQUE, a text)");
        TestTable t = database.table("t", "id", "int4", "u", "text", "a", "text");
        try (PostgresTarget target = database.openMaster()) {
            target.start();
            target.write(batch(1, operations(6, i -> t.upsert(i, "u" + i, "a" + i))));
            // In the order of the source, by way of a third value.
            List<Operation> order =
                    List.of(t.update("1", "tmp", ABSENT), t.update("2", "u1", ABSENT), t.update("1", "u2", ABSENT));
            target.write(batch(
                    2, new Chunk(List.of(), List.of(t.update("1", "u2", ABSENT), t.update("2", "u1", ABSENT)), order)));
            assertThat(database.values("SELECT id || u || a FROM t ORDER BY id"))
                    .startsWith("1u2a1", "2u1a2");
            // In one statement there, so that no order of single rows does it here: by updates, and by whole rows.
            target.write(batch(3, t.update("3", "u4", ABSENT), t.update("4", "u3", ABSENT)));
            target.write(batch(4, t.upsert("5", "u6", "x"), t.upsert("6", "u5", "y"), t.upsert("1", "u2", "z")));
            // A value that a later operation of the batch sets free.
            WriteResult result = target.write(batch(5, t.upsert("7", "u1", "new"), t.update("2", "free", ABSENT)));
            assertThat(result.rows()).isEqualTo(2);
        }
        assertThat(database.values("SELECT id || u || a FROM t ORDER BY id"))
                .containsExactly("1u2z", "2freea2", "3u4a3", "4u3a4", "5u6x", "6u5y", "7u1new");
    }

    @ParameterizedTest
    @ValueSource(ints = {14, 18})
    void aRowThatCanNeverBeWrittenIsNamedWithoutItsValues(int version) {
        TestDatabase database = TestDatabase.create(
                version, "CREATE TABLE t (id int PRIMARY KEY, u text CONSTRAINT only_one UNIQUE, a varchar(3))");
        TestTable t = database.table("t", "id", "int4", "u", "text", "a", "varchar");
        database.execute("INSERT INTO t VALUES (1, 'secret', NULL)");
        ReplicatorException unique = refusal(database, t.upsert("3", "x", null), t.upsert("2", "secret", null));
        assertThat(unique.kind()).isEqualTo(ReplicatorException.Kind.POISON);
        assertThat(unique.code()).isEqualTo(ErrorCode.TARGET_REFUSED);
        assertThat(unique.formatted())
                .contains("public.t", "only_one", "insert_exists", "(id)", "database \"shake1\"")
                .doesNotContain("secret");
        ReplicatorException tooLong = refusal(database, t.upsert("4", "y", "secret"));
        assertThat(tooLong.kind()).isEqualTo(ReplicatorException.Kind.POISON);
        assertThat(tooLong.formatted()).contains("public.t").doesNotContain("secret");
        database.execute("INSERT INTO t VALUES (9, 'other', NULL)");
        assertThat(refusal(database, t.update("9", "secret", ABSENT)).formatted())
                .contains("update_exists");
        assertThat(database.values("SELECT id FROM t ORDER BY id")).containsExactly("1", "9");
    }

    private static ReplicatorException refusal(TestDatabase database, Operation... operations) {
        try (PostgresTarget target = database.openMaster()) {
            target.start();
            return catchThrowableOfType(ReplicatorException.class, () -> target.write(batch(1, operations)));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {14, 18})
    void aGuardedOperationIsWrittenOnlyOverARowOfOurs(int version) {
        TestDatabase database = TestDatabase.create(version, "CREATE TABLE t (id int PRIMARY KEY, a text)");
        TestTable t = database.table("t", "id", "int4", "a", "text");
        try (PostgresTarget target = database.openMaster()) {
            target.start();
            target.write(batch(1, operations(7, i -> t.upsert(i, "ours"))));
            database.execute("UPDATE t SET a = 'local' WHERE id IN (2, 4, 6)");
            List<Operation> guarded = new ArrayList<>();
            for (Operation operation : List.of(
                    t.upsert("1", "new"),
                    t.upsert("2", "new"),
                    t.update("3", "new"),
                    t.update("4", "new"),
                    t.delete("5", ABSENT),
                    t.delete("6", ABSENT),
                    t.upsert("8", "new"),
                    t.update("9", "new"))) {
                guarded.add(operation.withGuard(1));
            }
            guarded.add(t.upsert("7", "unguarded"));
            WriteResult result = target.write(batch(2, guarded.toArray(new Operation[0])));
            assertThat(result.skipped())
                    .containsExactlyInAnyOrder(
                            guarded.get(1).requireKey(),
                            guarded.get(3).requireKey(),
                            guarded.get(5).requireKey());
            // A row written earlier in the same transaction, or in an earlier one of this session, is ours.
            assertThat(target.write(batch(3, t.upsert("8", "again").withGuard(1)))
                            .skipped())
                    .isEmpty();
        }
        assertThat(database.values("SELECT id || a FROM t ORDER BY id"))
                .containsExactly("1new", "2local", "3new", "4local", "6local", "7unguarded", "8again");
        // Of another session it is not known: skipped, which is allowed.
        try (PostgresTarget target = database.openMaster()) {
            target.start();
            assertThat(target.write(batch(1, t.upsert("8", "later").withGuard(1)))
                            .skipped())
                    .hasSize(1);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {14, 18})
    void guardsHoldInTheFallbackAsWell(int version) {
        TestDatabase database = TestDatabase.create(version, "CREATE TABLE t (id int PRIMARY KEY, u text UNIQUE)");
        TestTable t = database.table("t", "id", "int4", "u", "text");
        try (PostgresTarget target = database.openMaster()) {
            target.start();
            target.write(batch(1, t.upsert("1", "a"), t.upsert("2", "b"), t.upsert("3", "c")));
            database.execute("UPDATE t SET u = 'local' WHERE id = 3");
            Operation guarded = t.update("3", "x").withGuard(5);
            WriteResult result = target.write(batch(2, t.update("1", "b"), t.update("2", "a"), guarded));
            assertThat(result.skipped()).containsExactly(guarded.requireKey());
        }
        assertThat(database.values("SELECT id || u FROM t ORDER BY id")).containsExactly("1b", "2a", "3local");
    }

    @ParameterizedTest
    @ValueSource(ints = {14, 18})
    void aKeyThatAnEarlierChunkWroteIsNotSkippedInTheFallback(int version) {
        TestDatabase database = TestDatabase.create(version, "CREATE TABLE t (id int PRIMARY KEY, u text UNIQUE)");
        TestTable t = database.table("t", "id", "int4", "u", "text");
        try (PostgresTarget target = database.openMaster()) {
            target.start();
            target.write(batch(1, t.upsert("1", "a"), t.upsert("2", "b")));
            database.execute("INSERT INTO t VALUES (3, 'local')");
            // Two rows change their values, so that all is written in savepoints, whose transaction ids are others.
            Chunk first = new Chunk(
                    List.of(), List.of(t.update("1", "b"), t.update("2", "a"), t.upsert("3", "c")), List.of());
            Chunk second = new Chunk(List.of(), List.of(t.upsert("3", "d").withGuard(1)), List.of());
            assertThat(target.write(batch(2, first, second)).skipped()).isEmpty();
        }
        assertThat(database.values("SELECT id || u FROM t ORDER BY id")).containsExactly("1b", "2a", "3d");
    }

    @ParameterizedTest
    @ValueSource(ints = {14, 18})
    void aKeyThatIsListedAsMissedIsNotSkippedAfterwards(int version) {
        TestDatabase database = TestDatabase.create(version, "CREATE TABLE t (id int PRIMARY KEY, a text)");
        TestTable t = database.table("t", "id", "int4", "a", "text");
        try (PostgresTarget target = database.openMaster()) {
            target.start();
            Chunk missed = new Chunk(List.of(), List.of(t.update("1", "x").withGuard(1)), List.of());
            Chunk later = new Chunk(List.of(), List.of(t.upsert("1", "y").withGuard(1)), List.of());
            Iterable<Chunk> chunks = () -> Stream.of(missed, later)
                    .peek(chunk -> {
                        if (chunk == later) {
                            database.execute("INSERT INTO t VALUES (1, 'local')");
                        }
                    })
                    .iterator();
            Batch batch = new Batch(1, chunks, Positions.of(0, 1000), 1, List.of(), List.of(), 0);
            assertThat(target.write(batch).skipped()).isEmpty();
        }
        assertThat(database.value("SELECT a FROM t")).isEqualTo("y");
    }

    @ParameterizedTest
    @ValueSource(ints = {14, 18})
    void whatWasRefusedBeforeATruncateDoesNotComeBackAfterIt(int version) {
        TestDatabase database = TestDatabase.create(
                version, "CREATE TABLE t (id int PRIMARY KEY, u text UNIQUE); CREATE TABLE w (LIKE t INCLUDING ALL)");
        TestTable t = database.table("t", "id", "int4", "u", "text");
        TestTable w = database.table("w", "id", "int4", "u", "text");
        try (PostgresTarget target = database.openMaster()) {
            target.start();
            target.write(batch(1, t.upsert("9", "a"), w.upsert("1", "a"), w.upsert("2", "b")));
            Operation kept = t.upsert("2", "b");
            List<Operation> swap = List.of(w.update("1", "b"), w.update("2", "a"));
            List<Operation> merged = List.of(kept, swap.get(0), swap.get(1));
            List<Operation> order =
                    List.of(t.upsert("1", "a"), Operation.truncate(t.table()), kept, swap.get(0), swap.get(1));
            target.write(batch(2, new Chunk(List.of(t.table()), merged, order)));
        }
        assertThat(database.values("SELECT id || u FROM t")).containsExactly("2b");
        assertThat(database.values("SELECT id || u FROM w ORDER BY id")).containsExactly("1b", "2a");
    }

    @ParameterizedTest
    @ValueSource(ints = {14, 18})
    void aKeyWithSeveralOperationsIsOneKeyInTheFallback(int version) {
        TestDatabase database =
                TestDatabase.create(version, "CREATE TABLE t (id int PRIMARY KEY, u text UNIQUE, a text)");
        TestTable t = database.table("t", "id", "int4", "u", "text", "a", "text");
        try (PostgresTarget target = database.openMaster()) {
            target.start();
            target.write(batch(1, t.upsert("1", "x", "-"), t.upsert("2", "y", "-"), t.upsert("3", "z", "-")));
            List<Operation> merged = List.of(
                    t.update("1", "y", "1"),
                    t.update("2", "x", "2"),
                    t.update("3", ABSENT, "3").withGuard(1));
            List<Operation> order = List.of(
                    t.update("1", "y", ABSENT),
                    t.update("1", ABSENT, "1"),
                    t.update("2", "x", ABSENT),
                    t.update("2", ABSENT, "2"),
                    t.update("3", ABSENT, "0").withGuard(1),
                    t.update("3", ABSENT, "3").withGuard(1));
            WriteResult result = target.write(batch(2, new Chunk(List.of(), merged, order)));
            assertThat(result.skipped()).isEmpty();
        }
        assertThat(database.values("SELECT id || u || a FROM t ORDER BY id")).containsExactly("1y1", "2x2", "3z3");
    }

    @ParameterizedTest
    @ValueSource(ints = {14, 18})
    void partitionedTablesAreWrittenAndGuarded(int version) {
        TestDatabase database = TestDatabase.create(
                version,
                "CREATE TABLE t (id int PRIMARY KEY, a text) PARTITION BY RANGE (id);"
                        + "CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (3);"
                        + "CREATE TABLE t2 (a text, id int PRIMARY KEY);"
                        + "ALTER TABLE t ATTACH PARTITION t2 FOR VALUES FROM (3) TO (1000)");
        TestTable t = database.table("t", "id", "int4", "a", "text");
        try (PostgresTarget target = database.openMaster()) {
            target.start();
            target.write(batch(1, operations(9, i -> t.upsert(i, "ours"))));
            target.write(batch(2, operations(9, i -> t.update(i, "again"))));
            database.execute("UPDATE t SET a = 'local' WHERE id IN (2, 4, 6)");
            List<Operation> guarded = List.of(
                    t.upsert("1", "new"),
                    t.upsert("2", "new"),
                    t.upsert("3", "new"),
                    t.upsert("4", "new"),
                    t.update("5", "new"),
                    t.update("6", "new"),
                    t.delete("7", ABSENT));
            WriteResult result = target.write(
                    batch(3, guarded.stream().map(o -> o.withGuard(1)).toArray(Operation[]::new)));
            assertThat(result.skipped()).hasSize(3);
        }
        assertThat(database.values("SELECT id || a FROM t ORDER BY id"))
                .containsExactly("1new", "2local", "3new", "4local", "5new", "6local", "8again", "9again");
    }

    @ParameterizedTest
    @ValueSource(ints = {14, 18})
    void keysAreComparedByTheOperatorOfTheirIndex(int version) {
        TestDatabase database =
                TestDatabase.create(version, "CREATE EXTENSION citext; CREATE TABLE t (k citext PRIMARY KEY, a text)");
        TestTable t = database.table("t", "k", "text", "a", "text");
        try (PostgresTarget target = database.openReceiving()) {
            target.start();
            database.execute("INSERT INTO t SELECT 'Key' || g, 'local' FROM generate_series(1, 20) g");
            target.write(receivedBatch(1, t.update("KEY1", "one"), t.delete("KEY2", ABSENT)));
            target.write(receivedBatch(2, operations(10, i -> t.update("keY" + i, "bulk"))));
            target.write(receivedBatch(3, operations(5, i -> t.upsert("keY" + i, "upsert"))));
        }
        assertThat(database.values("SELECT a || count(*) FROM t GROUP BY a ORDER BY a"))
                .containsExactly("bulk5", "local10", "upsert5");
    }

    @ParameterizedTest
    @ValueSource(ints = {14, 18})
    void aColumnAddedLaterIsFoundAndAMissingOneIsNamed(int version) {
        TestDatabase database = TestDatabase.create(version, "CREATE TABLE t (id int PRIMARY KEY)");
        TestTable t = database.table("t", "id", "int4", "added", "text");
        try (PostgresTarget target = database.openMaster()) {
            target.start();
            ReplicatorException missing =
                    catchThrowableOfType(ReplicatorException.class, () -> target.write(batch(1, t.upsert("1", "x"))));
            assertThat(missing.code()).isEqualTo(ErrorCode.SCHEMA_DIFFERS);
            assertThat(missing.formatted()).contains("\"added\"", "public.t", "shake1");
        }
        try (PostgresTarget target = database.openMaster()) {
            target.start();
            target.write(batch(1, t.upsert("1", ABSENT)));
            database.execute("ALTER TABLE t ADD COLUMN added text");
            target.write(batch(2, t.upsert("1", "x")));
        }
        assertThat(database.value("SELECT added FROM t")).isEqualTo("x");
    }
}
