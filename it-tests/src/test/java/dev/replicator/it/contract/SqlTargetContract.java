package dev.replicator.it.contract;

import static dev.replicator.it.contract.ContractDatabase.batch;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.spi.Target;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** What targets with schemas guarantee on top. */
abstract class SqlTargetContract extends TargetContract {
    private final ContractTable narrow = new ContractTable(0, "people", 1, "id int4", "name text");
    private final ContractTable wider = new ContractTable(0, "people", 1, "id int4", "name text", "age int2");

    private static ReplicatorException refused(Runnable action) {
        ReplicatorException failure = Objects.requireNonNull(
                catchThrowableOfType(ReplicatorException.class, action::run), "nothing was refused");
        assertThat(failure.code()).as(failure.formatted()).isEqualTo(ErrorCode.SCHEMA_DIFFERS);
        return failure;
    }

    /** The statement that a hint ends with. */
    private static String statement(ReplicatorException failure) {
        return Objects.requireNonNull(failure.hint())
                .replaceFirst("(?s)^.*?(?=CREATE|ALTER)", "")
                .replaceFirst("; or set.*", "");
    }

    @Test
    void aMissingTableIsNamedWithTheStatementThatCreatesIt() {
        ContractDatabase database = database("create_tables: false");

        ReplicatorException missing = refused(() -> database.open(wider).close());
        assertThat(missing.primary()).contains("people").contains("is missing");
        server().execute(database.place(), statement(missing));

        try (Target target = database.open(wider)) {
            target.start();
            target.write(batch(1, wider.upsert("1", "Hamlet", "30")));
        }
        assertThat(rows(database, wider)).isEqualTo(Map.of("1", List.of("Hamlet", "30")));
    }

    @Test
    void aMissingColumnIsNamedWithTheStatementThatAddsIt() {
        ContractDatabase database = database("create_tables: false");
        server().execute(
                        database.place(),
                        statement(refused(() -> database.open(narrow).close())));

        ReplicatorException missing = refused(() -> database.open(wider).close());
        assertThat(missing.detail()).contains("column \"age\" is missing");
        try (Target target = database.open(narrow)) {
            target.start();
            target.write(batch(1, narrow.upsert("1", "Hamlet")));
            // The source has got the column while the sync runs.
            ReplicatorException running = refused(() -> target.write(batch(2, wider.upsert("2", "Portia", "20"))));
            server().execute(database.place(), statement(running));
        }
        try (Target target = database.open(wider)) {
            target.start();
            target.write(batch(2, wider.upsert("2", "Portia", "20")));
        }
        assertThat(rows(database, wider))
                .isEqualTo(Map.of("1", Arrays.asList("Hamlet", null), "2", List.of("Portia", "20")));
    }

    @Test
    void aColumnThatTheSourceGetsIsAddedWhereThatIsAskedFor() {
        ContractDatabase database = database();
        try (Target target = database.open(narrow)) {
            target.start();
            target.write(batch(1, narrow.upsert("1", "Hamlet")));
            target.write(batch(2, wider.upsert("2", "Portia", "20"), narrow.upsert("3", "Iago")));
        }
        assertThat(rows(database, wider))
                .isEqualTo(Map.of(
                        "1", Arrays.asList("Hamlet", null),
                        "2", List.of("Portia", "20"),
                        "3", Arrays.asList("Iago", null)));
    }

    @Test
    void uniqueValuesMayChangePlacesBetweenRows() {
        ContractDatabase database = database();
        ContractTable unique = new ContractTable(0, "people", 1, "id int4", "name varchar(50)");
        try (Target target = database.open(unique)) {
            target.start();
            target.write(batch(1, unique.upsert("1", "a"), unique.upsert("2", "b")));
            server().execute(database.place(), uniqueName());
        }
        try (Target target = database.open(unique)) {
            target.start();
            target.write(batch(2, unique.update("1", "x"), unique.update("2", "a"), unique.update("1", "b")));
            target.write(batch(3, unique.upsert("1", "a"), unique.upsert("2", "b")));
            ReplicatorException clash = Objects.requireNonNull(catchThrowableOfType(
                    ReplicatorException.class, () -> target.write(batch(4, unique.upsert("3", "a")))));
            assertThat(clash.kind()).isEqualTo(ReplicatorException.Kind.POISON);
            assertThat(clash.detail()).contains("(id)=(3)");
        }
        assertThat(rows(database, unique)).isEqualTo(Map.of("1", List.of("a"), "2", List.of("b")));
    }

    /** Makes column "name" of table "people" unique. */
    protected abstract String uniqueName();
}
