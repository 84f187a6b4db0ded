package dev.replicator.slot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.replicator.model.DatabaseSpec;
import dev.replicator.model.SyncSpec;
import dev.replicator.model.Table;
import dev.replicator.model.TableName;
import dev.replicator.slot.CatalogTable.ForeignKey;
import dev.replicator.slot.CatalogTable.Kind;
import dev.replicator.slot.CatalogTable.ReplicaIdentity;
import dev.replicator.slot.CatalogTable.Trigger;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TableSelectionTest {
    private static final String[] VARIETY = {
        "CREATE COLLATION fuzzy (provider = icu, locale = 'und-u-ks-level2', deterministic = false)",
        "CREATE DOMAIN code AS varchar(8)",
        "CREATE TYPE mood AS ENUM ('sad', 'ok')",
        "CREATE SCHEMA \"Odd.Schema\"",
        "CREATE TABLE plain (id int PRIMARY KEY, v text)",
        "CREATE TABLE \"Odd.Schema\".\"a*\"\"b\" (\"K ey\" uuid PRIMARY KEY)",
        "CREATE TABLE by_domain (c code, m mood, n numeric(6,2), PRIMARY KEY (m, c, n))",
        "CREATE TABLE by_index (a int NOT NULL, b int NOT NULL, c int PRIMARY KEY)",
        "CREATE UNIQUE INDEX by_index_ba ON by_index (b, a)",
        "ALTER TABLE by_index REPLICA IDENTITY USING INDEX by_index_ba",
        "CREATE TABLE whole (id int PRIMARY KEY, v text)",
        "ALTER TABLE whole REPLICA IDENTITY FULL",
        "CREATE TABLE whole_keyless (v text)",
        "ALTER TABLE whole_keyless REPLICA IDENTITY FULL",
        "CREATE TABLE keyless (v text)",
        "CREATE TABLE silent (id int PRIMARY KEY)",
        "ALTER TABLE silent REPLICA IDENTITY NOTHING",
        "CREATE TABLE late (id int PRIMARY KEY DEFERRABLE)",
        "CREATE UNLOGGED TABLE unlogged (id int PRIMARY KEY)",
        "CREATE TABLE fuzzy_key (id text COLLATE fuzzy PRIMARY KEY)",
        "CREATE TABLE json_key (id jsonb PRIMARY KEY)",
        "CREATE TABLE counter (id int PRIMARY KEY, n int GENERATED ALWAYS AS IDENTITY)",
        "CREATE VIEW peek AS SELECT 1 AS x",
        "CREATE TABLE parted (id int, at date, PRIMARY KEY (id, at)) PARTITION BY RANGE (at)",
        "CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')",
        "CREATE SCHEMA replicator",
        "CREATE TABLE replicator.progress (sync text PRIMARY KEY)"
    };

    @ParameterizedTest
    @ValueSource(ints = {14, 18})
    void refusesEachTableWithItsReason(int version) {
        SyncSpec sync = twoMasters(version, null, VARIETY);
        TableSelection selection = TableSelection.of(sync, TestServers.catalogs(sync));

        assertThat(selection.tables().stream().map(table -> table.name().quoted()))
                .containsExactly(
                        "\"Odd.Schema\".\"a*\"\"b\"",
                        "\"public\".\"by_domain\"",
                        "\"public\".\"by_index\"",
                        "\"public\".\"parted\"",
                        "\"public\".\"plain\"",
                        "\"public\".\"whole\"");
        assertThat(selection.tables().stream().map(Table::id)).containsExactly(0, 1, 2, 3, 4, 5);
        Map<String, String> reasons = selection.rejected().stream()
                .collect(Collectors.toMap(r -> r.table().name(), TableSelection.Rejected::reason));
        assertThat(reasons).hasSize(8);
        assertThat(reasons.get("whole_keyless")).isEqualTo("has REPLICA IDENTITY FULL but no primary key");
        assertThat(reasons.get("keyless")).isEqualTo("has no primary key");
        assertThat(reasons.get("silent")).isEqualTo("has REPLICA IDENTITY NOTHING");
        assertThat(reasons.get("late")).contains("DEFERRABLE");
        assertThat(reasons.get("unlogged")).contains("unlogged");
        assertThat(reasons.get("fuzzy_key")).contains("nondeterministic collation");
        assertThat(reasons.get("json_key")).contains("of type jsonb", "cannot be compared between masters");
        assertThat(reasons.get("counter")).contains("GENERATED ALWAYS AS IDENTITY");
        assertThat(selection.rejected())
                .allMatch(rejected -> !rejected.toFinding().isError());
    }

    @ParameterizedTest
    @ValueSource(ints = {14, 18})
    void readsKeysInTheirOwnOrderAndBeneathDomains(int version) {
        SyncSpec sync = twoMasters(version, List.of("by_domain", "public.by_index"), VARIETY);
        List<Table> tables = TableSelection.of(sync, TestServers.catalogs(sync)).tables();

        assertThat(tables.get(0).keyColumns()).containsExactly("m", "c", "n");
        assertThat(tables.get(0).keyTypes()).containsExactly("enum", "varchar", "numeric");
        assertThat(tables.get(1).keyColumns()).containsExactly("b", "a");
        assertThat(tables.get(1).keyTypes()).containsExactly("int4", "int4");
    }

    @Test
    void oneSourceMayHaveAnyKeyType() {
        DatabaseSpec source = TestServers.database(18, "source");
        DatabaseSpec target = TestServers.database(18, "target");
        TestServers.run(source, "CREATE TABLE t (id jsonb PRIMARY KEY)");
        TestServers.run(target, "CREATE TABLE t (id jsonb NOT NULL UNIQUE)");
        SyncSpec sync = TestServers.sync("one", List.of(source), List.of(target), null);

        assertThat(TableSelection.of(sync, TestServers.catalogs(sync)).tables()).hasSize(1);
    }

    @Test
    void namesWhatIsMissingOrDifferentOnOneDatabase() {
        DatabaseSpec a = TestServers.database(18, "a");
        DatabaseSpec b = TestServers.database(18, "b");
        DatabaseSpec c = TestServers.database(14, "c");
        TestServers.run(a, "CREATE TABLE t (id int PRIMARY KEY, x int)", "CREATE TABLE only_a (id int PRIMARY KEY)");
        TestServers.run(b, "CREATE TABLE t (id int, x int, PRIMARY KEY (id, x))");
        TestServers.run(c, "CREATE TABLE t (id int, x int)");
        SyncSpec masters = TestServers.sync("s", List.of(a, b), List.of(), List.of("public.t", "only_a"));
        SyncSpec oneWay = TestServers.sync("s", List.of(a), List.of(c), List.of("public.*"));

        TableSelection two = TableSelection.of(masters, TestServers.catalogs(masters));
        assertThat(two.tables()).isEmpty();
        assertThat(two.rejected().stream().map(r -> r.toFinding().formatted())).containsExactly("""
                        ERROR:   cannot replicate table "public"."only_a"
                        DETAIL:  On database "b" the table does not exist.
                        HINT:    Create it there, or leave it out of the sync.
                        CONTEXT: database "b\"""", """
                        ERROR:   cannot replicate table "public"."t"
                        DETAIL:  On database "b" the table has another key than elsewhere: not (id).
                        HINT:    Give it the same primary key on every database.
                        CONTEXT: database "b\"""");
        TableSelection one = TableSelection.of(oneWay, TestServers.catalogs(oneWay));
        assertThat(one.tables()).isEmpty();
        assertThat(one.rejected().stream().map(TableSelection.Rejected::database))
                .containsOnly("c");
    }

    @Test
    void patternsMatchNamesAsTheyAre() {
        assertThat(matches("public.*", "public", "Any.thing")).isTrue();
        assertThat(matches("stock", "public", "stock")).isTrue();
        assertThat(matches("stock", "other", "stock")).isFalse();
        assertThat(matches("public.Stock", "public", "stock")).isFalse();
        assertThat(matches("\"a.b\".\"c*\"", "a.b", "c*")).isTrue();
        assertThat(matches("\"a.b\".\"c*\"", "a.b", "cd")).isFalse();
        assertThat(matches("s.\"say \"\"hi\"\"\"", "s", "say \"hi\"")).isTrue();
        assertThat(matches("s.t?", "s", "t1")).isTrue();
        assertThatThrownBy(() -> TablePattern.parse("a.b.c")).hasMessageContaining("'a.b.c'");
        assertThatThrownBy(() -> TablePattern.parse("a.\"b")).hasMessageContaining("cannot read the table name");
        assertThatThrownBy(() -> TablePattern.parse("a.")).hasMessageContaining("cannot read the table name");
    }

    @Test
    void aMistypedNameIsAnErrorWithTheNearestOne() {
        DatabaseSpec a = TestServers.database(18, "a");
        TestServers.run(a, "CREATE TABLE stock (id int PRIMARY KEY)");
        SyncSpec sync = TestServers.sync("s", List.of(a), List.of(), List.of("public.stok"));

        List<Finding> findings =
                TableSelection.of(sync, TestServers.catalogs(sync)).findings();
        assertThat(findings).hasSize(1);
        assertThat(findings.get(0).isError()).isTrue();
        assertThat(findings.get(0).hint()).isEqualTo("Did you mean \"public.stock\"?");
    }

    @ParameterizedTest
    @ValueSource(ints = {14, 18})
    void theCatalogTellsWhatChecksNeed(int version) {
        DatabaseSpec spec = TestServers.database(version, "facts");
        TestServers.run(spec, VARIETY);
        TestServers.run(
                spec,
                "CREATE TABLE child (id int PRIMARY KEY, parent int CONSTRAINT up REFERENCES plain,"
                        + " d int DEFAULT 3, g int GENERATED ALWAYS AS (d * 2) STORED)",
                "CREATE FUNCTION noop() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
                "CREATE TRIGGER t1 BEFORE INSERT ON child FOR EACH ROW EXECUTE FUNCTION noop()",
                "CREATE TRIGGER t2 BEFORE INSERT ON child FOR EACH ROW EXECUTE FUNCTION noop()",
                "ALTER TABLE child ENABLE ALWAYS TRIGGER t2");
        Catalog catalog = TestServers.catalog(spec);

        assertThat(catalog.table(new TableName("replicator", "progress"))).isEmpty();
        CatalogTable child = catalog.table(new TableName("public", "child")).orElseThrow();
        assertThat(child.triggers()).containsExactly(new Trigger("t1", false), new Trigger("t2", true));
        assertThat(child.references())
                .containsExactly(
                        new ForeignKey("up", new TableName("public", "plain"), List.of("parent"), List.of("id")));
        assertThat(child.column("d").orElseThrow().mayBeLeftOut()).isTrue();
        assertThat(child.column("g").orElseThrow().generated()).isTrue();
        assertThat(child.owned()).isTrue();
        assertThat(child.owner()).isEqualTo("postgres");
        CatalogTable partition =
                catalog.table(new TableName("public", "parted_1")).orElseThrow();
        assertThat(partition.partitionRoot()).isEqualTo(new TableName("public", "parted"));
        CatalogTable root = catalog.table(new TableName("public", "parted")).orElseThrow();
        assertThat(root.kind()).isEqualTo(Kind.PARTITIONED);
        assertThat(root.leaves().identities()).containsExactly(ReplicaIdentity.DEFAULT);
        CatalogTable typed = catalog.table(new TableName("public", "by_domain")).orElseThrow();
        assertThat(typed.column("m").orElseThrow().type()).isEqualTo("public.mood");
        assertThat(typed.column("m").orElseThrow().enumLabels()).containsExactly("sad", "ok");
        assertThat(typed.column("n").orElseThrow().declared()).isEqualTo("numeric(6,2)");
    }

    private static boolean matches(String pattern, String schema, String name) {
        return TablePattern.parse(pattern).matches(new TableName(schema, name));
    }

    private static SyncSpec twoMasters(int version, @Nullable List<String> tables, String... ddl) {
        DatabaseSpec a = TestServers.database(version, "a");
        DatabaseSpec b = TestServers.database(version, "b");
        TestServers.run(a, ddl);
        TestServers.run(b, ddl);
        return TestServers.sync("s", List.of(a, b), List.of(), tables);
    }
}
