package dev.replicator.postgres;

import static dev.replicator.postgres.TestDatabase.batch;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.replicator.error.ReplicatorException;
import dev.replicator.model.Operation;
import dev.replicator.model.Row;
import dev.replicator.postgres.TestDatabase.TestTable;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** When upserts go by COPY, and what becomes of them when the server refuses. A trigger writes down the command. */
final class CopyTest {
    private static final String TABLE = """
            CREATE TABLE t (id int PRIMARY KEY, a varchar(10));
            CREATE TABLE said (number serial, command text);
            GRANT ALL ON said, said_number_seq TO PUBLIC;
            CREATE FUNCTION say() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
              INSERT INTO public.said (command) VALUES (left(current_query(), 4)); RETURN NULL; END $$;
            CREATE TRIGGER says AFTER INSERT ON t FOR EACH STATEMENT EXECUTE FUNCTION say();
            ALTER TABLE t ENABLE ALWAYS TRIGGER says""";

    @ParameterizedTest
    @ValueSource(ints = {14, 18})
    void manyRowsThatAreNotThereGoByCopyAndTheMarkListsThem(int version) {
        TestDatabase database = TestDatabase.create(version, TABLE);
        TestTable t = database.table("t", "id", "int4", "a", "varchar");
        database.keepLog();
        try (PostgresTarget target = database.openMaster()) {
            byte[] secret = target.start().markSecret();
            database.log();
            Operation[] inserts = upserts(t, 1, 2000, "one");
            assertThat(target.write(batch(1, inserts)).rows()).isEqualTo(2000);
            assertThat(MarksTest.marks(secret, database.log()).get(0).written()).hasSize(2000);
        } finally {
            database.dropLog();
        }
        assertThat(said(database)).containsExactly("COPY");
        assertThat(database.value("SELECT count(*) FROM t WHERE a = 'one' AND id BETWEEN 1 AND 2000"))
                .isEqualTo("2000");
    }

    @Test
    void whenARowIsThereAlreadyAllAreUpsertedAndTheTableRests() {
        TestDatabase database = TestDatabase.create(18, TABLE);
        TestTable t = database.table("t", "id", "int4", "a", "varchar");
        database.execute("INSERT INTO t VALUES (77, 'old'); TRUNCATE said");
        try (PostgresTarget target = database.openMaster()) {
            target.start();
            assertThat(target.write(batch(1, upserts(t, 1, 150, "new"))).rows()).isEqualTo(150);
            target.write(batch(2, upserts(t, 1001, 1150, "new")));
            assertThat(said(database)).containsOnly("INSE").hasSize(2);
            for (int number = 3; number <= 20; number++) {
                target.write(batch(number, upserts(t, number * 1000, number * 1000 + 150, "new")));
            }
            assertThat(said(database)).contains("COPY");
        }
        assertThat(database.value("SELECT count(*) FROM t WHERE a <> 'new'")).isEqualTo("0");
        assertThat(database.value("SELECT count(*) FROM t")).isEqualTo(Integer.toString(300 + 18 * 151));
    }

    @Test
    void aRowThatIsRefusedWhileOthersAreStillSentIsNoticed() {
        TestDatabase database = TestDatabase.create(18, TABLE.replace("varchar(10)", "text"));
        TestTable t = database.table("t", "id", "int4", "a", "text");
        database.execute("INSERT INTO t VALUES (1, 'old')");
        try (PostgresTarget target = database.openMaster()) {
            target.start();
            String large = "x".repeat(10_000);
            assertThat(target.write(batch(1, upserts(t, 1, 2000, large))).rows())
                    .isEqualTo(2000);
            assertThat(target.write(batch(2, upserts(t, 1, 10, "small"))).rows())
                    .isEqualTo(10);
        }
        assertThat(database.value("SELECT count(*) FROM t WHERE length(a) = 10000"))
                .isEqualTo("1990");
    }

    @Test
    void nullsGoByCopyToo() {
        TestDatabase database = TestDatabase.create(18, TABLE);
        TestTable t = database.table("t", "id", "int4", "a", "varchar");
        try (PostgresTarget target = database.openMaster()) {
            target.start();
            target.write(batch(1, upserts(t, 1, 100, null)));
        }
        assertThat(said(database)).containsExactly("COPY");
        assertThat(database.value("SELECT count(*) FROM t WHERE a IS NULL")).isEqualTo("100");
    }

    @Test
    void aValueThatDoesNotFitIsRefusedAsInAnyOtherStatement() {
        TestDatabase database = TestDatabase.create(18, TABLE);
        TestTable t = database.table("t", "id", "int4", "a", "varchar");
        try (PostgresTarget target = database.openMaster()) {
            target.start();
            ReplicatorException refused = catchThrowableOfType(
                    ReplicatorException.class, () -> target.write(batch(1, upserts(t, 1, 150, "far too long for it"))));
            assertThat(refused.kind()).isEqualTo(ReplicatorException.Kind.POISON);
        }
        assertThat(database.value("SELECT count(*) FROM t")).isEqualTo("0");
    }

    @Test
    void aColumnOfAnotherTypeIsCastAndNotCopied() {
        TestDatabase database = TestDatabase.create(18, TABLE.replace("id int PRIMARY", "id bigint PRIMARY"));
        TestTable t = database.table("t", "id", "int4", "a", "varchar");
        try (PostgresTarget target = database.openMaster()) {
            target.start();
            target.write(batch(1, upserts(t, 1, 150, "one")));
        }
        assertThat(said(database)).containsExactly("INSE");
        assertThat(database.value("SELECT sum(id) FROM t")).isEqualTo(Integer.toString(150 * 151 / 2));
    }

    private static List<String> said(TestDatabase database) {
        return database.values("SELECT command FROM said ORDER BY number").stream()
                .map(String::valueOf)
                .toList();
    }

    private static Operation[] upserts(TestTable t, int from, int to, @org.jspecify.annotations.Nullable String a) {
        return IntStream.rangeClosed(from, to).mapToObj(id -> upsert(t, id, a)).toArray(Operation[]::new);
    }

    private static Operation upsert(TestTable t, int id, @org.jspecify.annotations.Nullable String a) {
        Row.Builder row = new Row.Builder(t.relation());
        row.binary(ByteBuffer.allocate(4).putInt(id).array());
        Row made = (a == null ? row.nil() : row.binary(a.getBytes(StandardCharsets.UTF_8))).build();
        return Operation.upsert(t.key(made), made, Operation.UNGUARDED);
    }
}
