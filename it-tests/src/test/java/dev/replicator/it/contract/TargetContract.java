package dev.replicator.it.contract;

import static dev.replicator.it.contract.ContractDatabase.batch;
import static dev.replicator.it.contract.ContractDatabase.chunk;
import static dev.replicator.it.contract.ContractTable.ABSENT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.error.ReplicatorException.Kind;
import dev.replicator.it.contract.ContractServer.Place;
import dev.replicator.model.Batch;
import dev.replicator.model.Chunk;
import dev.replicator.model.JoinedTable;
import dev.replicator.model.Operation;
import dev.replicator.model.Positions;
import dev.replicator.model.Provenance;
import dev.replicator.model.TableName;
import dev.replicator.spi.FillableTarget;
import dev.replicator.spi.PauseMark;
import dev.replicator.spi.PauseTarget;
import dev.replicator.spi.Target;
import dev.replicator.spi.TargetState;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What makes a target a target. One subclass for each, on a real server. The tests act as the engine does: they open
 * sessions, take the fence, write batches; and look at the database by its own means.
 */
abstract class TargetContract {
    @TempDir
    private Path folder;

    private final ContractTable people = new ContractTable(0, "people", 1, "id int8", "name text", "hits int4");

    /** Shared by the tests of the class. */
    protected abstract ContractServer server();

    /** For the files of a test. */
    protected final Path folder() {
        return folder;
    }

    /** {@code options}: as they stand in the file; none: what the server's kind needs. */
    protected final ContractDatabase database(String... options) {
        String[] usual = server().options().toArray(String[]::new);
        return new ContractDatabase(folder, server().fresh(), options.length == 0 ? usual : options);
    }

    /** A session as the engine opens it, on tables that are there or can be made. */
    protected final Target open(ContractDatabase database, ContractTable... tables) {
        for (ContractTable table : tables) {
            server().prepare(database.place(), table.schema());
        }
        return database.open(tables);
    }

    /** Rows by their first column, the others as a list. */
    protected final Map<String, List<@Nullable String>> rows(ContractDatabase database, ContractTable table) {
        return rows(database.place(), table);
    }

    private Map<String, List<@Nullable String>> rows(Place place, ContractTable table) {
        Map<String, List<@Nullable String>> rows = new TreeMap<>();
        for (Map<String, @Nullable String> row : server().rows(place, table.name(), table.columns())) {
            List<@Nullable String> values = new ArrayList<>();
            table.columns().forEach(column -> values.add(row.get(column)));
            assertThat(rows.put(String.valueOf(values.get(0)), values.subList(1, values.size())))
                    .as("another row with the key %s", values.get(0))
                    .isNull();
        }
        return rows;
    }

    /** As it reads back. */
    private @Nullable String text(@Nullable String written) {
        return written != null && written.isEmpty() && server().emptyIsNull() ? null : written;
    }

    private static void assertFails(Runnable action, Kind kind) {
        assertThatThrownBy(action::run)
                .isInstanceOfSatisfying(
                        ReplicatorException.class,
                        failure -> assertThat(failure.kind())
                                .as(failure.formatted())
                                .isEqualTo(kind));
    }

    @Test
    void aBatchChangesRowsAndProgressAndTheSameBatchAgainChangesNothing() {
        ContractDatabase database = database();
        Batch second = batch(
                2,
                people.upsert("2", "Portia", null),
                server().takesWholeRowsOnly() ? people.upsert("1", "Hamlet", "5") : people.update("1", ABSENT, "5"),
                people.delete("3"),
                people.upsert("4", "", "0"));
        try (Target target = open(database, people)) {
            assertThat(target.held()).isNull();
            TargetState state = target.start();
            assertThat(state.held()).isEqualTo(Positions.zero(1));
            target.write(batch(1, people.upsert("1", "Hamlet", "1"), people.upsert("3", "Iago", "3")));
            target.write(second);
        }
        Map<String, List<@Nullable String>> written = rows(database, people);
        assertThat(written)
                .isEqualTo(Map.of(
                        "1",
                        List.of("Hamlet", "5"),
                        "2",
                        Arrays.asList("Portia", null),
                        "4",
                        Arrays.asList(text(""), "0")));
        try (Target target = open(database, people)) {
            TargetState state = target.start();
            assertThat(state.held()).isEqualTo(Positions.of(200));
            assertThat(target.held()).isEqualTo(Positions.of(200));
            assertThat(state.lastBatch()).isEqualTo(2);
            assertThat(state.lastFence()).isEqualTo(state.fence() - 1);
            target.write(second);
            assertThat(rows(database, people)).isEqualTo(written);
        }
    }

    @Test
    void howATableJoinedIsKeptWithTheProgress() {
        ContractDatabase database = database();
        TableName name = people.schema().table().name();
        Positions none = Positions.zero(1);
        try (Target target = open(database, people)) {
            assertThat(target).isInstanceOf(FillableTarget.class);
            FillableTarget filled = (FillableTarget) target;
            assertThat(filled.joined()).isEmpty();
            target.start();
            assertThat(filled.isEmpty(people.schema().table())).isTrue();
            JoinedTable copying = new JoinedTable(name, JoinedTable.State.COPYING, "shake1", null);
            target.write(
                    joining(1, none, copying, Operation.truncate(people.schema().table())));
            target.write(joining(2, none, copying, people.upsert("1", "Hamlet", "1")));
            assertThat(filled.joined()).containsExactly(copying);
            target.write(
                    joining(3, none, new JoinedTable(name, JoinedTable.State.COPIED, "shake1", Positions.of(350))));
        }
        try (Target target = open(database, people)) {
            TargetState state = target.start();
            assertThat(state.held()).isEqualTo(none);
            assertThat(state.copied()).isEqualTo(Map.of(name, Positions.of(350)));
            assertThat(rows(database, people)).isEqualTo(Map.of("1", List.of("Hamlet", "1")));
            target.write(batch(4, people.upsert("2", "Portia", "2")));
            assertThat(((FillableTarget) target).joined())
                    .containsExactly(new JoinedTable(name, JoinedTable.State.COPIED, "shake1", null));
        }
        try (Target target = open(database, people)) {
            assertThat(target.start().copied()).isEmpty();
        }
    }

    private static Batch joining(long number, Positions held, JoinedTable table, Operation... operations) {
        return new Batch(
                number,
                List.of(chunk(operations)),
                held,
                0,
                List.of(),
                List.of(),
                0,
                Provenance.UNKNOWN,
                List.of(table));
    }

    @Test
    void aBatchThatEndsInTheMiddleLeavesNothing() {
        ContractDatabase database = database();
        try (Target target = open(database, people)) {
            target.start();
            target.write(batch(1, people.upsert("1", "Hamlet", "1")));
            Iterator<Chunk> broken = new Iterator<>() {
                private boolean first = true;

                @Override
                public boolean hasNext() {
                    return true;
                }

                @Override
                public Chunk next() {
                    if (first) {
                        first = false;
                        return chunk(people.upsert("2", "Portia", "2"), people.delete("1"));
                    }
                    throw new IllegalStateException("the spill file cannot be read");
                }
            };
            assertThatThrownBy(() -> target.write(batch(2, () -> broken))).isInstanceOf(RuntimeException.class);
        }
        try (Target target = open(database, people)) {
            assertThat(target.start().held()).isEqualTo(Positions.of(100));
            if (server().batchesAreAtomic()) {
                assertThat(rows(database, people)).containsOnlyKeys("1");
            }
            target.write(batch(2, people.upsert("2", "Portia", "2"), people.delete("1")));
            assertThat(rows(database, people)).containsOnlyKeys("2");
        }
    }

    @Test
    void anOldSessionCannotWriteAfterATakeover() {
        ContractDatabase database = database();
        try (Target old = open(database, people);
                Target other = open(database, people)) {
            long fence = old.start().fence();
            old.write(batch(1, people.upsert("1", "Hamlet", "1")));
            assertThat(other.start().fence()).isGreaterThan(fence);

            // The very connection may have been ended as well; then it is away, which harms nobody.
            assertThatThrownBy(() -> old.write(batch(2, people.upsert("2", "Portia", "2"))))
                    .isInstanceOfSatisfying(
                            ReplicatorException.class,
                            failure -> assertThat(failure.kind()).isIn(Kind.FENCED, Kind.RETRYABLE));
            other.write(batch(1, people.upsert("3", "Iago", "3")));
            try (Target again = open(database, people)) {
                assertFails(() -> again.start(fence), Kind.FENCED);
            }
            other.write(batch(2, people.upsert("4", "Othello", "4")));
        }
        assertThat(rows(database, people)).containsOnlyKeys("1", "3", "4");
    }

    @Test
    void whatIsNotThereIsNeitherDeletedNorUpdated() {
        ContractDatabase database = database();
        try (Target target = open(database, people)) {
            target.start();
            target.write(batch(1, people.delete("7")));
            if (!server().takesWholeRowsOnly()) {
                target.write(batch(1, people.update("8", "Nobody", ABSENT)));
            }
            target.write(batch(2, people.upsert("1", "Hamlet", "1")));
            target.write(batch(3, people.delete("1"), people.delete("9")));
        }
        assertThat(rows(database, people)).isEmpty();
    }

    @Test
    void truncateEmptiesATableAndWhatFollowsStands() {
        ContractDatabase database = database();
        ContractTable other = new ContractTable(1, "others", 1, "id int8", "name text");
        try (Target target = open(database, people, other)) {
            target.start();
            target.write(
                    batch(1, people.upsert("1", "a", "1"), people.upsert("2", "b", "2"), other.upsert("1", "stays")));
            target.write(batch(2, Operation.truncate(people.table()), people.upsert("3", "c", "3")));
        }
        assertThat(rows(database, people)).containsOnlyKeys("3");
        assertThat(rows(database, other)).containsOnlyKeys("1");
    }

    /** What a target refuses that takes whole rows only. */
    @Test
    void countersAddUpAndPartialRowsKeepTheRest() {
        ContractDatabase database = database();
        if (server().takesWholeRowsOnly()) {
            assertRefusesParts(database, people.update("1", ABSENT, "(add)7"));
            assertRefusesParts(database, people.update("1", "Ophelia", ABSENT));
            return;
        }
        try (Target target = open(database, people)) {
            target.start();
            target.write(batch(1, people.upsert("1", "Hamlet", "5")));
            target.write(batch(2, people.update("1", ABSENT, "(add)7")));
            target.write(batch(3, people.update("1", "Ophelia", ABSENT)));
            target.write(batch(4, people.update("1", null, "(add)-2")));
        }
        assertThat(rows(database, people)).isEqualTo(Map.of("1", Arrays.asList(null, "10")));
    }

    /** Named, with the statement that makes rows whole, and leaving what was there. */
    private void assertRefusesParts(ContractDatabase database, Operation operation) {
        try (Target target = open(database, people)) {
            target.start();
            target.write(batch(1, people.upsert("1", "Hamlet", "5")));
            assertThatThrownBy(() -> target.write(
                            batch(2, List.of(new Chunk(List.of(), List.of(operation), List.of(operation))))))
                    .isInstanceOfSatisfying(ReplicatorException.class, failure -> {
                        assertThat(failure.kind()).as(failure.formatted()).isIn(Kind.POISON, Kind.FATAL);
                        assertThat(failure.detail()).contains("(id)=(");
                        assertThat(failure.hint())
                                .containsAnyOf("\"public\".\"people\" REPLICA IDENTITY FULL;", "delta");
                    });
        }
        try (Target target = open(database, people)) {
            assertThat(target.start().held()).isEqualTo(Positions.of(100));
        }
        assertThat(rows(database, people)).isEqualTo(Map.of("1", List.of("Hamlet", "5")));
    }

    @Test
    void aRowGetsAnotherKey() {
        ContractDatabase database = database();
        if (server().takesWholeRowsOnly()) {
            assertRefusesParts(database, people.move(people.row("1"), "2", ABSENT, "3"));
            try (Target target = open(database, people)) {
                target.start();
                target.write(batch(2, people.delete("1"), people.upsert("10", "one", "1")));
            }
            assertThat(rows(database, people)).isEqualTo(Map.of("10", List.of("one", "1")));
            return;
        }
        try (Target target = open(database, people)) {
            target.start();
            target.write(batch(1, people.upsert("1", "one", "1"), people.upsert("2", "two", "2")));
            target.write(batch(2, people.delete("1"), people.upsert("10", "one", "1")));
            // Without its large value, as from a source without REPLICA IDENTITY FULL, onto a row that is there.
            target.write(batch(
                    3,
                    List.of(new Chunk(
                            List.of(),
                            List.of(people.move(people.row("10"), "2", ABSENT, "3")),
                            List.of(people.move(people.row("10"), "2", ABSENT, "3"))))));
            target.write(batch(
                    4,
                    List.of(new Chunk(
                            List.of(),
                            List.of(people.move(people.row("77"), "2", ABSENT, "4")),
                            List.of(people.move(people.row("77"), "2", ABSENT, "4"))))));
        }
        assertThat(rows(database, people)).isEqualTo(Map.of("2", List.of("one", "3")));
    }

    @Test
    void compositeAndOddKeysAndNames() {
        ContractDatabase database = database();
        ContractTable odd = new ContractTable(
                0, "Odd \"Table\" `x`", 3, "the Key text", "k'2 int4", "select numeric(20;4)", "Ünï \"c\" text");
        List<String> keys = List.of(
                server().emptyIsNull() ? "b" : "",
                "a",
                "A",
                "a:b",
                "tab\t",
                "new\nline",
                "back\\slash",
                "quote'\"`",
                "𝄞🎭",
                "%_",
                "{x}");
        Map<String, List<@Nullable String>> expected = new TreeMap<>();
        try (Target target = open(database, odd)) {
            target.start();
            List<Operation> upserts = new ArrayList<>();
            for (String key : keys) {
                upserts.add(odd.upsert(key, "1", "1.5000", "one"));
                upserts.add(odd.upsert(key + "x", "-2", "0.0000", "two"));
                expected.put(key, Arrays.asList("1", "1.5000", "changed"));
            }
            target.write(batch(1, upserts.toArray(Operation[]::new)));
            target.write(batch(
                    2,
                    keys.stream()
                            .map(key -> odd.update(key, "1", "1.5000", "changed"))
                            .toArray(Operation[]::new)));
            target.write(batch(
                    3,
                    keys.stream()
                            .map(key -> odd.delete(key + "x", "-2", "0.0000"))
                            .toArray(Operation[]::new)));
        }
        assertThat(rows(database, odd)).isEqualTo(expected);
    }

    @Test
    void everyTypeArrivesAsItsMapSays() {
        ContractDatabase database = database();
        List<ContractTable> tables = new ArrayList<>();
        TypeMap.SAMPLES.forEach((type, values) -> tables.add(new ContractTable(
                tables.size(), "t_" + type.replaceAll("[^a-z0-9]+", "_"), 1, "id int4", "v " + type)));
        Map<String, String> wrong = new LinkedHashMap<>();
        Target target = open(database, tables.toArray(ContractTable[]::new));
        try {
            target.start();
            long number = 0;
            for (ContractTable table : tables) {
                String type = table.schema().columns().get(1).declared();
                List<String> values = TypeMap.SAMPLES.get(type);
                for (int i = 0; i < values.size(); i++) {
                    try {
                        target.write(batch(++number, table.upsert(String.valueOf(i), values.get(i))));
                    } catch (ReplicatorException e) {
                        assertThat(e.kind()).as(e.formatted()).isEqualTo(Kind.POISON);
                        target.close();
                        target = open(database, tables.toArray(ContractTable[]::new));
                        target.start();
                    }
                }
                compareTypes(database, table, type, values, wrong);
            }
        } finally {
            target.close();
        }
        assertThat(wrong).isEmpty();
    }

    private void compareTypes(
            ContractDatabase database,
            ContractTable table,
            String type,
            List<String> values,
            Map<String, String> wrong) {
        Map<String, List<@Nullable String>> rows = rows(database, table);
        for (int i = 0; i < values.size(); i++) {
            List<@Nullable String> row = rows.get(String.valueOf(i));
            String got = row == null ? ContractServer.REFUSED : String.valueOf(row.get(0));
            String expected = server().expected(type, values.get(i));
            if (!got.equals(expected)) {
                wrong.put(type + " " + values.get(i), got + " instead of " + expected);
            }
        }
    }

    @Test
    void nullsAndOddTextsAndWideRows() {
        ContractDatabase database = database();
        String[] columns = new String[150];
        columns[0] = "id int4";
        String[] nulls = new String[150];
        String[] texts = new String[150];
        List<String> odd =
                List.of("", "NULL", "\\N", "\\", "a\tb\nc\rd", "'\"`", "${x} %s ?", "ünï 𝄞🎭", " ", "x".repeat(5_000));
        for (int c = 1; c < 150; c++) {
            columns[c] = "c" + c + " text";
            texts[c] = odd.get(c % odd.size());
        }
        nulls[0] = "1";
        texts[0] = "2";
        ContractTable wide = new ContractTable(0, "wide", 1, columns);
        try (Target target = open(database, wide)) {
            target.start();
            target.write(batch(1, wide.upsert(nulls), wide.upsert(texts)));
        }
        assertThat(rows(database, wide))
                .isEqualTo(Map.of(
                        "1",
                        Arrays.asList(nulls).subList(1, 150),
                        "2",
                        Arrays.stream(texts).skip(1).map(this::text).toList()));
    }

    @Test
    void aRowThatCanNeverBeWrittenIsNamedAndLeavesNothing() {
        Map.@Nullable Entry<String, String> poison = server().poison();
        if (poison == null) {
            return;
        }
        ContractDatabase database = database();
        ContractTable table = new ContractTable(0, "stock", 1, "id int4", "v " + poison.getKey());
        try (Target target = open(database, table)) {
            target.start();
            assertThatThrownBy(() -> target.write(batch(1, table.upsert("17", poison.getValue()))))
                    .isInstanceOfSatisfying(ReplicatorException.class, failure -> {
                        assertThat(failure.kind()).as(failure.formatted()).isEqualTo(Kind.POISON);
                        assertThat(failure.code()).isEqualTo(ErrorCode.TARGET_REFUSED);
                        assertThat(failure.primary()).contains("public.stock").contains("\"copy\"");
                        assertThat(failure.detail()).contains("(id)=(17)");
                    });
        }
        try (Target target = open(database, table)) {
            assertThat(target.start().held()).isEqualTo(Positions.zero(1));
            target.write(batch(1, table.upsert("18", null)));
        }
        assertThat(rows(database, table)).containsOnlyKeys("18");
    }

    @Test
    void aPauseOutlivesTheSessionAndForgettingLeavesTheRows() {
        ContractDatabase database = database();
        try (Target target = open(database, people)) {
            target.start();
            target.write(batch(1, people.upsert("1", "Hamlet", "1")));
        }
        PauseMark mark = new PauseMark(1, true, Instant.parse("2026-11-25T01:02:03.000004Z"), "some body");
        try (Target target = open(database)) {
            if (target instanceof PauseTarget pauses) {
                assertThat(pauses.pause()).isEmpty();
                pauses.pause(mark);
            }
        }
        try (Target target = open(database)) {
            if (target instanceof PauseTarget pauses) {
                assertThat(pauses.pause()).contains(mark);
                PauseMark later = new PauseMark(3, false, Instant.parse("2026-11-25T02:03:04.000005Z"), "me");
                pauses.pause(later);
                pauses.pause(new PauseMark(2, true, Instant.EPOCH, "somebody who was late"));
                assertThat(pauses.pause()).contains(later);
            }
            assertThat(target.held()).isEqualTo(Positions.of(100));
            assertThat(target.forget()).hasSize(1);
            assertThat(target.forget()).isEmpty();
            assertThat(target.held()).isNull();
        }
        assertThat(rows(database, people)).containsOnlyKeys("1");
    }

    @Test
    void afterAKillInTheMiddleOfAWriteTheDatabaseHoldsWholeBatches() {
        ContractDatabase database = database();
        ContractTable accounts = new ContractTable(0, "accounts", 1, "id int4", "batch int4");
        server().prepare(database.place(), accounts.schema());
        ContractWriter writer = ContractWriter.start(folder, database.place(), server().options());
        try {
            writer.awaitBatches(20);
            boolean killed = server().kill();
            if (killed) {
                writer.awaitEnd();
                server().restart();
            } else {
                writer.kill();
            }
            long held;
            try (Target target = open(database, accounts)) {
                held = target.start().held().get(0) / 100;
            }
            if (!server().commitsAsynchronously()) {
                assertThat(held).isGreaterThanOrEqualTo(writer.acknowledged());
            }
            if (!server().batchesAreAtomic()) {
                assertThat(rows(database, accounts).values())
                        .allMatch(values -> List.of(String.valueOf(held), String.valueOf(held + 1))
                                .contains(values.get(0)));
                writeAgain(database, accounts, held);
            }
            Map<String, List<@Nullable String>> rows = rows(database, accounts);
            assertThat(rows).hasSize(ContractWriter.ROWS);
            assertThat(rows.values()).allMatch(values -> String.valueOf(held).equals(values.get(0)));
        } finally {
            writer.kill();
        }
    }

    /** Over the batch behind the progress, of which some rows may be there, a later session writes; here that before it. */
    private void writeAgain(ContractDatabase database, ContractTable accounts, long held) {
        List<Operation> operations = new ArrayList<>();
        for (int id = 0; id < ContractWriter.ROWS; id++) {
            operations.add(accounts.upsert(String.valueOf(id), String.valueOf(held)));
        }
        try (Target target = open(database, accounts)) {
            target.start();
            target.write(batch(1, operations.toArray(Operation[]::new)));
        }
    }
}
