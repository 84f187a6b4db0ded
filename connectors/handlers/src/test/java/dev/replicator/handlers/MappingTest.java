package dev.replicator.handlers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.replicator.codec.KeyCodec;
import dev.replicator.error.ReplicatorException;
import dev.replicator.mapping.NodeMapping;
import dev.replicator.model.Batch;
import dev.replicator.model.ChangeKind;
import dev.replicator.model.Chunk;
import dev.replicator.model.Column;
import dev.replicator.model.DatabaseSpec;
import dev.replicator.model.Operation;
import dev.replicator.model.PerTable;
import dev.replicator.model.Positions;
import dev.replicator.model.Relation;
import dev.replicator.model.Row;
import dev.replicator.model.SyncSpec;
import dev.replicator.model.Table;
import dev.replicator.model.TableMapping;
import dev.replicator.model.TableMapping.Columns;
import dev.replicator.model.TableMappings;
import dev.replicator.model.TableName;
import dev.replicator.model.TableSchema;
import dev.replicator.model.TableSchema.SourceColumn;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What a database that only receives makes of operations. */
class MappingTest {
    private static final Table TABLE = new Table(0, new TableName("public", "t"), List.of("id"), List.of("int4"));
    private static final List<String> NAMES = List.of("id", "region", "first", "last", "Odd \"x");
    private static final Relation RELATION = new Relation(
            TABLE, NAMES.stream().map(name -> new Column(name, 25, "text", -1)).toList());
    private static final TableSchema SCHEMA = new TableSchema(
            TABLE,
            NAMES.stream()
                    .map(name -> new SourceColumn(
                            name,
                            name.equals("id") ? "int4" : "text",
                            -1,
                            name.equals("id") ? "integer" : "text",
                            name.equals("id"),
                            List.of()))
                    .toList());
    private static final TableName THERE = new TableName("crm", "T 2");

    private static TableMapping mapping(Columns columns, @Nullable String where) {
        return new TableMapping(THERE, columns, where, Set.of(ChangeKind.values()));
    }

    private static NodeMapping node(TableMapping mapping) {
        DatabaseSpec source = database("s");
        DatabaseSpec target = database("r");
        SyncSpec plain = new SyncSpec(
                "x",
                List.of(source),
                List.of(target),
                null,
                SyncSpec.ForeignOrigins.FORWARD,
                new SyncSpec.SlotBudget(1, Duration.ofDays(1)),
                new SyncSpec.ClockLimit(Duration.ofSeconds(1), SyncSpec.WhenExceeded.WARN));
        SyncSpec sync = new SyncSpec(
                plain.name(),
                plain.sources(),
                plain.targets(),
                plain.tables(),
                plain.foreignOrigins(),
                plain.slotBudget(),
                plain.spillBudget(),
                plain.clockLimit(),
                plain.onError(),
                plain.conflicts(),
                plain.initialCopy(),
                PerTable.all(new TableMappings(Map.of("r", mapping))),
                plain.sequences(),
                null,
                SyncSpec.SchemaChange.STOP);
        return NodeMapping.of(sync, 1, List.of(SCHEMA));
    }

    private static DatabaseSpec database(String name) {
        return new DatabaseSpec(name, "postgres", "jdbc:postgresql://h/" + name, null, null, Map.of());
    }

    /** {@code "-"} is NULL, {@code "?"} a column that is not carried. */
    private static Row row(String... values) {
        Row.Builder row = new Row.Builder(RELATION);
        for (String value : values) {
            switch (value) {
                case "-" -> row.nil();
                case "?" -> row.absent();
                default -> row.text(value);
            }
        }
        return row.build();
    }

    private static Operation upsert(String... values) {
        Row row = row(values);
        return Operation.upsert(new KeyCodec(TABLE).keyOf(row), row, Operation.UNGUARDED);
    }

    private static Operation update(String... values) {
        Row row = row(values);
        return Operation.update(new KeyCodec(TABLE).keyOf(row), row, Operation.UNGUARDED);
    }

    private static List<String> written(TableMapping mapping, Operation... operations) {
        List<Operation> all = List.of(operations);
        List<String> written = new ArrayList<>();
        Batch batch = node(mapping)
                .batch(new Batch(
                        1, List.of(new Chunk(List.of(TABLE), all, all)), Positions.of(9), 3, List.of(), List.of(), 5));
        for (Chunk chunk : batch.chunks()) {
            chunk.truncated().forEach(table -> written.add("TRUNCATE " + table.name()));
            chunk.merged().forEach(operation -> written.add(text(operation)));
            assertThat(chunk.inOrder().stream().map(MappingTest::text).toList())
                    .isEqualTo(chunk.merged().stream().map(MappingTest::text).toList());
        }
        assertThat(batch.held()).isEqualTo(Positions.of(9));
        return written;
    }

    private static String text(Operation operation) {
        Row row = operation.requireRow();
        assertThat(operation.requireKey()).isEqualTo(new KeyCodec(operation.table()).keyOf(row));
        StringBuilder text =
                new StringBuilder(operation.kind() + " " + operation.table().name());
        for (int c = 0; c < row.relation().size(); c++) {
            text.append(' ')
                    .append(row.relation().columns().get(c).name())
                    .append('=')
                    .append(row.isNull(c) ? "-" : row.isAbsent(c) ? "?" : row.text(c));
        }
        return text.toString();
    }

    private static Columns computed(String name, String text) {
        return new Columns(Set.of("id"), Set.of(), Map.of(), Map.of(name, text));
    }

    @Test
    void columnsAreLeftOutAndRenamedAndComputed() {
        Columns columns = new Columns(
                null, Set.of("region"), Map.of("id", "number", "Odd \"x", "odd"), Map.of("last", "upper(last)"));
        assertThat(written(mapping(columns, null), upsert("7", "eu", "Ann", "lee", "o")))
                .containsExactly("TRUNCATE crm.T 2", "UPSERT crm.T 2 number=7 first=Ann odd=o last=LEE");
        assertThat(node(mapping(columns, null))
                        .schemas(List.of(SCHEMA))
                        .get(0)
                        .table()
                        .keyColumns())
                .containsExactly("number");
    }

    @Test
    void aRowThatIsNotWantedIsDeletedByItsKey() {
        TableMapping eu = mapping(new Columns(Set.of("id", "region"), Set.of(), Map.of(), Map.of()), "region == 'eu'");
        assertThat(written(
                        eu,
                        upsert("1", "eu", "-", "-", "-"),
                        upsert("2", "us", "-", "-", "-"),
                        upsert("3", "-", "-", "-", "-")))
                .containsExactly(
                        "TRUNCATE crm.T 2",
                        "UPSERT crm.T 2 id=1 region=eu",
                        "DELETE crm.T 2 id=2 region=us",
                        "DELETE crm.T 2 id=3 region=-");
    }

    @Test
    void nullMakesNullAsInSql() {
        Columns columns = computed("whole", "first + ' ' + last");
        assertThat(written(
                        mapping(columns, null),
                        upsert("1", "eu", "Ann", "Lee", "-"),
                        upsert("2", "eu", "Ann", "-", "-")))
                .endsWith("UPSERT crm.T 2 id=1 whole=Ann Lee", "UPSERT crm.T 2 id=2 whole=-");
    }

    @Test
    void whatIsNotCarriedIsLeftAsItIsOrNamed() {
        Columns columns = computed("whole", "first + ' ' + last");
        assertThat(written(mapping(columns, null), update("1", "eu", "?", "?", "-")))
                .endsWith("UPDATE crm.T 2 id=1 whole=?");
        assertThatThrownBy(() -> written(mapping(columns, null), update("1", "eu", "Ann", "?", "-")))
                .isInstanceOfSatisfying(
                        ReplicatorException.class, e -> assertThat(e.hint()).contains("REPLICA IDENTITY FULL"));
        assertThatThrownBy(() -> written(mapping(Columns.ALL, "region == 'eu'"), update("1", "eu", "a", "?", "-")))
                .isInstanceOf(ReplicatorException.class);
        assertThat(written(mapping(Columns.ALL, "id > 0"), update("1", "?", "a", "?", "-")))
                .endsWith("UPDATE crm.T 2 id=1 region=? first=a last=? Odd \"x=-");
    }

    @Test
    void deletesAndTruncatesMayBeLeftOut() {
        TableMapping kept =
                new TableMapping(null, Columns.ALL, "region == 'eu'", Set.of(ChangeKind.INSERT, ChangeKind.UPDATE));
        Row gone = row("1", "?", "?", "?", "?");
        assertThat(written(
                        kept,
                        Operation.delete(new KeyCodec(TABLE).keyOf(gone), gone, Operation.UNGUARDED),
                        upsert("2", "us", "-", "-", "-")))
                .isEmpty();
    }

    @Test
    void anExpressionThatDoesNotFitIsNamedWithWhatWould() {
        assertThatThrownBy(() -> node(mapping(Columns.ALL, "regoin == 'eu'")))
                .isInstanceOfSatisfying(ReplicatorException.class, e -> {
                    assertThat(e.primary()).isEqualTo("cannot evaluate where of table public.t");
                    assertThat(e.detail()).contains("regoin");
                    assertThat(e.hint()).contains("id, region, first, last", "row.`Odd Name`");
                });
        assertThatThrownBy(() -> node(mapping(Columns.ALL, "first")))
                .isInstanceOfSatisfying(
                        ReplicatorException.class,
                        e -> assertThat(e.detail()).contains("a condition (bool) is needed"));
        assertThatThrownBy(() -> node(mapping(Columns.ALL, "id == 'x'")))
                .isInstanceOfSatisfying(
                        ReplicatorException.class, e -> assertThat(e.hint()).contains("Use values of one type"));
        assertThatThrownBy(() -> node(mapping(new Columns(null, Set.of("id"), Map.of(), Map.of()), null)))
                .isInstanceOfSatisfying(
                        ReplicatorException.class, e -> assertThat(e.detail()).contains("Key column \"id\""));
        assertThatThrownBy(() -> node(mapping(new Columns(null, Set.of(), Map.of("first", "last"), Map.of()), null)))
                .isInstanceOfSatisfying(
                        ReplicatorException.class,
                        e -> assertThat(e.detail()).contains("Two columns would be called \"last\""));
    }
}
