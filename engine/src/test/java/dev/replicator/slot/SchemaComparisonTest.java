package dev.replicator.slot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.replicator.error.ErrorCode;
import dev.replicator.model.DatabaseSpec;
import dev.replicator.model.SyncSpec;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SchemaComparisonTest {
    @Test
    void equalTablesOnTheOldestAndTheNewestServerHaveNoFindings() {
        String ddl = "CREATE TABLE t (id int PRIMARY KEY, a text, b numeric(8,2)[], c timestamptz DEFAULT now())";
        assertThat(compare(ddl, ddl, true)).isEmpty();
    }

    @Test
    void namesEveryDifferenceBetweenMasters() {
        List<Finding> findings = compare(
                "CREATE TYPE mood AS ENUM ('sad', 'ok', 'new'); CREATE TABLE t (id int PRIMARY KEY, a int, m mood,"
                        + " only_here text, w varchar(20), g int)",
                "CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE TABLE t (id int PRIMARY KEY, a bigint, m mood,"
                        + " must int NOT NULL, w varchar(10), g int GENERATED ALWAYS AS (1) STORED)",
                true);

        Finding towardsB = findings.stream()
                .filter(finding -> "b".equals(finding.database()))
                .findFirst()
                .orElseThrow();
        assertThat(towardsB.isError()).isTrue();
        assertThat(towardsB.code()).isEqualTo(ErrorCode.SCHEMA_DIFFERS);
        assertThat(towardsB.detail())
                .contains(
                        "column \"a\" is bigint there instead of integer",
                        "column \"m\" lacks the enum label 'new'",
                        "column \"only_here\" of type text is missing",
                        "column \"w\" is character varying(10) there instead of character varying(20)",
                        "column \"g\" is generated there and cannot be written",
                        "column \"must\" exists only on \"b\", is NOT NULL and has no default");
        assertThat(towardsB.fix()).containsExactly("ALTER TABLE \"public\".\"t\" ADD COLUMN \"only_here\" text;");
        assertThat(findings.stream().map(Finding::database)).containsExactlyInAnyOrder("a", "b");
    }

    @Test
    void aTargetMayHaveMoreColumnsThatFillThemselves() {
        assertThat(compare(
                        "CREATE TABLE t (id int PRIMARY KEY, v varchar)",
                        "CREATE TABLE t (v text, id int PRIMARY KEY, at timestamptz NOT NULL DEFAULT now(), note text)",
                        false))
                .isEmpty();
    }

    @Test
    void aNarrowerColumnIsAWarning() {
        List<Finding> findings = compare(
                "CREATE TABLE t (id int PRIMARY KEY, v varchar)",
                "CREATE TABLE t (id int PRIMARY KEY, v varchar(3) NOT NULL)",
                false);
        assertThat(findings).hasSize(1);
        assertThat(findings.get(0).isError()).isFalse();
        assertThat(findings.get(0).detail()).contains("may refuse or round values", "NOT NULL there only");
    }

    private static List<Finding> compare(String onA, String onB, boolean masters) {
        DatabaseSpec a = TestServers.database(14, "a");
        DatabaseSpec b = TestServers.database(18, "b");
        TestServers.run(a, onA);
        TestServers.run(b, onB);
        SyncSpec sync = masters
                ? TestServers.sync("s", List.of(a, b), List.of(), null)
                : TestServers.sync("s", List.of(a), List.of(b), null);
        Map<String, Catalog> catalogs = TestServers.catalogs(sync);
        TableSelection selection = TableSelection.of(sync, catalogs);
        assertThat(selection.tables()).hasSize(1);
        return SchemaComparison.compare(sync, selection.tables(), catalogs);
    }
}
