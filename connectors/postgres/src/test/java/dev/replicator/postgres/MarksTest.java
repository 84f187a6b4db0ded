package dev.replicator.postgres;

import static dev.replicator.postgres.TestDatabase.TestTable.ABSENT;
import static dev.replicator.postgres.TestDatabase.batch;
import static org.assertj.core.api.Assertions.assertThat;

import dev.replicator.codec.DecodedMark;
import dev.replicator.codec.MarkHead;
import dev.replicator.model.Chunk;
import dev.replicator.model.Operation;
import dev.replicator.model.SyncSpec.ForeignOrigins;
import dev.replicator.postgres.TestDatabase.LogMessage;
import dev.replicator.postgres.TestDatabase.TestTable;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a stream sees of the batches of a master. */
final class MarksTest {
    private static final String TABLES =
            "CREATE TABLE t (id int PRIMARY KEY, a text); CREATE TABLE u (id int PRIMARY KEY)";

    private static String kinds(List<LogMessage> log) {
        return log.stream().map(message -> String.valueOf(message.kind())).collect(Collectors.joining());
    }

    static List<DecodedMark> marks(byte[] secret, List<LogMessage> log) {
        List<DecodedMark> marks = new ArrayList<>();
        for (LogMessage message : log) {
            if (message.kind() == 'M') {
                marks.add(TestDatabase.marks(secret).decode(message.content()).orElseThrow());
            }
        }
        return marks;
    }

    @ParameterizedTest
    @ValueSource(ints = {14, 18})
    void aMarkListsWhatWasWrittenAndWhatMetNoRow(int version) {
        TestDatabase database = TestDatabase.create(version, TABLES);
        TestTable t = database.table("t", "id", "int4", "a", "text");
        TestTable u = database.table("u", "id", "int4");
        database.keepLog();
        try (PostgresTarget target = database.openMaster()) {
            byte[] secret = target.start().markSecret();
            database.log();
            Operation written = t.upsert("1", "x");
            Operation missed = t.update("2", "x");
            Operation gone = t.delete("3", ABSENT);
            target.write(batch(4, written, missed, gone));
            List<LogMessage> log = database.log();
            assertThat(kinds(log)).isEqualTo("BORIMC".replace("O", kinds(log).contains("O") ? "O" : ""));
            DecodedMark mark = marks(secret, log).get(0);
            assertThat(mark.written()).containsExactly(written.requireKey().hash());
            assertThat(mark.missed())
                    .containsExactlyInAnyOrder(
                            missed.requireKey().hash(), gone.requireKey().hash());
            assertThat(mark.head().fence()).isEqualTo(1);
            assertThat(mark.head().batch()).isEqualTo(4);
            assertThat(mark.head().highest()).isEqualTo(4);
            assertThat(mark.head().heldOf("shake2")).isEqualTo(4000);
            assertThat(mark.head().isLast()).isTrue();
            // V is joined with what the progress held.
            target.write(batch(2, new Chunk(List.of(u.table()), bulk(t, 10), List.of())));
            DecodedMark second = marks(secret, database.log()).get(0);
            assertThat(second.head().heldOf("shake2")).isEqualTo(4000);
            assertThat(second.truncated()).containsExactly(u.table().name());
            // In bulk, too, each key is known to have met a row or not.
            List<Operation> updates = new ArrayList<>();
            IntStream.rangeClosed(9, 20).forEach(i -> updates.add(t.update(Integer.toString(i), "y")));
            target.write(batch(3, updates.toArray(new Operation[0])));
            DecodedMark third = marks(secret, database.log()).get(0);
            assertThat(third.written())
                    .containsExactlyInAnyOrder(
                            updates.get(0).requireKey().hash(),
                            updates.get(1).requireKey().hash());
            assertThat(third.missed()).hasSize(10);
        } finally {
            database.dropLog();
        }
    }

    private static List<Operation> bulk(TestTable t, int rows) {
        return IntStream.rangeClosed(1, rows)
                .mapToObj(i -> t.upsert(Integer.toString(i), "a"))
                .toList();
    }

    @ParameterizedTest
    @ValueSource(ints = {14, 18})
    void transactionsBearTheOriginAndTheCommitTimeOfTheSource(int version) {
        TestDatabase database = TestDatabase.create(version, TABLES);
        TestTable t = database.table("t", "id", "int4", "a", "text");
        try (PostgresTarget target = database.openMaster()) {
            target.start();
            target.write(batch(1, t.upsert("1", "x")));
            assertThat(database.value("SELECT pg_xact_commit_timestamp(xmin) FROM t"))
                    .isEqualTo("2023-11-14 22:13:20+00");
        }
    }

    @Test
    void ignoringForeignOriginsTheStreamSendsTheMarkAndNoRow() {
        TestDatabase database = TestDatabase.create(18, TABLES);
        TestTable t = database.table("t", "id", "int4", "a", "text");
        database.keepLog();
        try (PostgresTarget target = database.openMaster(ForeignOrigins.IGNORE)) {
            byte[] secret = target.start().markSecret();
            database.log("origin", "none");
            database.execute("INSERT INTO t VALUES (100, 'local')");
            target.write(batch(1, t.upsert("1", "x"), t.update("2", "x")));
            target.write(batch(2, bulk(t, 20).toArray(new Operation[0])));
            target.storeState(dev.replicator.model.SourceState.none(2));
            target.write(batch(
                    3,
                    new Chunk(List.of(), bulk(t, 9_000), List.of()),
                    new Chunk(List.of(), List.of(t.update("1", "z")), List.of())));
            List<LogMessage> log = database.log("origin", "none");
            List<DecodedMark> marks = marks(secret, log);
            assertThat(kinds(log).replaceAll("BC", "")).isEqualTo("BRIC" + "BMC" + "BMC" + "BMMC");
            assertThat(marks.stream().map(mark -> mark.head().batch())).containsExactly(1L, 2L, 3L, 3L);
            assertThat(marks.stream().map(mark -> mark.head().isLast())).containsExactly(true, true, false, true);
            assertThat(marks.get(2).written().length + marks.get(3).written().length)
                    .isEqualTo(9_001);
        } finally {
            database.dropLog();
        }
    }

    @Test
    void ignoringForeignOriginsTheFallbackLeavesAndEntersTheOriginAgain() {
        TestDatabase database = TestDatabase.create(18, "CREATE TABLE t (id int PRIMARY KEY, a text UNIQUE)");
        TestTable t = database.table("t", "id", "int4", "a", "text");
        database.keepLog();
        try (PostgresTarget target = database.openMaster(ForeignOrigins.IGNORE)) {
            byte[] secret = target.start().markSecret();
            target.write(batch(1, t.upsert("1", "x"), t.upsert("2", "y")));
            database.log("origin", "none");
            target.write(batch(2, t.update("1", "y"), t.update("2", "x")));
            target.write(batch(3, t.upsert("3", "z")));
            List<LogMessage> log = database.log("origin", "none");
            assertThat(kinds(log)).isEqualTo("BMCBMC");
            assertThat(marks(secret, log).get(0).written()).hasSize(2);
        } finally {
            database.dropLog();
        }
        assertThat(database.values("SELECT id || a FROM t ORDER BY id")).containsExactly("1y", "2x", "3z");
    }

    @ParameterizedTest
    @ValueSource(ints = {14, 18})
    void withoutOriginFunctionsATransactionBeginsWithAMark(int version) {
        TestDatabase database = TestDatabase.create(version, TABLES);
        database.execute(
                "REVOKE EXECUTE ON FUNCTION pg_replication_origin_xact_setup(pg_lsn, timestamptz) FROM replicator");
        TestTable t = database.table("t", "id", "int4", "a", "text");
        database.keepLog();
        try (PostgresTarget target = database.openMaster()) {
            byte[] secret = target.start().markSecret();
            database.log();
            target.write(batch(1, t.upsert("1", "x")));
            List<LogMessage> log = database.log();
            assertThat(kinds(log)).isEqualTo("BMRIMC");
            assertThat(marks(secret, log).get(0).head().flags()).isEqualTo(MarkHead.OPENING);
            assertThat(marks(secret, log).get(1).head().flags()).isEqualTo(MarkHead.LAST);
        } finally {
            database.dropLog();
        }
    }
}
