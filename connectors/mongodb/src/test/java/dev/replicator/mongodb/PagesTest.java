package dev.replicator.mongodb;

import static org.assertj.core.api.Assertions.assertThat;

import dev.replicator.model.Batch;
import dev.replicator.model.Chunk;
import dev.replicator.model.Operation;
import dev.replicator.model.Positions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class PagesTest {
    private final Rows rows = new Rows(1, "id int4", "a text");

    private List<String> pages(boolean inOrder, Chunk... chunks) {
        Batch batch = new Batch(1, List.of(chunks), Positions.zero(1), 0, List.of(), List.of(), 0);
        List<String> pages = new ArrayList<>();
        Documents documents = Rows.documents(Rows.options(MongoOptions.Times.DATE, "stop", false));
        Pages.of(batch, inOrder, documents, (page, bytes) -> {
            StringBuilder text = new StringBuilder();
            page.forEach(change -> text.append(change.kind().name().charAt(0))
                    .append(
                            change.kind() == DocumentChange.Kind.TRUNCATE
                                    ? ""
                                    : change.id().asInt32().getValue())
                    .append(' '));
            pages.add(text.toString().strip());
        });
        return pages;
    }

    @Test
    void deletesComeFirstInWhatIsMergedAndAfterTruncates() {
        assertThat(pages(
                        false,
                        new Chunk(
                                List.of(rows.table()),
                                List.of(rows.upsert("1", "a"), rows.delete("2"), rows.update("3", "b")),
                                List.of())))
                .containsExactly("T", "D2 R1 P3");
    }

    @Test
    void inOrderAPageEndsWhereADocumentComesAgain() {
        Operation truncate = Operation.truncate(rows.table());
        assertThat(pages(
                        true,
                        new Chunk(
                                List.of(rows.table()),
                                List.of(),
                                List.of(
                                        rows.upsert("1", "a"),
                                        rows.delete("2"),
                                        rows.update("1", "b"),
                                        truncate,
                                        rows.upsert("1", "c"))),
                        new Chunk(List.of(), List.of(), List.of(rows.move(rows.row("1"), "2", "d"))),
                        new Chunk(List.of(), List.of(), List.of(rows.upsert("1", "e")))))
                .containsExactly("R1 D2", "P1", "T", "R1", "M2", "R1");
    }

    @Test
    void pagesHaveALimit() {
        List<Operation> many = new ArrayList<>();
        for (int id = 0; id < 2_500; id++) {
            many.add(rows.upsert(String.valueOf(id), "a"));
        }
        assertThat(pages(false, new Chunk(List.of(), many, List.of())))
                .extracting(page -> page.split(" ", -1).length)
                .containsExactly(1_000, 1_000, 500);
        String large = "x".repeat(5 << 20);
        assertThat(pages(
                        false,
                        new Chunk(
                                List.of(),
                                List.of(rows.upsert("1", large), rows.upsert("2", large), rows.upsert("3", "a")),
                                List.of())))
                .containsExactly("R1 R2", "R3");
    }
}
