package dev.replicator.resolve;

import static org.assertj.core.api.Assertions.assertThat;

import dev.replicator.model.Batch;
import dev.replicator.model.Change;
import dev.replicator.model.ChangeKind;
import dev.replicator.model.Chunk;
import dev.replicator.model.Conflict;
import dev.replicator.model.Operation;
import dev.replicator.model.Positions;
import dev.replicator.model.SourceState;
import dev.replicator.model.Transaction;
import dev.replicator.policy.Resolution;
import dev.replicator.spi.TargetState;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Two masters and a target; a row moves to another key, and a large value that did not change is not in the log. {@code
 * inFile}: transactions stand in files.
 */
final class MovedRowTest {
    private static final int TARGET = 2;

    private final List<Conflict> conflicts = new ArrayList<>();
    private final Resolver resolver = new Resolver(new ResolverSettings(
            List.of("n0", "n1", "t"),
            2,
            table -> Resolution.LATEST,
            1000,
            conflicts::add,
            SimMemory.limits(0),
            EnumSet.allOf(Rule.class)));
    private long lsn = 10;

    MovedRowTest() {
        SourceState none = SourceState.none(2);
        for (int node = 0; node < 3; node++) {
            resolver.connected(
                    node, new TargetState(1, 0, 0, Positions.zero(2), List.of(none, none), none, 0, new byte[0]));
            resolver.nextBatch(node, 1);
        }
    }

    @AfterEach
    void close() {
        resolver.close();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void eachColumnComesFromTheNewestChangeOfItsTransactionThatCarriedIt(boolean inFile) {
        commit(
                0,
                inFile,
                insert(1, Map.of("a", "a1", "t", "t1", "u", "u1", "c", "0")),
                update(1, Map.of("t", "t2")),
                delete(1),
                moved(1, 2, Map.of("a", "a3")),
                delete(2),
                moved(2, 3, Map.of("a", "a4")));
        assertThat(sent()).contains("UPSERT 3 {a=a4, t=t2, u=u1, c=0}");
        assertThat(again()).isEmpty();
        assertThat(conflicts).isEmpty();
    }

    /** It may have been written over before the move, and another process may not know it any more. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatAnotherTransactionToldIsNotTaken(boolean inFile) {
        commit(0, inFile, insert(1, Map.of("a", "a1", "t", "t1", "u", "u1", "c", "0")));
        commit(0, inFile, delete(1), moved(1, 2, Map.of("a", "a2", "u", "u1")));
        assertThat(resolver.explain(SimTable.key(2)).orElseThrow().changes())
                .noneMatch(change -> Objects.requireNonNull(change.row()).isWhole());
        assertThat(again()).containsExactly("n0 2 {a=a2, u=u1}");
        assertThat(again()).as("asked for once").isEmpty();
        assertThat(conflicts).isEmpty();
        commit(0, inFile, update(2, Map.of("a", "a2", "t", "t1", "u", "u1", "c", "0")));
        assertThat(sent()).contains("UPSERT 2 {a=a2, t=t1, u=u1, c=0}");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aRowThatMovesToWhereAnotherMasterDeletedIsInTheHistory(boolean inFile) {
        commit(1, inFile, delete(2));
        commit(0, inFile, delete(1), moved(1, 2, Map.of("a", "a1")));
        assertThat(again()).containsExactly("n0 2 {a=a1}");
        assertThat(lostMoves()).containsExactly("2 {a=a1}");
    }

    private void commit(int source, boolean inFile, Change... changes) {
        SimChanges all = new SimChanges(List.of(changes), inFile);
        assertThat(resolver.deliver(source, new Transaction(lsn, lsn + 1, lsn * 1000, 1, null, all)))
                .isTrue();
        lsn += 10;
    }

    /** The rows that a master has to write again. */
    private List<String> again() {
        List<String> again = new ArrayList<>();
        resolver.takeLostMoves(
                (row, master) -> again.add("n" + master + " " + row.text(0) + " " + SimTable.columns(row)));
        return again;
    }

    /** What the target gets, merged. */
    private List<String> sent() {
        List<String> sent = new ArrayList<>();
        Batch batch = Objects.requireNonNull(resolver.nextBatch(TARGET, 1000));
        for (Chunk chunk : batch.chunks()) {
            for (Operation operation : chunk.merged()) {
                sent.add(operation.kind() + " " + SimTable.keyOf(operation.requireKey()) + " "
                        + SimTable.columns(operation.row()));
            }
        }
        return sent;
    }

    private List<String> lostMoves() {
        return conflicts.stream()
                .filter(conflict -> conflict.type().equals("update_missing"))
                .map(conflict -> SimTable.keyOf(conflict.loser().key()) + " "
                        + SimTable.columns(conflict.loser().row()))
                .toList();
    }

    private static Change insert(int key, Map<String, String> columns) {
        return Change.insert(SimTable.key(key), SimTable.row(key, columns));
    }

    private static Change update(int key, Map<String, String> columns) {
        return Change.update(SimTable.key(key), SimTable.row(key, columns), null);
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
