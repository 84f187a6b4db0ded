package dev.replicator.it.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.replicator.it.contract.ContractServer.Place;
import dev.replicator.it.harness.Fixture;
import dev.replicator.it.harness.ReplicatorProcess;
import dev.replicator.it.harness.Servers;
import dev.replicator.model.TableName;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Databases that are given tables under other names, and only some of the columns, rows and operations. */
final class MappedTargetsIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final String CUSTOMER =
            "CREATE TABLE customer (id int PRIMARY KEY, \"Full Name\" text, email text, card text, region text,"
                    + " credit numeric(10,2), at timestamptz DEFAULT now())";
    private static final String[] ON_SHOP = {
        CUSTOMER,
        "ALTER TABLE customer REPLICA IDENTITY FULL",
        "CREATE TABLE journal (id int PRIMARY KEY, line text)",
        "INSERT INTO customer SELECT i, 'Name' || chr(9) || i, 'Mail' || i || '@X', 'secret', CASE WHEN i % 3 = 0 THEN"
                + " 'us' WHEN i % 3 = 1 THEN 'eu' END, i / 4.0 FROM generate_series(1, 3000) i",
        "INSERT INTO journal SELECT i, 'line' FROM generate_series(1, 10) i"
    };
    private static final String[] ON_REPORTS = {
        "CREATE TABLE \"Customer, EU\" (number int PRIMARY KEY, name text, email text, region text, credit numeric(10,2),"
                + " at timestamptz, label text NOT NULL DEFAULT 'none', digits int8)",
        "CREATE TABLE customer (other int PRIMARY KEY)",
        "CREATE TABLE journal (id int PRIMARY KEY, line text)"
    };
    private static final String TABLES = """
            tables:
                  - table: customer
                    as: { reports: '"Customer, EU"', phone: vip }
                    where: { reports: "region == 'eu'", phone: "id % 2 == 0 && credit > decimal('100')" }
                    columns:
                      reports:
                        exclude: [card]
                        rename: { id: number, "Full Name": name }
                        computed: { email: "lower(email)", label: "row.`Full Name` + '/' + region", digits: "id * 10" }
                      phone: { include: [id, region, credit] }
                  - table: journal
                    operations: [insert, update]
            """;
    private static final String EXPECTED =
            "SELECT id || '|' || \"Full Name\" || '|' || coalesce(lower(email), '-') || '|'"
                    + " || region || '|' || credit || '|' || at || '|' || \"Full Name\" || '/' || region || '|' || id * 10"
                    + " FROM customer WHERE region = 'eu' ORDER BY id";
    private static final String ARRIVED = "SELECT number || '|' || name || '|' || coalesce(email, '-') || '|' || region"
            + " || '|' || credit || '|' || at || '|' || label || '|' || digits FROM \"Customer, EU\" ORDER BY number";

    private final Fixture fixture = new Fixture();

    @Test
    void eachGetsItsRowsAndColumnsUnderItsNames() {
        try (SqliteFiles files = new SqliteFiles();
                fixture) {
            Place phone = files.fresh();
            fixture.database("shop", Servers.of(Servers.OLDEST), ON_SHOP)
                    .database("reports", Servers.of(Servers.NEWEST), ON_REPORTS)
                    .other("phone", "{ url: \"" + phone.url() + "\", options: { create_tables: true } }")
                    .sync("crm", List.of("shop"), List.of("reports", "phone"), "initial_copy: if_empty", TABLES)
                    .grant();
            ReplicatorProcess.Ended checked = fixture.command("check");
            assertThat(checked.out() + checked.err()).contains("It can run.");
            ReplicatorProcess first = fixture.startProcess();
            awaitReports(first);

            changes();
            awaitReports(first);
            awaitPhone(files, phone, first);
            first.kill();
            fixture.run(
                    "shop",
                    "UPDATE customer SET region = 'eu' WHERE id % 6 = 0",
                    "DELETE FROM customer WHERE id % 10 = 4",
                    "UPDATE customer SET id = id + 100000 WHERE id % 9 = 1");
            ReplicatorProcess second = fixture.startProcess();
            awaitReports(second);
            awaitPhone(files, phone, second);
            assertThat(fixture.query("reports", "SELECT count(*)::text FROM journal"))
                    .containsExactly("10");

            String sync = fixture.syncName("crm");
            fixture.run(
                    "reports", "DELETE FROM \"Customer, EU\" WHERE number % 2 = 0", "INSERT INTO journal VALUES (99)");
            ReplicatorProcess.Ended compared = fixture.command("compare", sync);
            assertThat(compared.err()).contains("reports: public.customer: not compared");
            assertThat(compared.out()).contains("reports: public.journal:", "extra");
            ReplicatorProcess.Ended copied =
                    fixture.command("copy", sync, "customer", "--database", "reports", "--yes");
            assertThat(copied.code()).as(copied.err()).isZero();
            awaitReports(second);
            fixture.run("shop", "TRUNCATE customer");
            awaitReports(second);
            assertThat(second.terminate()).as(second.log()).isZero();
        }
    }

    @Test
    void whatDoesNotFitIsNamedBeforeAndARowThatCannotBeJudgedWithTheWayOut() {
        String[] tables = {
            "CREATE TABLE part (id int PRIMARY KEY, n int NOT NULL, body text)",
            "ALTER TABLE part ALTER body SET STORAGE EXTERNAL",
            "CREATE TABLE other (id int PRIMARY KEY, n int)"
        };
        try (fixture) {
            fixture.database("shop", Servers.of(Servers.OLDEST), tables)
                    .database("reports", Servers.of(Servers.NEWEST), tables);
            parts("where: \"regoin == 'eu'\"", "as: part").grant();
            assertThat(check())
                    .contains(
                            "cannot evaluate where of table public.part",
                            "undeclared reference to 'regoin'",
                            "It calls the columns by their names: id, n, body.",
                            "cannot write tables public.other and public.part to one table public.part of database"
                                    + " \"reports\"",
                            "Give each its own name there: as.");
            parts("where: \"100 / n > 1\", columns: { computed: { extra: \"n * 2\" } }", "as: gone");
            assertThat(check())
                    .contains(
                            "column \"extra\", which is computed for it, is missing, or generated there",
                            "cannot evaluate \"where\" or computed columns of table public.part from database \"shop\"",
                            "ALTER TABLE \"public\".\"part\" REPLICA IDENTITY FULL;",
                            "does not exist, where it is called \"public\".\"gone\"");

            fixture.database("more", Servers.of(Servers.NEWEST), tables)
                    .sync(
                            "crm",
                            List.of("shop", "more"),
                            List.of("reports"),
                            "tables: [{ table: part, where: \"n > 1\" }]");
            assertThat(check())
                    .contains(
                            "cannot evaluate \"where\" or computed columns of table public.part under the policy latest");

            fixture.run("shop", "ALTER TABLE part REPLICA IDENTITY FULL");
            parts("where: \"100 / n > 1\"", "as: other").grant();
            ReplicatorProcess process = fixture.startProcess();
            await().atMost(LIMIT)
                    .until(() ->
                            fixture.command("kick", fixture.syncName("crm")).code() == 0);
            fixture.run(
                    "shop",
                    "INSERT INTO part SELECT i, i, repeat(md5(i::text), 300) FROM generate_series(1, 3) i",
                    "INSERT INTO part VALUES (4, 0, '')");
            awaitError(
                    process,
                    "cannot evaluate where for a row of table public.part",
                    "Of the row with key (id)=(4): it cannot be computed: DIVIDE_BY_ZERO.",
                    "Write it so that it has a value for every row, or change the row.");
            fixture.run("shop", "UPDATE part SET n = 200 WHERE id = 4");
            awaitParts(process, "1 1", "2 2", "3 3");

            // The log stops telling whole rows while the sync runs.
            fixture.run(
                    "shop",
                    "ALTER TABLE part REPLICA IDENTITY DEFAULT",
                    "UPDATE part SET n = 20 WHERE id = 2",
                    "ALTER TABLE part REPLICA IDENTITY FULL");
            awaitError(
                    process,
                    "cannot tell what an update of table public.part makes of a row",
                    "The log has not the whole row with key (id)=(2), and \"where\" or a computed column needs it.",
                    "ALTER TABLE \"public\".\"part\" REPLICA IDENTITY FULL; on the source, then \"replicator copy\" for this"
                            + " table.");
            ReplicatorProcess.Ended copied =
                    fixture.command("copy", fixture.syncName("crm"), "part", "--database", "reports", "--yes");
            assertThat(copied.code()).as(copied.err()).isZero();
            awaitParts(process, "1 1", "2 20", "3 3");
            // Its large value is not in the new row of the log, but in the old one.
            fixture.run("shop", "UPDATE part SET n = 30 WHERE id = 3");
            awaitParts(process, "1 1", "2 20", "3 30");
            assertThat(process.terminate()).as(process.log()).isZero();
        }
    }

    private Fixture parts(String ofPart, String ofOther) {
        return fixture.sync(
                "crm",
                List.of("shop"),
                List.of("reports"),
                "tables: [{ table: part, " + ofPart + " }, { table: other, " + ofOther + " }]");
    }

    private String check() {
        ReplicatorProcess.Ended checked = fixture.command("check");
        assertThat(checked.code()).isNotZero();
        return checked.out() + checked.err();
    }

    private void awaitError(ReplicatorProcess process, String... lines) {
        await().atMost(LIMIT).untilAsserted(() -> {
            process.assertRunning();
            assertThat(fixture.command("status").out()).contains(lines);
        });
    }

    private void awaitParts(ReplicatorProcess process, String... rows) {
        await().atMost(LIMIT).untilAsserted(() -> {
            process.assertRunning();
            assertThat(fixture.query(
                            "reports", "SELECT id || ' ' || n FROM part WHERE length(body) = 9600 ORDER BY id"))
                    .containsExactly(rows);
        });
    }

    /** Rows enter and leave the filters, keys change, and what is computed is null or is not. */
    private void changes() {
        fixture.run(
                "shop",
                "DELETE FROM journal WHERE id <= 3",
                "UPDATE journal SET line = 'again' WHERE id = 4",
                "UPDATE customer SET region = 'us' WHERE id % 6 = 1",
                "UPDATE customer SET region = 'eu', email = NULL WHERE id % 6 = 2",
                "UPDATE customer SET credit = credit + 60 WHERE id % 4 = 0",
                "UPDATE customer SET id = id + 50000, \"Full Name\" = 'moved' WHERE id % 7 = 0",
                "INSERT INTO customer VALUES (9001, E'a\\\\b\\nc', 'X@Y', 'card', 'eu', 1), (9002, 'n', 'x', 'c', 'us', 500)");
        fixture.run("shop", "DELETE FROM customer WHERE id = 9001");
        fixture.run("shop", "INSERT INTO customer VALUES (9001, 'back', 'X@Y', 'card', 'eu', 1)");
    }

    private void awaitReports(ReplicatorProcess process) {
        await().atMost(LIMIT).untilAsserted(() -> {
            process.assertRunning();
            assertThat(fixture.query("reports", ARRIVED)).isEqualTo(fixture.query("shop", EXPECTED));
        });
    }

    /** Nothing was copied there: it has what was changed since. */
    private void awaitPhone(SqliteFiles files, Place phone, ReplicatorProcess process) {
        await().atMost(LIMIT).untilAsserted(() -> {
            process.assertRunning();
            List<Map<String, @Nullable String>> rows =
                    files.rows(phone, new TableName("public", "vip"), List.of("id", "region", "credit"));
            assertThat(rows.stream()
                            .map(row -> row.get("id") + "|" + row.get("region") + "|" + row.get("credit"))
                            .toList())
                    .isNotEmpty()
                    .isSubsetOf(fixture.query(
                            "shop",
                            "SELECT id || '|' || coalesce(region, 'null') || '|' || credit FROM customer"
                                    + " WHERE id % 2 = 0 AND credit > 100"))
                    .containsAll(fixture.query(
                            "shop",
                            "SELECT id || '|' || coalesce(region, 'null') || '|' || credit FROM customer"
                                    + " WHERE id % 4 = 0 AND credit > 160 AND id < 50000"));
        });
    }
}
