package dev.replicator.resolve;

import static org.assertj.core.api.Assertions.assertThat;

import dev.replicator.model.Change;
import dev.replicator.model.ChangeKind;
import dev.replicator.model.Conflict;
import dev.replicator.model.Mark;
import dev.replicator.model.Positions;
import dev.replicator.model.Transaction;
import dev.replicator.policy.Policies;
import dev.replicator.policy.Resolution;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Changes of which a column, an increment or the row is discarded, as drawn histories found them and shrunk. */
final class DiscardedPartsTest {
    private static final Resolution COLUMNS = new Resolution.Replay(true, Set.of());
    private static final Resolution DELTA = new Resolution.Replay(false, Set.of(SimTable.COUNTER));

    private final List<Conflict> conflicts = new ArrayList<>();
    private Resolver resolver = resolver(COLUMNS);

    private Resolver resolver(Resolution resolution) {
        return new Resolver(ResolverSettings.of(List.of("m1", "m2"), 2, table -> resolution, conflicts::add));
    }

    private void commit(int source, long lsn, Change... changes) {
        resolver.deliver(source, new Transaction(lsn, lsn + 8, lsn, 1, null, new SimChanges(List.of(changes), false)));
    }

    /** The log of a master says that it holds the logs up to there; what of the key, is in the two lists. */
    private void mark(int source, long lsn, long first, long second, long[] written, long[] missed) {
        resolver.deliver(
                source,
                new Mark(
                        lsn,
                        lsn + 8,
                        1,
                        lsn,
                        Positions.of(new long[] {first, second}),
                        Math.max(first, second),
                        written,
                        missed,
                        List.of(),
                        true,
                        1));
    }

    private static long[] key() {
        return new long[] {SimTable.key(1).hash()};
    }

    /** By column; what is not said is "-", and the counter 0. */
    private static Map<String, String> row(String... values) {
        Map<String, String> row = new HashMap<>(Map.of("a", "-", "t", "-", "u", "-", SimTable.COUNTER, "0"));
        for (int i = 0; i < values.length; i += 2) {
            row.put(values[i], values[i + 1]);
        }
        return row;
    }

    private static Change insert(Map<String, String> row) {
        return Change.insert(SimTable.key(1), SimTable.row(1, row));
    }

    private static Change update(Map<String, String> old, Map<String, String> row) {
        return Change.update(SimTable.key(1), SimTable.row(1, row), SimTable.row(1, old));
    }

    private static Change delete(Map<String, String> old) {
        return Change.delete(SimTable.key(1), SimTable.row(1, Map.of()), SimTable.row(1, old));
    }

    /** Discarded changes, as source, commit LSN and kind. */
    private List<String> discarded() {
        return conflicts.stream()
                .map(conflict -> conflict.loser().database() + ":"
                        + conflict.loser().commitLsn() + " "
                        + conflict.loser().kind())
                .toList();
    }

    @Test
    void aColumnIsLostAlthoughItsOwnDatabaseHasChangedAnotherOneSince() {
        commit(0, 100, update(row(), row("t", "lost")));
        commit(0, 110, update(row("t", "lost"), row("t", "lost", "u", "stands")));
        commit(1, 200, update(row(), row("t", "later")));

        assertThat(discarded()).containsExactly("m1:100 UPDATE");
    }

    @Test
    void aColumnThatWasOverwrittenInSightIsNotLost() {
        commit(0, 100, update(row(), row("t", "seen")));
        commit(0, 110, update(row("t", "seen"), row("t", "lost")));
        commit(1, 200, update(row(), row("t", "later")));

        assertThat(discarded()).containsExactly("m1:110 UPDATE");
    }

    @Test
    void columnsOfWhichBothStandAreNoConflict() {
        commit(0, 100, update(row(), row("t", "stands")));
        commit(1, 200, update(row(), row("u", "stands")));

        assertThat(discarded()).isEmpty();
    }

    /** The history has one entry for a transaction and key, with the row that the transaction left. */
    @Test
    void whatATransactionLosesInTwoStatementsIsRecordedOnce() {
        commit(
                0,
                100,
                update(row(), row("t", "lost")),
                update(row("t", "lost"), row("t", "lost", "u", "lost as well")));
        commit(1, 200, update(row(), row("t", "later")));
        commit(1, 210, update(row("t", "later"), row("t", "later", "u", "later")));

        assertThat(discarded()).containsExactly("m1:100 UPDATE");
        assertThat(SimTable.columns(conflicts.get(0).loser().row()))
                .containsEntry("t", "lost")
                .containsEntry("u", "lost as well");
    }

    @Test
    void anIncrementIsLostToAnInsertWithTheRowItWasMadeOn() {
        resolver = resolver(DELTA);
        commit(0, 100, insert(row("a", "first")));
        commit(0, 110, update(row("a", "first"), row("a", "first", SimTable.COUNTER, "1")));
        commit(1, 200, insert(row("a", "first", "t", "later")));

        // The update states all columns but the counter, so of the insert nothing is left to lose.
        assertThat(discarded()).containsExactly("m1:110 UPDATE");
    }

    @Test
    void anIncrementIsNotLostToAnotherChangeOfTheRow() {
        resolver = resolver(new Resolution.Replay(true, Set.of(SimTable.COUNTER)));
        commit(0, 100, update(row(), row(SimTable.COUNTER, "1")));
        commit(1, 200, update(row(), row("a", "later", SimTable.COUNTER, "5")));
        assertThat(discarded()).isEmpty();

        commit(1, 210, delete(row("a", "later", SimTable.COUNTER, "5")));
        assertThat(discarded()).containsExactly("m1:100 UPDATE");
    }

    /** The UPDATE that carried the change met no row: the insert holds the change, but has not had it before its eyes. */
    @Test
    void whatMetNoRowIsLostToTheInsertThatFollows() {
        commit(1, 200, update(row(), row("t", "never there")));
        commit(0, 100, delete(row()));
        assertThat(discarded()).containsExactly("m1:100 DELETE");
        mark(0, 110, 0, 208, new long[0], key());
        commit(0, 120, insert(row("a", "new")));

        assertThat(discarded()).containsExactly("m1:100 DELETE", "m2:200 UPDATE");
    }

    @Test
    void anIncrementThatMetNoRowIsLostToTheInsertThatFollows() {
        resolver = resolver(new Resolution.Replay(true, Set.of(SimTable.COUNTER)));
        commit(1, 200, update(row(), row(SimTable.COUNTER, "1")));
        commit(0, 100, delete(row()));
        mark(0, 110, 0, 208, new long[0], key());
        commit(0, 120, insert(row("a", "new")));

        assertThat(discarded()).containsExactly("m1:100 DELETE", "m2:200 UPDATE");
    }

    /** A guarded write that was skipped leaves a local row as it was, and the mark does not list the key. */
    @Test
    void whatAGuardSkippedIsLostToTheDeleteThatFollows() {
        commit(1, 200, update(row(), row("t", "never there")));
        commit(0, 100, delete(row()), insert(row("a", "local", "t", "local")));
        assertThat(discarded()).containsExactly("m1:100 INSERT");
        mark(0, 110, 0, 208, new long[0], new long[0]);
        commit(0, 120, delete(row("a", "local", "t", "local")));

        assertThat(discarded()).containsExactly("m1:100 INSERT", "m2:200 UPDATE");
    }

    @Test
    void whatWasThereAndIsOverwrittenIsNotLost() {
        commit(1, 200, update(row(), row("t", "there")));
        mark(0, 110, 0, 208, key(), new long[0]);
        commit(0, 120, update(row("t", "there"), row("t", "next")));
        commit(0, 130, delete(row("t", "next")));

        assertThat(discarded()).isEmpty();
    }

    /** Our batch wrote another column, so the local change of this one still stood there. */
    @Test
    void whatALocalChangeHadOverwrittenInSightIsNotLostToTheNextOne() {
        commit(1, 200, update(row(), row("t", "there")));
        mark(0, 210, 0, 208, key(), new long[0]);
        commit(0, 220, update(row("t", "there"), row("t", "local")));
        mark(0, 230, 0, 208, key(), new long[0]);
        commit(0, 240, update(row("t", "local"), row("t", "next")));

        assertThat(discarded()).doesNotContain("m2:200 UPDATE");
    }

    /** The key had left memory between the decision and the end of the transaction. */
    @Test
    void whatAPolicyDecidedIsRecordedOnceThoughItsKeyLeavesMemory() {
        Resolution source = new Resolution.Decided("source", Policies.source("m2"));
        MemoryLimits none = new MemoryLimits(1, 1, Long.MAX_VALUE, Path.of(System.getProperty("java.io.tmpdir")));
        resolver = new Resolver(ResolverSettings.of(List.of("m1", "m2"), 2, table -> source, conflicts::add)
                .withMemory(none));
        Change other = Change.insert(SimTable.key(2), SimTable.row(2, row()));
        commit(1, 100, insert(row("a", "m2")));
        commit(0, 110, insert(row("a", "lost")), other);
        commit(1, 120, update(row("a", "m2"), row("a", "m2 again")));

        assertThat(discarded()).containsExactly("m1:110 INSERT");
        assertThat(conflicts.get(0).winner().kind()).isEqualTo(ChangeKind.INSERT);
    }
}
