package dev.replicator.apply;

import static org.assertj.core.api.Assertions.assertThat;

import dev.replicator.codec.KeyCodec;
import dev.replicator.model.Chunk;
import dev.replicator.model.Column;
import dev.replicator.model.Key;
import dev.replicator.model.Operation;
import dev.replicator.model.Relation;
import dev.replicator.model.Row;
import dev.replicator.model.Table;
import dev.replicator.model.TableName;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ChunksTest {
    private static final Table TABLE = new Table(0, new TableName("public", "t"), List.of("id"), List.of("int4"));
    private static final Relation RELATION =
            new Relation(TABLE, List.of(new Column("id", 23, "int4", -1), new Column("big", 25, "text", -1)));

    @Test
    void operationsOnOneKeyBecomeOne() {
        assertThat(chunks(10, upsert(1), update(1), delete(2), upsert(2), upsert(3)))
                .containsExactly("UPSERT 1, UPSERT 2, UPSERT 3");
        assertThat(chunks(2, upsert(1), update(1), delete(2), upsert(2), upsert(3)))
                .containsExactly("UPSERT 1", "UPSERT 2", "UPSERT 3");
    }

    @Test
    void nothingIsMergedAcrossARowThatMoves() {
        Operation[] operations = {
            update(1), delete(2), move(1, 2), move(2, 3), upsert(1), update(3), update(3), move(3, 4)
        };
        for (int limit : new int[] {3, 100}) {
            assertThat(chunks(limit, operations))
                    .as("with %d operations to a chunk", limit)
                    .containsExactly(
                            "UPDATE 1, DELETE 2", "MOVE 1 to 2", "MOVE 2 to 3", "UPSERT 1, UPDATE 3", "MOVE 3 to 4");
        }
    }

    @Test
    void theSameChunksComeForEveryAttempt() {
        Iterable<Chunk> chunks = Chunks.of(List.of(upsert(1), move(1, 2), upsert(1)), 3, 1);
        assertThat(words(chunks)).isEqualTo(words(chunks)).hasSize(3);
    }

    private static List<String> chunks(int limit, Operation... operations) {
        return words(Chunks.of(List.of(operations), operations.length, limit));
    }

    private static List<String> words(Iterable<Chunk> chunks) {
        List<String> words = new ArrayList<>();
        for (Chunk chunk : chunks) {
            words.add(String.join(
                    ", ",
                    chunk.merged().stream()
                            .map(one -> one.kind()
                                    + (one.from() == null ? "" : " " + id(one.requireFrom()) + " to")
                                    + " " + id(one.requireRow()))
                            .toList()));
        }
        return words;
    }

    private static String id(Row row) {
        return row.text(0);
    }

    private static Row row(int id) {
        return new Row.Builder(RELATION).text(Integer.toString(id)).absent().build();
    }

    private static Key key(int id) {
        return new KeyCodec(TABLE).keyOf(row(id));
    }

    private static Operation upsert(int id) {
        Row whole = new Row.Builder(RELATION).text(Integer.toString(id)).nil().build();
        return Operation.upsert(key(id), whole, Operation.UNGUARDED);
    }

    private static Operation update(int id) {
        return Operation.update(key(id), row(id), Operation.UNGUARDED);
    }

    private static Operation delete(int id) {
        return Operation.delete(key(id), row(id), Operation.UNGUARDED);
    }

    private static Operation move(int from, int to) {
        return Operation.move(key(to), row(to), row(from));
    }
}
