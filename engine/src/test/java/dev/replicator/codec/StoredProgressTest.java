package dev.replicator.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.replicator.error.ReplicatorException;
import dev.replicator.model.Batch;
import dev.replicator.model.JoinedTable;
import dev.replicator.model.MarkNumber;
import dev.replicator.model.Positions;
import dev.replicator.model.Provenance;
import dev.replicator.model.Resume;
import dev.replicator.model.SourceState;
import dev.replicator.model.TableName;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class StoredProgressTest {
    private static final List<String> SOURCES = List.of("shake-1", "shake2");

    private static final SourceState STATE = new SourceState(
            0x16_B374_D848L, 77, Positions.of(3, 4), new MarkNumber(5, 6), Positions.of(7, 0x1_0000_0000L));
    private static final SourceState NONE = SourceState.none(2);

    private static Batch batch(long number, Positions held, List<SourceState> states) {
        return new Batch(number, List.of(), held, 0, List.of(), states, 0);
    }

    @Test
    void whatIsWrittenIsRead() {
        StoredProgress progress =
                StoredProgress.none(2).after(batch(9, Positions.of(100, 200), List.of(STATE, NONE)), 3);

        StoredProgress read = StoredProgress.parse(progress.text(SOURCES), SOURCES);

        assertThat(read).isEqualTo(progress);
        assertThat(read.state(4).lastFence()).isEqualTo(3);
        assertThat(read.state(4).lastBatch()).isEqualTo(9);
        assertThat(read.state(4).fence()).isEqualTo(4);
        assertThat(StoredProgress.parse(null, SOURCES)).isEqualTo(StoredProgress.none(2));
    }

    @Test
    void whatALogIsReadOnFromIsAnyText() {
        Resume resume = new Resume("{\"file\": \"a b\"}", "CREATE TABLE \u00fc (\n id int) 'x'");
        SourceState state = new SourceState(7, 0, Positions.zero(2), MarkNumber.NONE, Positions.zero(2), resume);
        StoredProgress progress = StoredProgress.none(2).after(batch(1, Positions.of(9, 0), List.of(state, NONE)), 1);

        String text = progress.text(SOURCES);

        assertThat(text).matches("\\p{ASCII}*");
        assertThat(StoredProgress.parse(text, SOURCES)).isEqualTo(progress);
        assertThat(StoredProgress.parse(text, SOURCES).states().get(0).resume()).isEqualTo(resume);
    }

    @Test
    void howTablesJoinedIsKeptAndWhatTheyHoldOnlyAsLongAsTheWholeHoldsLess() {
        TableName name = new TableName("Le \u00fc", "wo rk");
        JoinedTable copied = new JoinedTable(name, JoinedTable.State.COPIED, "shake2", Positions.of(5, 900));
        JoinedTable kept = new JoinedTable(new TableName("public", "play"), JoinedTable.State.KEPT, null, null);
        StoredProgress progress = StoredProgress.none(2)
                .after(
                        new Batch(
                                1,
                                List.of(),
                                Positions.zero(2),
                                0,
                                List.of(),
                                List.of(),
                                0,
                                Provenance.UNKNOWN,
                                List.of(kept, copied)),
                        1);

        StoredProgress read = StoredProgress.parse(progress.text(SOURCES), SOURCES);

        assertThat(progress.text(SOURCES)).matches("[\\p{ASCII}\n]*");
        assertThat(read).isEqualTo(progress);
        assertThat(read.state(2).copied()).isEqualTo(Map.of(name, Positions.of(5, 900)));
        StoredProgress below = read.after(batch(2, Positions.of(10, 899), List.of()), 1);
        assertThat(below.joined()).containsExactlyInAnyOrder(kept, copied);
        StoredProgress above = below.after(batch(3, Positions.of(10, 900), List.of()), 1);
        assertThat(above.joined())
                .containsExactlyInAnyOrder(kept, new JoinedTable(name, JoinedTable.State.COPIED, "shake2", null));
        assertThat(StoredProgress.parse(above.text(SOURCES), SOURCES).state(2).copied())
                .isEmpty();
    }

    @Test
    void sourcesAreFoundByTheirNames() {
        StoredProgress progress =
                StoredProgress.none(2).after(batch(1, Positions.of(100, 200), List.of(STATE, NONE)), 1);

        StoredProgress read = StoredProgress.parse(progress.text(SOURCES), List.of("new", "shake2", "shake-1"));

        assertThat(read.held()).isEqualTo(Positions.of(0, 200, 100));
        assertThat(read.states().get(2).held()).isEqualTo(Positions.of(0, 4, 3));
        assertThat(read.states().get(2).lastMark()).isEqualTo(new MarkNumber(5, 6));
        assertThat(read.states().get(0)).isEqualTo(SourceState.none(3));
    }

    @Test
    void theLaterStateStaysAndWhatEitherCallsDoneStaysDone() {
        SourceState earlier = new SourceState(1, 5, Positions.of(1, 1), new MarkNumber(1, 1), Positions.of(50, 1));
        StoredProgress progress = StoredProgress.none(2)
                .after(batch(1, Positions.of(100, 0), List.of(STATE, NONE)), 1)
                .after(batch(2, Positions.of(90, 5), List.of(earlier, NONE)), 1);

        assertThat(progress.held()).isEqualTo(Positions.of(100, 5));
        assertThat(progress.states().get(0).position()).isEqualTo(STATE.position());
        assertThat(progress.states().get(0).done()).isEqualTo(Positions.of(50, 0x1_0000_0000L));
    }

    @Test
    void anotherFormatAndADamagedOneAreRefused() {
        String text = StoredProgress.none(2).text(SOURCES);

        assertThatThrownBy(() -> StoredProgress.parse(text.replace("progress 1", "progress 2"), SOURCES))
                .isInstanceOf(ReplicatorException.class)
                .hasMessage("cannot read the progress that is stored there");
        assertThatThrownBy(() -> StoredProgress.parse(text.replace("0/0", "x"), SOURCES))
                .isInstanceOf(ReplicatorException.class);
    }
}
