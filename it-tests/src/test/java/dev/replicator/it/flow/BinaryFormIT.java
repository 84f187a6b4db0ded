package dev.replicator.it.flow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.replicator.error.ReplicatorException;
import dev.replicator.it.harness.Servers;
import dev.replicator.observe.Listener;
import dev.replicator.pipeline.Replication;
import dev.replicator.pipeline.ReplicationSettings;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every type that is declared safe in binary form arrives as it was, by insert and by update, as value and as NULL. */
class BinaryFormIT {
    private static final String TABLE = """
            CREATE TABLE kinds (
              id int8 PRIMARY KEY, b bool, by bytea, c "char", i2 int2, i4 int4, f4 float4, f8 float8, n numeric,
              t text, vc varchar(20), bp char(5), na name, u uuid, j json, jb jsonb, d date, ti time, tz timetz,
              ts timestamp, tstz timestamptz, iv interval, ine inet, ci cidr, ma macaddr, ma8 macaddr8, bi bit(3),
              vb varbit, p point, bo box, ci2 circle, ab bool[], ai2 int2[], ai4 int4[], ai8 int8[], af4 float4[],
              af8 float8[], an numeric[], at text[], avc varchar[], au uuid[], ad date[], ats timestamp[],
              atstz timestamptz[], ajb jsonb[])""";
    private static final String VALUES = """
            INSERT INTO kinds SELECT g, true, '\\x00ff27', 'x', -7, 2147483647, 'NaN', '-Infinity',
              ('1' || repeat('0', 200) || '.000500')::numeric, E'tab\\there \\\\ "quoted" é', 'varying', 'pad',
              'a name', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '{"a":  1}', '{"b": [1, null]}', 'infinity', '24:00',
              '12:00+05:30', '-infinity', '2026-02-28 12:00:00.123456+00', '1 year -3 days 04:05:06.7', '10.0.0.1/8',
              '10.0.0.0/8', '08:00:2b:01:02:03', '08:00:2b:01:02:03:04:05', '101', '10101', '(1.5,2)',
              '((0,0),(1,1))', '<(1,1),2>', '{t,f,NULL}', '{1,2}', '{{1,2},{3,4}}', '{}', '{1.5}', '{NaN}',
              '{1.00,NaN}', '{"a b","c,d",NULL}', '{x}', '{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}', '{2026-01-01}',
              '{infinity}', '{2026-01-01 00:00+00}', ARRAY['{"x": 1}'::jsonb]
            FROM generate_series(%d, %d) g""";

    private final Masters masters = new Masters("kinds");

    @AfterEach
    void endAll() {
        masters.close();
    }

    private void assertEqual() {
        String all = "SELECT k::text FROM kinds k ORDER BY id";
        assertThat(masters.query(1, all)).isNotEmpty().isEqualTo(masters.query(0, all));
    }

    @ParameterizedTest
    @CsvSource({"false, 18, 18", "true, 18, 18", "true, 14, 18"})
    void everyTypeArrivesAsItWas(boolean binary, int version, int other) throws Exception {
        masters.start(List.of(version, other), 2, 0, TABLE);
        assertThat(masters.isBinarySafe()).isTrue();
        ReplicationSettings settings = ReplicationSettings.defaults();
        Replication replication = masters.replicate(binary ? settings.withBinary() : settings);
        masters.run(0, VALUES.formatted(1, 1), VALUES.formatted(2, 50), "INSERT INTO kinds VALUES (1000)");
        replication.kick().get(60, TimeUnit.SECONDS);
        assertEqual();
        for (int master = 0; master < 2; master++) {
            assertThat(masters.query(master, "SELECT query FROM pg_stat_activity WHERE backend_type = 'walsender'"))
                    .singleElement()
                    .satisfies(query -> assertThat(query.contains("\"binary\" 'true'"))
                            .as(query)
                            .isEqualTo(binary));
        }
        masters.run(
                1,
                "UPDATE kinds SET i4 = 1, n = NULL, at = NULL WHERE id <= 10",
                "UPDATE kinds SET f8 = 0.1, an = '{7}' WHERE id = 11",
                "UPDATE kinds SET id = id + 5000 WHERE id BETWEEN 20 AND 30",
                "DELETE FROM kinds WHERE id BETWEEN 40 AND 45");
        replication.waitForNow().get(60, TimeUnit.SECONDS);
        assertEqual();
        assertThat(masters.query(0, "SELECT count(*) FROM kinds")).containsExactly("45");
    }

    @Test
    void aColumnOfAnUnsafeTypeThatIsAddedLaterMakesTheRunningStreamGoOnAsText() throws Exception {
        masters.start(18, 2, 0, "CREATE TABLE kinds (id int PRIMARY KEY, n int)");
        Queue<String> failures = new ConcurrentLinkedQueue<>();
        Replication replication =
                masters.replicate(ReplicationSettings.defaults().withBinary(), new Listener() {
                    @Override
                    public void failed(
                            String sync,
                            String database,
                            Side side,
                            ReplicatorException failure,
                            @Nullable Duration retryIn) {
                        failures.add(failure.formatted());
                    }
                });
        masters.run(0, "INSERT INTO kinds VALUES (1, 1)");
        masters.run(1, "INSERT INTO kinds VALUES (2, 2)");
        replication.kick().get(60, TimeUnit.SECONDS);
        assertEqual();
        // The enum has another object identifier on each side.
        masters.run(1, "CREATE TYPE other AS ENUM ('x')");
        for (int master = 0; master < 2; master++) {
            masters.run(
                    master, "CREATE TYPE mood AS ENUM ('sad', 'gay')", "ALTER TABLE kinds ADD m mood, ADD r mood[]");
        }
        masters.run(
                0,
                "BEGIN; INSERT INTO kinds VALUES (3, 3, 'gay', '{sad,gay}'); UPDATE kinds SET n = 7 WHERE id = 1; COMMIT");
        masters.run(1, "INSERT INTO kinds VALUES (4, 4, 'sad', '{}')", "UPDATE kinds SET m = 'gay' WHERE id = 2");
        replication.waitForNow().get(60, TimeUnit.SECONDS);
        masters.run(0, "INSERT INTO kinds VALUES (5, 5, NULL, NULL)");
        replication.waitForNow().get(60, TimeUnit.SECONDS);
        assertEqual();
        assertThat(masters.query(0, "SELECT concat_ws(':', id, n, m, r) FROM kinds ORDER BY id"))
                .containsExactly("1:7", "2:2:gay", "3:3:gay:{sad,gay}", "4:4:sad:{}", "5:5");
        assertThat(failures).isEmpty();
    }

    @Test
    void aTableWithAnEnumMakesTheStreamUseText() throws Exception {
        masters.start(
                Servers.OLDEST,
                2,
                0,
                "CREATE TYPE mood AS ENUM ('sad', 'gay')",
                "CREATE TABLE m (id int PRIMARY KEY, m mood)");
        assertThat(masters.isBinarySafe()).isFalse();
        Replication replication = masters.replicate();
        masters.run(0, "INSERT INTO m VALUES (1, 'gay')");
        replication.kick().get(60, TimeUnit.SECONDS);
        assertThat(masters.query(1, "SELECT m FROM m")).containsExactly("gay");
    }
}
