package dev.replicator.resolve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.replicator.error.ReplicatorException;
import dev.replicator.model.Change;
import dev.replicator.model.ChangeKind;
import dev.replicator.model.Operation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class OneSourceTest {
    private static final Map<String, String> WHOLE = Map.of("a", "1", "t", "1", "u", "1", "c", "0");
    private static final Map<String, String> GAPS = Map.of("a", "2");

    @Test
    void aWholeRowIsAnUpsertAndOneWithGapsAnUpdate() {
        assertThat(OneSource.operation(Change.update(SimTable.key(1), SimTable.row(1, WHOLE), null))
                        .kind())
                .isEqualTo(Operation.Kind.UPSERT);
        assertThat(OneSource.operation(Change.update(SimTable.key(1), SimTable.row(1, GAPS), null))
                        .kind())
                .isEqualTo(Operation.Kind.UPDATE);
    }

    @Test
    void anUpdateWithGapsIsMadeWholeByTheOldRowWhereThatIsAskedFor() {
        Change change = Change.update(SimTable.key(1), SimTable.row(1, GAPS), SimTable.row(1, WHOLE));
        Operation completed = OneSource.operations(List.of(change).iterator(), SimTable.TABLE.name()::equals)
                .next();
        assertThat(completed.kind()).isEqualTo(Operation.Kind.UPSERT);
        assertThat(SimTable.columns(completed.requireRow()))
                .containsEntry("a", "2")
                .containsEntry("t", "1");
        assertThat(OneSource.operations(List.of(change).iterator(), table -> false)
                        .next()
                        .kind())
                .isEqualTo(Operation.Kind.UPDATE);
        Change unknown = Change.update(SimTable.key(1), SimTable.row(1, GAPS), null);
        assertThat(OneSource.operations(List.of(unknown).iterator(), table -> true)
                        .next()
                        .kind())
                .isEqualTo(Operation.Kind.UPDATE);
    }

    @Test
    void aRowThatMovesWithGapsIsOneMoveAndAWholeOneIsNot() {
        assertThat(words(delete(1), moved(1, 2, GAPS), delete(2), moved(2, 3, GAPS)))
                .containsExactly("MOVE 1 to 2", "MOVE 2 to 3");
        assertThat(words(delete(1), moved(1, 2, WHOLE))).containsExactly("DELETE 1", "UPSERT 2");
        assertThat(words(delete(4), delete(1), moved(1, 2, GAPS), delete(3)))
                .containsExactly("DELETE 4", "MOVE 1 to 2", "DELETE 3");
        assertThat(words(delete(1), Change.insert(SimTable.key(1), SimTable.row(1, WHOLE))))
                .containsExactly("DELETE 1", "UPSERT 1");
    }

    @Test
    void aMoveThatDoesNotFollowItsDeleteIsNotTakenForAnUpdate() {
        assertThatThrownBy(() -> words(moved(1, 2, GAPS)))
                .isInstanceOf(ReplicatorException.class)
                .hasMessageContaining("without the DELETE of its old key");
    }

    private static List<String> words(Change... changes) {
        List<String> words = new ArrayList<>();
        OneSource.operations(List.of(changes).iterator(), table -> false)
                .forEachRemaining(one -> words.add(one.kind()
                        + (one.from() == null ? "" : " " + one.requireFrom().text(0) + " to")
                        + " " + one.requireRow().text(0)));
        return words;
    }

    private static Change delete(int key) {
        return Change.delete(SimTable.key(key), SimTable.row(key, Map.of()), null);
    }

    private static Change moved(int from, int to, Map<String, String> columns) {
        return new Change(
                ChangeKind.INSERT,
                SimTable.TABLE,
                SimTable.key(to),
                SimTable.row(to, columns),
                null,
                SimTable.key(from));
    }
}
