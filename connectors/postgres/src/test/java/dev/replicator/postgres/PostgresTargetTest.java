package dev.replicator.postgres;

import static dev.replicator.postgres.TestDatabase.TestTable.ABSENT;
import static dev.replicator.postgres.TestDatabase.batch;
import static dev.replicator.postgres.TestDatabase.receivedBatch;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.Batch;
import dev.replicator.model.ChangeKind;
import dev.replicator.model.Chunk;
import dev.replicator.model.Conflict;
import dev.replicator.model.MarkNumber;
import dev.replicator.model.Operation;
import dev.replicator.model.Positions;
import dev.replicator.model.Row;
import dev.replicator.model.SourceState;
import dev.replicator.postgres.ConflictHistory.Filter;
import dev.replicator.postgres.TestDatabase.TestTable;
import dev.replicator.spi.TargetState;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Fence, progress and sessions. */
final class PostgresTargetTest {
    private static final String ONE_TABLE = "CREATE TABLE t (id int PRIMARY KEY, a text)";

    private static TestTable oneTable(TestDatabase database) {
        return database.table("t", "id", "int4", "a", "text");
    }

    @ParameterizedTest
    @ValueSource(ints = {14, 18})
    void rowsAndProgressAreCommittedTogether(int version) {
        TestDatabase database = TestDatabase.create(version, ONE_TABLE);
        TestTable t = oneTable(database);
        try (PostgresTarget target = database.openMaster()) {
            TargetState state = target.start();
            assertThat(state.fence()).isEqualTo(1);
            assertThat(state.lastFence()).isZero();
            assertThat(state.held()).isEqualTo(Positions.zero(2));
            assertThat(state.logEnd()).isPositive();
            assertThat(state.markSecret()).hasSize(32);
            target.write(batch(7, t.upsert("1", "one"), t.upsert("2", null)));
        }
        assertThat(database.values("SELECT id || coalesce(a, '-') FROM t ORDER BY id"))
                .containsExactly("1one", "2-");
        try (PostgresTarget target = database.openMaster()) {
            TargetState state = target.start();
            assertThat(state.fence()).isEqualTo(2);
            assertThat(state.lastFence()).isEqualTo(1);
            assertThat(state.lastBatch()).isEqualTo(7);
            assertThat(state.held()).isEqualTo(Positions.of(0, 7000));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {14, 18})
    void aBatchThatBreaksInTheMiddleLeavesNeitherRowsNorProgress(int version) {
        TestDatabase database = TestDatabase.create(version, ONE_TABLE);
        TestTable t = oneTable(database);
        try (PostgresTarget target = database.openMaster()) {
            target.start();
            target.write(batch(1, t.upsert("1", "kept")));
            Chunk first = new Chunk(List.of(), upserts(t, 2_000), List.of());
            Iterable<Chunk> killed = () -> new Iterator<>() {
                private int given;

                @Override
                public boolean hasNext() {
                    return given < 2;
                }

                @Override
                public Chunk next() {
                    if (given++ == 0) {
                        return first;
                    }
                    if (given > 2) {
                        throw new NoSuchElementException();
                    }
                    database.value("SELECT pg_terminate_backend(pid) FROM replicator.progress");
                    return first;
                }
            };
            Batch batch = new Batch(2, killed, Positions.of(0, 9000), 9, List.of(), List.of(), 0);
            ReplicatorException failure = catchThrowableOfType(ReplicatorException.class, () -> target.write(batch));
            assertThat(failure.kind()).isEqualTo(ReplicatorException.Kind.RETRYABLE);
            assertThat(failure.context()).contains("bard", "shake1");
        }
        assertThat(database.values("SELECT a FROM t")).containsExactly("kept");
        try (PostgresTarget target = database.openMaster()) {
            TargetState state = target.start();
            assertThat(state.lastBatch()).isEqualTo(1);
            assertThat(state.held()).isEqualTo(Positions.of(0, 1000));
        }
    }

    private static List<Operation> upserts(TestTable t, int rows) {
        return java.util.stream.IntStream.rangeClosed(1, rows)
                .mapToObj(i -> t.upsert(Integer.toString(i), "a"))
                .toList();
    }

    @ParameterizedTest
    @ValueSource(ints = {14, 18})
    void aSessionThatHasLostTheFenceCannotWrite(int version) {
        TestDatabase database = TestDatabase.create(version, ONE_TABLE);
        TestTable t = oneTable(database);
        try (PostgresTarget first = database.openMaster()) {
            first.start();
            first.write(batch(1, t.upsert("1", "first")));
            // Raised by hand, so that the first session lives on.
            database.execute("UPDATE replicator.progress SET fence = fence + 1");
            ReplicatorException fenced =
                    catchThrowableOfType(ReplicatorException.class, () -> first.write(batch(2, t.upsert("1", "late"))));
            assertThat(fenced.kind()).isEqualTo(ReplicatorException.Kind.FENCED);
        }
        try (PostgresTarget second = database.openMaster()) {
            second.start();
            database.execute("UPDATE replicator.progress SET fence = fence + 1");
            assertThat(catchThrowableOfType(ReplicatorException.class, () -> second.storeState(SourceState.none(2)))
                            .kind())
                    .isEqualTo(ReplicatorException.Kind.FENCED);
        }
        assertThat(database.values("SELECT a FROM t")).containsExactly("first");
    }

    @ParameterizedTest
    @ValueSource(ints = {14, 18})
    void theNextSessionEndsTheOneBeforeItEvenInTheMiddleOfATransaction(int version) throws Exception {
        TestDatabase database = TestDatabase.create(version, ONE_TABLE);
        TestTable t = oneTable(database);
        try (PostgresTarget first = database.openMaster();
                PostgresTarget second = database.openMaster();
                Connection blocker = database.connect();
                Statement statement = blocker.createStatement()) {
            first.start();
            first.write(batch(1, t.upsert("1", "a")));
            statement.execute("BEGIN; UPDATE t SET a = 'local' WHERE id = 1");
            CompletableFuture<Throwable> stuck = CompletableFuture.supplyAsync(() ->
                    catchThrowableOfType(Throwable.class, () -> first.write(batch(2, t.upsert("1", "late")))));
            await().until(() -> "1"
                    .equals(database.value("SELECT count(*) FROM pg_stat_activity "
                            + "WHERE wait_event_type = 'Lock' AND datname = current_database()")));
            assertThat(second.start().fence()).isEqualTo(2);
            assertThat(stuck.get()).isInstanceOf(ReplicatorException.class);
            statement.execute("COMMIT");
            second.write(batch(1, t.upsert("2", "b")));
        }
        assertThat(database.values("SELECT a FROM t ORDER BY id")).containsExactly("local", "b");
    }

    @ParameterizedTest
    @ValueSource(ints = {14, 18})
    void closingEndsAWriteThatWaitsInAnotherThread(int version) throws Exception {
        TestDatabase database = TestDatabase.create(version, ONE_TABLE);
        TestTable t = oneTable(database);
        database.execute("INSERT INTO t VALUES (1, 'a')");
        try (PostgresTarget target = database.openMaster();
                Connection blocker = database.connect();
                Statement statement = blocker.createStatement()) {
            target.start();
            statement.execute("BEGIN; UPDATE t SET a = 'local' WHERE id = 1");
            CompletableFuture<ReplicatorException> stuck = CompletableFuture.supplyAsync(() -> catchThrowableOfType(
                    ReplicatorException.class, () -> target.write(batch(1, t.upsert("2", "x"), t.upsert("1", "x")))));
            String waiting = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'replicator' "
                    + "AND datname = current_database()";
            await().until(() -> "1".equals(database.value(waiting + " AND wait_event_type = 'Lock'")));
            Runnable close = target::close;
            close.run();
            assertThat(stuck.get().kind()).isEqualTo(ReplicatorException.Kind.RETRYABLE);
            await().atMost(Duration.ofSeconds(3)).until(() -> "0".equals(database.value(waiting)));
        }
        assertThat(database.values("SELECT a FROM t")).containsExactly("a");
    }

    @ParameterizedTest
    @ValueSource(ints = {14, 18})
    void storedStatesAndTheirCopiesAreReadBack(int version) {
        TestDatabase database = TestDatabase.create(version, ONE_TABLE);
        SourceState own =
                new SourceState(500, 77, Positions.of(500, 300), new MarkNumber(3, 17), Positions.of(400, 200));
        SourceState other =
                new SourceState(900, 88, Positions.of(0, 900), new MarkNumber(8, 1), Positions.of(100, 800));
        SourceState older =
                new SourceState(800, 80, Positions.of(0, 800), new MarkNumber(7, 99), Positions.of(450, 700));
        try (PostgresTarget target = database.openMaster()) {
            target.start();
            target.storeState(own);
            target.write(new Batch(1, List.of(), Positions.zero(2), 0, List.of(), Arrays.asList(own, other), 0));
            target.write(new Batch(2, List.of(), Positions.zero(2), 0, List.of(), Arrays.asList(null, older), 0));
        }
        try (PostgresTarget target = database.openMaster()) {
            TargetState state = target.start();
            assertThat(state.ownState()).isEqualTo(own);
            assertThat(state.states().get(0)).isEqualTo(own);
            assertThat(state.states().get(1))
                    .isEqualTo(new SourceState(
                            900, 88, Positions.of(0, 900), new MarkNumber(8, 1), Positions.of(450, 800)));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {14, 18})
    void aReceivingDatabaseLearnsWhatIsDurable(int version) {
        TestDatabase database = TestDatabase.create(version, ONE_TABLE);
        TestTable t = oneTable(database);
        try (PostgresTarget target = database.openReceiving()) {
            TargetState state = target.start();
            assertThat(state.markSecret()).isEmpty();
            assertThat(state.logEnd()).isZero();
            assertThat(target.durableBatch()).isZero();
            for (int i = 1; i <= 20; i++) {
                target.write(receivedBatch(i, t.upsert("1", "v" + i), t.update("2", ABSENT)));
            }
            await().until(() -> target.durableBatch() == 20);
        }
        assertThat(database.value("SELECT a FROM t")).isEqualTo("v20");
    }

    @ParameterizedTest
    @ValueSource(ints = {14, 18})
    void conflictsComeIntoTheHistoryOnce(int version) throws SQLException {
        TestDatabase database = TestDatabase.create(version, ONE_TABLE);
        TestTable t = oneTable(database);
        Row lost = t.row("1", "lost \\ \"x\"");
        Row won = new Row.Builder(t.relation())
                .binary(new byte[] {0, 0, 0, 1})
                .nil()
                .build();
        Conflict conflict = new Conflict(
                "update_origin_differs",
                new Conflict.Side(
                        "shake2", 0x1_0000_0001L, 1_700_000_000_000_000L, ChangeKind.UPDATE, t.key(lost), lost),
                new Conflict.Side("shake1", 0x2_0000_0001L, 1_700_000_000_000_001L, ChangeKind.UPDATE, t.key(won), won),
                "latest",
                "it was committed later");
        try (PostgresTarget target = database.openMaster();
                Connection connection = database.connect()) {
            target.start();
            ConflictHistory history = new ConflictHistory(connection);
            for (int i = 1; i <= 2; i++) {
                target.write(new Batch(i, List.of(), Positions.zero(2), 0, List.of(conflict), List.of(), 0));
            }
            List<ConflictHistory.Entry> entries = history.list(Filter.of(TestDatabase.SYNC, "public.t"), 10);
            assertThat(entries).hasSize(1);
            ConflictHistory.Entry entry = entries.get(0);
            assertThat(entry.loser().row()).isEqualTo("{\"a\": \"lost \\\\ \\\"x\\\"\", \"id\": \"1\"}");
            assertThat(entry.winner().row()).isEqualTo("{\"a\": null, \"id\": \"1\"}");
            assertThat(entry.winner().key()).isEqualTo("{\"id\": \"1\"}");
            assertThat(entry.loser().commitLsn().value()).isEqualTo(0x1_0000_0001L);
            assertThat(history.show(entry.id())).contains(entry);
            assertThat(history.list(Filter.of("other", null), 10)).isEmpty();
            assertThat(history.list(Filter.of(null, "elsewhere.t"), 10)).isEmpty();
        }
    }

    @Test
    void aLockThatIsNotGrantedInTimeNamesWhoMostLikelyHoldsIt() throws SQLException {
        TestDatabase database = TestDatabase.create(18, ONE_TABLE);
        TestTable t = oneTable(database);
        database.execute("INSERT INTO t VALUES (1, 'a')");
        try (Connection blocker = database.connect();
                Connection waiting = database.connect();
                Statement blocking = blocker.createStatement();
                Statement statement = waiting.createStatement()) {
            blocking.execute("BEGIN; UPDATE t SET a = 'local' WHERE id = 1");
            statement.execute("SET lock_timeout = '10ms'");
            SQLException timeout =
                    catchThrowableOfType(SQLException.class, () -> statement.execute("UPDATE t SET a = 'x'"));
            String blockerName = Blockers.describe(waiting, List.of(t.table()));
            String pid = String.valueOf(
                    blocker.unwrap(org.postgresql.PGConnection.class).getBackendPID());
            assertThat(blockerName).contains("PID " + pid, "idle in transaction", "t");
            ReplicatorException failure = WriteErrors.of(timeout, "bard", "shake1", blockerName);
            assertThat(failure.kind()).isEqualTo(ReplicatorException.Kind.ROLLED_BACK);
            assertThat(failure.detail()).isEqualTo(blockerName);
        }
    }

    @Test
    void tablesThatCannotBeWrittenAreRefusedWithTheReason() {
        TestDatabase noTable = TestDatabase.create(18, ONE_TABLE);
        noTable.table("missing", "id", "int4");
        assertRefused(noTable, ErrorCode.SCHEMA_DIFFERS, "public.missing", "shake1");

        TestDatabase noKey = TestDatabase.create(18, "CREATE TABLE t (id int, UNIQUE (id) DEFERRABLE)");
        noKey.table("t", "id", "int4");
        assertRefused(noKey, ErrorCode.SCHEMA_DIFFERS, "public.t", "unique index");

        TestDatabase noGrant = TestDatabase.create(18, ONE_TABLE);
        noGrant.execute("REVOKE DELETE ON t FROM replicator");
        oneTable(noGrant);
        assertRefused(noGrant, ErrorCode.PRIVILEGE, "public.t", "DELETE");
    }

    private static void assertRefused(TestDatabase database, ErrorCode code, String... texts) {
        ReplicatorException refusal = catchThrowableOfType(ReplicatorException.class, database::openMaster);
        assertThat(refusal.code()).isEqualTo(code);
        assertThat(refusal.formatted()).contains(texts);
    }

    @ParameterizedTest
    @CsvSource({
        "14, ALTER ROLE ... SET session_replication_role = replica",
        "18, GRANT SET ON PARAMETER session_replication_role"
    })
    void withoutTheReplicaRoleTablesWithTriggersOrForeignKeysAreRefusedAndOthersAreNot(int version, String grant) {
        TestDatabase database = TestDatabase.create(
                version,
                ONE_TABLE
                        + "; CREATE TABLE child (id int PRIMARY KEY REFERENCES t); CREATE TABLE noisy (id int PRIMARY KEY);"
                        + "CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';"
                        + "CREATE TRIGGER noise AFTER INSERT ON noisy EXECUTE FUNCTION nothing()");
        database.withoutReplicaRole(() -> {
            oneTable(database);
            database.table("child", "id", "int4");
            database.table("noisy", "id", "int4");
            assertRefused(database, ErrorCode.PRIVILEGE, "public.t, public.child, public.noisy", grant);
            database.execute("DROP TABLE child; CREATE TABLE child (id int PRIMARY KEY); DROP TRIGGER noise ON noisy;"
                    + "GRANT ALL ON child TO replicator");
            assertThatCode(() -> database.openMaster().close()).doesNotThrowAnyException();
        });
    }

    @Test
    void aDatabaseUnderAnotherNameIsRefused() {
        TestDatabase database = TestDatabase.create(18, ONE_TABLE);
        oneTable(database);
        try (PostgresTarget target = database.openMaster()) {
            target.start();
        }
        try (PostgresTarget target = database.openReceiving()) {
            assertThatThrownBy(target::start)
                    .isInstanceOfSatisfying(
                            ReplicatorException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.IDENTITY_CHANGED));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {14, 18})
    void aSessionThatTakesThePlaceOfALostOneGivesWayWhereAnotherProcessHasTakenOver(int version) {
        TestDatabase database = TestDatabase.create(version, "CREATE TABLE t (id int PRIMARY KEY)");
        TestTable t = database.table("t", "id", "int4");
        long first;
        try (PostgresTarget lost = database.openMaster()) {
            first = lost.start().fence();
        }
        try (PostgresTarget again = database.openMaster()) {
            assertThat(again.start(first).fence()).isEqualTo(first + 1);
        }
        try (PostgresTarget other = database.openMaster();
                PostgresTarget woken = database.openMaster()) {
            other.start();
            ReplicatorException refusal = catchThrowableOfType(ReplicatorException.class, () -> woken.start(first + 1));
            assertThat(refusal.kind()).isEqualTo(ReplicatorException.Kind.FENCED);
            assertThat(refusal.formatted()).contains("fence number " + (first + 1), "it is " + (first + 2));
            other.write(batch(1, t.upsert("1")));
        }
    }
}
