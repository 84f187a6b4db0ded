package dev.replicator.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.replicator.codec.KeyCodec;
import dev.replicator.model.ChangeKind;
import dev.replicator.model.Column;
import dev.replicator.model.Operation;
import dev.replicator.model.Relation;
import dev.replicator.model.Row;
import dev.replicator.model.Table;
import dev.replicator.model.TableName;
import dev.replicator.policy.Exceptional.Origin;
import dev.replicator.spi.Refusal;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Rows that clash and of which only what was put aside is known. */
class StoredLatestTest {
    private static final long LATER = Duration.ofSeconds(20).toNanos();
    private static final Relation RELATION = new Relation(
            new Table(0, new TableName("public", "t"), List.of("id"), List.of("int4")),
            List.of(new Column("id", 25, "int4", -1)));

    private final StoredLatest latest = new StoredLatest();

    private static Operation row(String id) {
        Row row = new Row.Builder(RELATION).text(id).build();
        return Operation.upsert(new KeyCodec(RELATION.table()).keyOf(row), row, Operation.UNGUARDED);
    }

    private static Exceptional refused(String id, long micros, String standing, long standingMicros, ChangeKind kind) {
        Operation change = row(id);
        Refusal refusal =
                new Refusal(change, change.requireRow(), "23505", "u", List.of(row(standing)), List.of(), micros);
        return new Exceptional(
                "m",
                refusal,
                new Origin("", 0, micros, ChangeKind.UPDATE),
                List.of(new Origin("", 0, standingMicros, kind)));
    }

    private String deleted(Exceptional refused, long now) {
        Remedy.Changes changes = latest.judge(refused, now);
        return changes == null ? "none" : changes.changes().get(0).requireRow().text(0);
    }

    @Test
    void eachIsRefusedSomewhereAndTheOlderOneIsDeletedWhicheverIsAskedAbout() {
        assertThat(deleted(refused("1", 100, "2", 0, ChangeKind.UPDATE), 0)).isEqualTo("none");
        assertThat(deleted(refused("2", 200, "1", 0, ChangeKind.UPDATE), 1)).isEqualTo("1");
        assertThat(deleted(refused("1", 100, "2", 0, ChangeKind.UPDATE), 2)).isEqualTo("1");
    }

    @Test
    void aRowThatNobodyRefusesIsTheOlderOneAfterSomeSeconds() {
        assertThat(deleted(refused("1", 100, "2", 0, ChangeKind.UPDATE), 0)).isEqualTo("none");
        assertThat(deleted(refused("1", 100, "2", 0, ChangeKind.UPDATE), 1)).isEqualTo("none");
        assertThat(deleted(refused("1", 100, "2", 0, ChangeKind.UPDATE), LATER)).isEqualTo("2");
    }

    @Test
    void ofTwoOfOneTimeTheSameIsDeletedWhicheverIsAskedAbout() {
        String one = deleted(refused("1", 100, "2", 100, ChangeKind.UPDATE), 0);
        assertThat(one).isIn("1", "2");
        assertThat(deleted(refused("2", 100, "1", 100, ChangeKind.UPDATE), 0)).isEqualTo(one);
    }

    @Test
    void nothingIsDecidedWhereOneIsBeingDeletedOrTheTimeIsUnknown() {
        assertThat(deleted(refused("1", 100, "2", 50, ChangeKind.DELETE), LATER))
                .isEqualTo("none");
        assertThat(deleted(refused("1", 0, "2", 50, ChangeKind.UPDATE), LATER)).isEqualTo("none");
    }
}
