package dev.replicator.postgres;

import static dev.replicator.postgres.TestDatabase.TestTable.ABSENT;
import static dev.replicator.postgres.TestDatabase.batch;
import static org.assertj.core.api.Assertions.assertThat;

import dev.replicator.model.ChangeKind;
import dev.replicator.model.OnError;
import dev.replicator.model.OnError.Action;
import dev.replicator.model.Operation;
import dev.replicator.policy.Exceptional;
import dev.replicator.policy.Exceptional.Origin;
import dev.replicator.policy.ParentPolicies;
import dev.replicator.policy.Remedy;
import dev.replicator.policy.RemedyPlan;
import dev.replicator.postgres.TestDatabase.TestTable;
import dev.replicator.spi.Correction;
import dev.replicator.spi.Refusal;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Rows whose parent a batch deletes. */
final class OrphansTest {
    private static final String DDL = "CREATE TABLE p (id int PRIMARY KEY, name text);"
            + " CREATE TABLE c (id int PRIMARY KEY, p int CONSTRAINT up REFERENCES p)";

    private static final Operation[] NOTHING = {};

    private static TestDatabase database(int version, Action action) {
        TestDatabase database = TestDatabase.create(version, DDL);
        database.onError = new OnError(Map.of("up", action), Map.of(), Action.STOP);
        database.execute("INSERT INTO p VALUES (1, 'ann'), (2, 'bob'); INSERT INTO c VALUES (10, 1)");
        return database;
    }

    private static Correction correction(Refusal refusal, Action action) {
        Origin unknown = new Origin("", 0, 0, ChangeKind.UPDATE);
        Exceptional refused = new Exceptional("shake1", refusal, unknown, List.of(unknown));
        return new RemedyPlan(refused, "shake1")
                .correction((Remedy.Changes) ParentPolicies.of(action).remedy(refused));
    }

    @ParameterizedTest
    @ValueSource(ints = {14, 18})
    void aRowThatLosesItsParentIsToldOfUntilThatIsDecidedAlsoByTheNextSession(int version) {
        TestDatabase database = database(version, Action.SET_NULL);
        TestTable p = database.table("p", "id", "int4", "name", "text");
        database.table("c", "id", "int4", "p", "int4");
        try (PostgresTarget target = database.openMaster()) {
            target.start();
            List<Refusal> told = target.write(batch(1, p.delete("1", ABSENT), p.delete("2", ABSENT)))
                    .refusals();
            assertThat(told).singleElement().satisfies(refusal -> {
                assertThat(refusal.constraint()).isEqualTo("up");
                assertThat(refusal.columns()).containsExactly("p");
                assertThat(refusal.row().text(0)).isEqualTo("10");
                assertThat(refusal.others().get(0).requireRow().text(1)).isEqualTo("ann");
            });
        }
        try (PostgresTarget target = database.openMaster()) {
            assertThat(target.start().quarantined()).isEqualTo(1);
            Refusal told = target.write(batch(2, NOTHING)).refusals().get(0);
            Correction correction = correction(told, Action.SET_NULL);
            assertThat(target.correct(correction)).isEqualTo(Correction.Result.MADE);
            assertThat(target.correct(correction)).isEqualTo(Correction.Result.MADE_BEFORE);
            target.retryRefused();
            assertThat(target.write(batch(3, NOTHING)).refusals()).isEmpty();
        }
        assertThat(database.value("SELECT coalesce(p::text, '-') FROM c")).isEqualTo("-");
        assertThat(database.value("SELECT count(*) FROM replicator.orphan")).isEqualTo("0");
    }

    @ParameterizedTest
    @EnumSource(
            value = Action.class,
            names = {"RESTORE_PARENT", "DELETE_CHILD", "SET_NULL"})
    void nothingIsDoneWhereTheRowsAreNotWhatWasLookedAt(Action action) {
        TestDatabase database = database(18, action);
        TestTable p = database.table("p", "id", "int4", "name", "text");
        database.table("c", "id", "int4", "p", "int4");
        try (PostgresTarget target = database.openMaster()) {
            target.start();
            Refusal told =
                    target.write(batch(1, p.delete("1", ABSENT))).refusals().get(0);
            Correction correction = correction(told, action);
            database.execute("INSERT INTO p VALUES (1, 'back')");
            assertThat(target.correct(correction)).isEqualTo(Correction.Result.STILL_THERE);
            database.execute("UPDATE c SET p = 2");
            assertThat(target.correct(correction)).isEqualTo(Correction.Result.ROW_DIFFERS);
            assertThat(database.value("SELECT count(*) FROM replicator.decision"))
                    .isEqualTo("0");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {14, 18})
    void withoutARuleNothingIsNoted(int version) {
        TestDatabase database = database(version, Action.QUARANTINE);
        TestTable p = database.table("p", "id", "int4", "name", "text");
        database.table("c", "id", "int4", "p", "int4");
        try (PostgresTarget target = database.openMaster()) {
            target.start();
            assertThat(target.write(batch(1, p.delete("1", ABSENT))).refusals()).isEmpty();
        }
        assertThat(database.value("SELECT count(*) FROM replicator.orphan")).isEqualTo("0");
    }
}
