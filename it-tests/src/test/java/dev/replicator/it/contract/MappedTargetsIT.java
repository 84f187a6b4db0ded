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
