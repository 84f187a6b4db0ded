package dev.replicator.it.contract;

import static dev.replicator.it.contract.ContractDatabase.batch;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.replicator.model.Positions;
import dev.replicator.spi.Target;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** A folder of JSON lines, and what only a folder has: files that are finished, and ends that a crash has torn. */
final class FileTargetIT extends TargetContract {
    private static final JsonFolders FOLDERS = new JsonFolders();

    private final ContractTable works = new ContractTable(0, "works", 1, "id int8", "title text");

    @AfterAll
    static void close() {
        FOLDERS.close();
    }

    @Override
    protected ContractServer server() {
        return FOLDERS;
    }

    @Test
    void aFileThatIsFullBecomesTheReaders() {
        ContractDatabase database = database("rotate_bytes: 1KiB", "compression: gzip");
        try (Target target = database.open(works)) {
            target.start();
            for (int i = 1; i <= 40; i++) {
                target.write(batch(i, works.upsert(String.valueOf(i), "Hamlet")));
            }
        }
        List<String> names = JsonFolders.names(database.place());
        assertThat(names)
                .contains("0000000001.jsonl.gz", "0000000002.jsonl.gz")
                .filteredOn(name -> name.endsWith(".open"))
                .hasSize(1);
        assertThat(rows(database, works)).hasSize(40);

        // A reader that has taken all finished files has not taken the progress.
        JsonFolders.removeFinished(database.place());
        try (Target target = database.open(works)) {
            assertThat(target.start().held()).isEqualTo(Positions.of(4000));
        }
    }

    @Test
    void aFileThatIsOldIsFinishedWhileNothingIsWritten() {
        ContractDatabase database = database("rotate_age: 200ms");
        try (Target target = database.open(works)) {
            target.start();
            target.write(batch(1, works.upsert("1", "Hamlet")));
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> JsonFolders.names(database.place()).contains("0000000001.jsonl"));
            target.write(batch(2, works.upsert("2", "Othello")));
            assertThat(target.held()).isEqualTo(Positions.of(200));
        }
        assertThat(rows(database, works)).containsOnlyKeys("1", "2");
    }

    @Test
    void theTornEndOfAFileIsCutOff() throws IOException {
        ContractDatabase database = database();
        try (Target target = database.open(works)) {
            target.start();
            target.write(batch(1, works.upsert("1", "Hamlet\n{\"op\":\"commit\",\"progress\":\"\"}")));
        }
        Path open = JsonFolders.open(database.place());
        Files.writeString(
                open,
                "{\"op\":\"upsert\",\"schema\":\"public\",\"table\":\"works\",\"key\":{\"id\":2},\"row\":{}}\n{\"op\":\"comm",
                StandardCharsets.UTF_8,
                StandardOpenOption.APPEND);
        try (Target target = database.open(works)) {
            assertThat(target.start().held()).isEqualTo(Positions.of(100));
            target.write(batch(2, works.upsert("3", "Iago")));
        }
        assertThat(rows(database, works)).containsOnlyKeys("1", "3");
    }

    @Test
    void whatIsForgottenIsFinishedFirstAndNeverWrittenOver() {
        ContractDatabase database = database();
        for (int i = 1; i <= 2; i++) {
            try (Target target = database.open(works)) {
                target.start();
                target.write(batch(1, works.upsert(String.valueOf(i), "Hamlet")));
            }
            try (Target target = database.open()) {
                assertThat(target.forget()).hasSize(1);
                assertThat(target.forget()).isEmpty();
                assertThat(target.held()).isNull();
            }
        }
        assertThat(JsonFolders.names(database.place())).contains("0000000001.jsonl", "0000000002.jsonl");
        assertThat(rows(database, works)).containsOnlyKeys("1", "2");
    }
}
