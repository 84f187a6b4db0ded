package dev.replicator.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.Change;
import dev.replicator.model.Column;
import dev.replicator.model.Key;
import dev.replicator.model.Operation;
import dev.replicator.model.Relation;
import dev.replicator.model.Row;
import dev.replicator.model.Table;
import dev.replicator.model.TableName;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpooledChangesTest {
    private static final Table TABLE = new Table(4, new TableName("public", "t"), List.of("id"), List.of("int4"));
    private static final Relation RELATION =
            new Relation(TABLE, List.of(new Column("id", 23, "int4", -1), new Column("note", 25, "text", -1)));
    private static final KeyCodec KEYS = new KeyCodec(TABLE);

    @TempDir
    Path directory;

    @Test
    void whatDoesNotFitIntoMemoryComesBackFromTheFileInOrder() {
        List<Change> all = changes(1_000);
        try (SpooledChanges spooled = new SpooledChanges(directory, 10_000)) {
            all.forEach(spooled::add);
            assertThat(spooled.isSpilled()).isTrue();
            assertThat(spooled.memoryBytes()).isZero();
            assertThat(spooled.size()).isEqualTo(1_000);
            assertSame(spooled, all);
            assertSame(spooled, all);
        }
    }

    @Test
    void fewChangesStayInMemoryAsTheyAre() {
        try (SpooledChanges spooled = new SpooledChanges(directory, 1 << 20)) {
            List<Change> all = changes(10);
            all.forEach(spooled::add);
            assertThat(spooled.isSpilled()).isFalse();
            assertThat(spooled.memoryBytes()).isBetween(10 * 50L, 10 * 500L);
            assertThat(spooled).containsExactlyElementsOf(all);
        }
    }

    @Test
    void oneChangeOfManyIsFoundByItsNumber() {
        try (SpooledChanges spooled = new SpooledChanges(directory, 10_000)) {
            List<Change> all = changes(1_000);
            all.forEach(spooled::add);
            for (int number : new int[] {0, 1, 255, 256, 257, 700, 999}) {
                assertThat(spooled.get(number).key()).isEqualTo(all.get(number).key());
            }
        }
    }

    @Test
    void twoReadersDoNotDisturbEachOther() {
        try (SpooledChanges spooled = new SpooledChanges(directory, 0)) {
            List<Change> all = changes(5_000);
            all.forEach(spooled::add);
            Iterator<Change> first = spooled.iterator();
            first.next();
            Iterator<Change> second = spooled.iterator();
            assertThat(first.next().key()).isEqualTo(all.get(1).key());
            assertThat(second.next().key()).isEqualTo(all.get(0).key());
        }
    }

    @Test
    void nothingIsLeftBehind() throws IOException {
        try (SpooledChanges spooled = new SpooledChanges(directory, 0)) {
            changes(10).forEach(spooled::add);
        }
        try (Stream<Path> files = Files.list(directory)) {
            assertThat(files).isEmpty();
        }
    }

    @Test
    void aFolderThatCannotBeWrittenIsNamed() throws IOException {
        Path file = Files.createFile(directory.resolve("file"));
        SpooledChanges spooled = new SpooledChanges(file, 0);
        assertThatThrownBy(() -> spooled.add(changes(1).get(0)))
                .isInstanceOfSatisfying(ReplicatorException.class, e -> {
                    assertThat(e.code()).isEqualTo(ErrorCode.DISK);
                    assertThat(e.formatted()).contains(file.toString());
                });
    }

    @Test
    void everyPartOfAChangeAndAnOperationSurvives() throws IOException {
        Row row = new Row.Builder(RELATION).text("1").absent().build();
        Row old = new Row.Builder(RELATION).text("2").nil().build();
        Key key = KEYS.keyOf(row);
        Key moved = KEYS.keyOf(old);
        RowCodec codec = new RowCodec();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        codec.writeChange(out, new Change(dev.replicator.model.ChangeKind.INSERT, TABLE, key, row, old, moved));
        codec.writeChange(out, Change.truncate(TABLE));
        codec.writeOperation(out, Operation.upsert(key, row, 77));
        codec.writeOperation(out, Operation.truncate(TABLE));
        codec.writeOperation(out, Operation.move(key, row, old));
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes.toByteArray()));

        Change change = codec.readChange(in);
        assertThat(change.key()).isEqualTo(key);
        assertThat(change.movedFrom()).isEqualTo(moved);
        assertThat(change.requireRow().sameValues(row)).isTrue();
        assertThat(change.requireRow().relation()).isSameAs(RELATION);
        assertThat(change.old()).isNotNull();
        assertThat(codec.readChange(in)).isEqualTo(Change.truncate(TABLE));
        Operation operation = codec.readOperation(in);
        assertThat(operation.guard()).isEqualTo(77);
        assertThat(operation.requireRow().sameValues(row)).isTrue();
        assertThat(codec.readOperation(in)).isEqualTo(Operation.truncate(TABLE));
        Operation move = codec.readOperation(in);
        assertThat(move.requireRow().sameValues(row)).isTrue();
        assertThat(move.requireFrom().sameValues(old)).isTrue();
        assertThat(in.read()).isEqualTo(-1);
    }

    private static List<Change> changes(int count) {
        List<Change> changes = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Row row = new Row.Builder(RELATION)
                    .text(Integer.toString(i))
                    .text("note " + i)
                    .build();
            changes.add(Change.insert(KEYS.keyOf(row), row));
        }
        return changes;
    }

    private static void assertSame(Iterable<Change> read, List<Change> expected) {
        int i = 0;
        for (Change change : read) {
            Change wanted = expected.get(i++);
            assertThat(change.kind()).isEqualTo(wanted.kind());
            assertThat(change.key()).isEqualTo(wanted.key());
            assertThat(change.requireRow().sameValues(wanted.requireRow())).isTrue();
        }
        assertThat(i).isEqualTo(expected.size());
    }
}
