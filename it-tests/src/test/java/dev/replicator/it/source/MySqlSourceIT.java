package dev.replicator.it.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.replicator.it.contract.ContractServer.Place;
import dev.replicator.it.contract.MySqlServer;
import dev.replicator.it.contract.MySqlServer.Flavour;
import dev.replicator.it.harness.Fixture;
import dev.replicator.it.harness.Plugin;
import dev.replicator.it.harness.ReplicatorProcess;
import dev.replicator.it.harness.Servers;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/** A MySQL source, read by the driver that users add; not on machines without libaio. */
@EnabledIf(value = "runs", disabledReason = "MySQL was NOT TESTED: this machine has no libaio.so.1 (Debian: libaio1)")
class MySqlSourceIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    static boolean runs() {
        return MySqlServer.runs(Flavour.MYSQL);
    }

    @Test
    void itsTypesArriveOnceTheDriverIsThere() {
        try (MySqlServer mysql =
                        new MySqlServer(Flavour.MYSQL, "--log-bin=bin --server-id=1 --default-time-zone=+00:00");
                Fixture fixture = new Fixture()) {
            Place shop = mysql.fresh();
            SourceTypes.create(mysql, shop, Flavour.MYSQL);
            fixture.other("shop", "{ url: \"" + shop.url() + "\", user: root }")
                    .database("copy", Servers.of(Servers.NEWEST), SourceTypes.postgres(Flavour.MYSQL))
                    .sync("types", List.of("shop"), List.of("copy"), "initial_copy: always")
                    .grant();
            SourceTypes.insert(mysql, shop, Flavour.MYSQL, 0);
            ReplicatorProcess without = fixture.startProcess();
            await().atMost(LIMIT)
                    .untilAsserted(() -> assertThat(without.log()).contains("Put mysql-connector-j", "plugins"));
            without.terminate();

            Plugin.copy("mysql-connector-j", fixture.file().getParent());
            ReplicatorProcess process = fixture.startProcess();
            await().atMost(LIMIT)
                    .failFast(process::assertRunning)
                    .until(() -> fixture.value("copy", "SELECT count(*) FROM \"All Types\"")
                            .equals("3"));
            SourceTypes.insert(mysql, shop, Flavour.MYSQL, 10);
            assertThat(fixture.command("kick", fixture.syncName("types")).code())
                    .as(process.log())
                    .isZero();
            SourceTypes.verify(fixture, Flavour.MYSQL, 0);
            SourceTypes.verify(fixture, Flavour.MYSQL, 10);
            mysql.execute(shop, "TRUNCATE TABLE `All Types`");
            assertThat(fixture.command("kick", fixture.syncName("types")).code())
                    .as(process.log())
                    .isZero();
            assertThat(fixture.value("copy", "SELECT count(*) FROM \"All Types\""))
                    .isEqualTo("0");
            assertThat(process.terminate()).isZero();
            assertThat(process.log()).doesNotContain("io.debezium", "Exception");
        }
    }
}
