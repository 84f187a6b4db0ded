package dev.replicator.it.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.replicator.error.ReplicatorException;
import dev.replicator.observe.Listener;
import dev.replicator.pipeline.Replication;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Changes that a database cannot take as they come: some never, some only in another order. */
class RefusedChangesIT {
    private static final String STOCK = "CREATE TABLE stock (id int PRIMARY KEY, code text, n int)";
    private static final String ALL = "SELECT concat_ws(':', id, code, n) FROM stock ORDER BY id";

    private final Masters masters = new Masters("refused");
    private final Queue<ReplicatorException> failures = new ConcurrentLinkedQueue<>();

    private final Listener listener = new Listener() {
        @Override
        public void failed(
                String sync, String database, Side side, ReplicatorException failure, @Nullable Duration retryIn) {
            failures.add(failure);
        }
    };

    @AfterEach
    void endAll() {
        masters.close();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "one_code; ADD CONSTRAINT one_code UNIQUE (code); (2, 'secret', 2)    ; DROP CONSTRAINT one_code",
                "few     ; ADD CONSTRAINT few CHECK (n < 100)   ; (2, 'secret', 100)  ; DROP CONSTRAINT few",
                "n       ; ALTER n SET NOT NULL                 ; (2, 'secret', NULL) ; ALTER n DROP NOT NULL"
            })
    void whatADatabaseRefusesStopsItAloneAndItResumesWhenTheObstacleIsGone(
            String what, String obstacle, String refused, String removal) throws Exception {
        masters.start(18, 1, 2, STOCK);
        masters.run(1, "INSERT INTO stock VALUES (9, 'secret', 1)", "ALTER TABLE stock " + obstacle);
        Replication replication = masters.replicate(listener);
        masters.run(0, "INSERT INTO stock VALUES (1, 'a', 1)");
        replication.kick().get(60, TimeUnit.SECONDS);
        masters.run(0, "INSERT INTO stock VALUES " + refused, "INSERT INTO stock VALUES (3, 'c', 3)");
        await().atMost(Duration.ofSeconds(60)).until(() -> !failures.isEmpty());
        ReplicatorException failure = failures.element();
        assertThat(failure.kind()).isEqualTo(ReplicatorException.Kind.POISON);
        assertThat(failure.formatted())
                .contains(
                        "table public.stock", "\"t1\"", "Key (id)=(2)", "\"" + what + "\"", "commit ", "\"m1\"", "HINT")
                .doesNotContain("secret");
        await().atMost(Duration.ofSeconds(60)).until(() -> masters.query(2, ALL).size() == 3);
        assertThat(masters.query(1, ALL)).containsExactly("1:a:1", "9:secret:1");

        masters.run(1, "ALTER TABLE stock " + removal);
        await().atMost(Duration.ofSeconds(60)).until(() -> masters.query(1, ALL).size() == 4);
        assertThat(masters.query(1, ALL)).containsAll(masters.query(2, ALL));
        assertThat(failures).allMatch(each -> String.valueOf(each.context()).contains("\"t1\""));
    }

    /** The columns have a unique constraint, a partial and an expression index, a deferred and a deferrable constraint. */
    @ParameterizedTest
    @ValueSource(ints = {14, 18})
    void uniqueValuesThatChangePlacesBetweenRowsArrive(int version) throws Exception {
        masters.start(
                version,
                2,
                0,
                "CREATE TABLE places (id int PRIMARY KEY, plain text UNIQUE, part text, expr text,"
                        + " late text UNIQUE DEFERRABLE INITIALLY DEFERRED, able text UNIQUE DEFERRABLE)",
                "CREATE UNIQUE INDEX ON places (part) WHERE part <> ''",
                "CREATE UNIQUE INDEX ON places (lower(expr))");
        Replication replication = masters.replicate(listener);
        masters.run(
                0,
                "INSERT INTO places SELECT g, 'v' || g, 'v' || g, 'V' || g, 'v' || g, 'v' || g"
                        + " FROM generate_series(1, 9) g");
        replication.kick().get(60, TimeUnit.SECONDS);

        // In one transaction, by way of NULL: two rows swap, three go round.
        masters.run(
                0,
                inOne(move(1, null), move(2, 1), move(1, 2)),
                inOne(move(3, null), move(4, 3), move(5, 4), move(3, 5)));
        replication.waitForNow().get(60, TimeUnit.SECONDS);
        assertSame();

        // Over several transactions, which arrive in one batch.
        replication.pause();
        await().until(() -> replication.status().paused());
        for (String step :
                List.of(move(1, null), move(2, 2), move(1, 1), move(6, null), move(7, 6), move(8, 7), move(6, 8))) {
            masters.run(0, step);
        }
        masters.run(
                0, "DELETE FROM places WHERE id = 9", "INSERT INTO places VALUES (10, 'v9', 'v9', 'V9', 'v9', 'v9')");
        replication.resume();
        replication.waitForNow().get(60, TimeUnit.SECONDS);
        assertSame();
        assertThat(masters.query(1, "SELECT id || plain FROM places ORDER BY id"))
                .containsExactly("1v1", "2v2", "3v5", "4v3", "5v4", "6v8", "7v6", "8v7", "10v9");
        assertThat(failures).isEmpty();
    }

    private static String inOne(String... statements) {
        return "BEGIN; " + String.join("; ", statements) + "; COMMIT";
    }

    /** Gives row {@code id} the values that row {@code from} had at first; null: none. */
    private static String move(int id, @Nullable Integer from) {
        String value = from == null ? "NULL" : "'v" + from + "'";
        return "UPDATE places SET plain = %1$s, part = %1$s, expr = upper(%1$s), late = %1$s, able = %1$s WHERE id = %2$d"
                .formatted(value, id);
    }

    private void assertSame() {
        String all = "SELECT p::text FROM places p ORDER BY id";
        assertThat(masters.query(1, all)).isEqualTo(masters.query(0, all));
    }
}
