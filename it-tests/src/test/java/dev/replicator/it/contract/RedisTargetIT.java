package dev.replicator.it.contract;

import static dev.replicator.it.contract.ContractDatabase.batch;
import static dev.replicator.it.contract.ContractTable.ABSENT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.Operation;
import dev.replicator.spi.AsynchronousCommits;
import dev.replicator.spi.PauseMark;
import dev.replicator.spi.PauseTarget;
import dev.replicator.spi.Target;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.Jedis;

/** Redis 7.0, rows as hashes, JSON texts and entries of streams; a numbered database of its own for each test. */
final class RedisTargetIT extends TargetContract {
    private static @Nullable RedisServer server;

    private final ContractTable stock = new ContractTable(0, "stock", 1, "id int4", "price numeric", "note text");

    @BeforeAll
    static void start() {
        server = new RedisServer();
    }

    @AfterAll
    static void close() {
        if (server != null) {
            server.close();
        }
    }

    private static RedisServer redis() {
        return Objects.requireNonNull(server);
    }

    @Override
    protected ContractServer server() {
        return new RedisRows(redis(), "hash");
    }

    @Nested
    final class JsonTexts extends TargetContract {
        @Override
        protected ContractServer server() {
            return new RedisRows(redis(), "json");
        }

        @Test
        void whatIsNoRowOfOursStaysUntilAWholeRowTakesItsPlace() {
            ContractDatabase database = database();
            try (Jedis jedis = redis().connect(database.place());
                    Target target = database.open(stock)) {
                jedis.set("stock:1", "a string");
                jedis.set("stock:2", "{\"id\": 2, \"note");
                target.start();
                target.write(batch(1, stock.update("1", "2", ABSENT), stock.update("2", "2", ABSENT)));
                assertThat(jedis.mget("stock:1", "stock:2")).containsExactly("a string", "{\"id\": 2, \"note");
                target.write(batch(2, stock.upsert("1", "1", null), stock.delete("2")));
                assertThat(jedis.mget("stock:1", "stock:2"))
                        .containsExactly("{\"id\":1,\"price\":1,\"note\":null}", null);
            }
        }
    }

    @Nested
    final class Streams extends TargetContract {
        @Override
        protected ContractServer server() {
            return new RedisRows(redis(), "stream");
        }
    }

    private void write(ContractDatabase database, Operation... operations) {
        try (Target target = database.open(stock)) {
            target.start();
            target.write(batch(1, operations));
        }
    }

    @Test
    void keysHaveTheHashTagAndEqualKeysAreOne() {
        ContractTable parts = new ContractTable(0, "a:b", 2, "code text", "size numeric", "note text");
        ContractDatabase database = database("hash_tag: bard", "key: \"{schema}.{table}:{pk}\"");
        try (Target target = database.open(parts)) {
            target.start();
            target.write(batch(1, parts.upsert("x:.%", "1.50", "one")));
            target.write(batch(2, parts.upsert("x:.%", "1.5", "two")));
        }
        try (Jedis jedis = redis().connect(database.place())) {
            assertThat(jedis.keys("*"))
                    .containsExactlyInAnyOrder("{bard}%replicator:bard", "{bard}public.a%3Ab:x%3A%2E%25:1%2E5");
            assertThat(jedis.hget("{bard}public.a%3Ab:x%3A%2E%25:1%2E5", "note"))
                    .isEqualTo("two");
        }
    }

    @Test
    void truncateLeavesTheKeysOfOthers() {
        ContractDatabase database = database();
        List<String> others = List.of("stocks:1", "stock", "astock:1", "stock*", "%replicator:other");
        try (Jedis jedis = redis().connect(database.place())) {
            others.forEach(key -> jedis.hset(key, "a", "b"));
            write(
                    database,
                    stock.upsert("1", "1", "a"),
                    Operation.truncate(stock.table()),
                    stock.upsert("2", "2", "b"));
            assertThat(jedis.keys("*")).containsAll(others).contains("stock:2").doesNotContain("stock:1");
        }
    }

    @Test
    void whatSomebodyElseHasPutInTheWayGivesWay() {
        ContractDatabase database = database();
        try (Jedis jedis = redis().connect(database.place())) {
            jedis.set("stock:1", "a string");
            jedis.set("stock:2", "a string");
            write(database, stock.upsert("1", "1", "a"), stock.update("2", "2", ABSENT));
            assertThat(jedis.hgetAll("stock:1")).isEqualTo(Map.of("id", "1", "price", "1", "note", "a"));
            assertThat(jedis.get("stock:2")).isEqualTo("a string");
        }
    }

    @Test
    void rowsExpireWhenNobodyChangesThem() {
        ContractDatabase database = database("ttl: 1h");
        write(database, stock.upsert("1", "1", "a"), stock.upsert("2", "1", "a"));
        try (Jedis jedis = redis().connect(database.place())) {
            assertThat(jedis.pttl("stock:1")).isBetween(1L, 3_600_000L);
            jedis.persist("stock:2");
            write(database, stock.update("2", ABSENT, "b"));
            assertThat(jedis.pttl("stock:2")).isBetween(1L, 3_600_000L);
            assertThat(jedis.pttl("%replicator:bard")).isEqualTo(-1);
        }
    }

    @Test
    void countersOfAnyLengthAreExact() {
        ContractDatabase database = database();
        List<List<String>> sums = List.of(
                List.of("9223372036854775807", "1", "9223372036854775808"),
                List.of("-0.05", "0.050", "0.000"),
                List.of("99.9", "0.1", "100.0"),
                List.of("1.25", "-10", "-8.75"),
                List.of("-7", "-93.5", "-100.5"),
                List.of("12345678901234567890.123456789", "0.000000001", "12345678901234567890.123456790"),
                List.of("NaN", "1", "NaN"));
        Operation[] rows = new Operation[sums.size()];
        Operation[] increments = new Operation[sums.size()];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = stock.upsert(String.valueOf(i), sums.get(i).get(0), null);
            increments[i] =
                    stock.update(String.valueOf(i), "(add)" + sums.get(i).get(1), ABSENT);
        }
        write(database, rows);
        write(database, increments);
        Map<String, List<@Nullable String>> written = rows(database, stock);
        for (int i = 0; i < rows.length; i++) {
            assertThat(Objects.requireNonNull(written.get(String.valueOf(i))).get(0))
                    .isEqualTo(sums.get(i).get(2));
        }
    }

    @Test
    void aPauseDoesNotEndTheSessionThatWrites() {
        ContractDatabase database = database();
        try (Target target = database.open(stock);
                Target other = database.open()) {
            target.start();
            target.write(batch(1, stock.upsert("1", "1", "a")));
            ((PauseTarget) other).pause(new PauseMark(1, true, Instant.EPOCH, "somebody"));
            target.write(batch(2, stock.upsert("2", "2", "b")));
            ReplicatorException lost = Objects.requireNonNull(catchThrowableOfType(
                    ReplicatorException.class,
                    () -> target.write(batch(3, () -> {
                        ((PauseTarget) other).pause(new PauseMark(2, false, Instant.EPOCH, "somebody"));
                        return List.of(ContractDatabase.chunk(stock.upsert("3", "3", "c")))
                                .iterator();
                    }))));
            assertThat(lost.kind()).isEqualTo(ReplicatorException.Kind.ROLLED_BACK);
            assertThat(rows(database, stock)).containsOnlyKeys("1", "2");
            target.write(batch(3, stock.upsert("3", "3", "c")));
        }
        assertThat(rows(database, stock)).containsOnlyKeys("1", "2", "3");
    }

    @Tag("full")
    @Test
    void whatIsFlushedLaterIsDurableLater() {
        ContractDatabase database = database();
        try (Jedis jedis = redis().connect(database.place())) {
            jedis.configSet("appendfsync", "everysec");
            try (Target target = database.open(stock)) {
                target.start();
                target.write(batch(1, stock.upsert("1", "1", "a")));
                AsynchronousCommits later = (AsynchronousCommits) target;
                assertThat(later.durableBatch()).isZero();
                Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> later.durableBatch() == 1);
            } finally {
                jedis.configSet("appendfsync", "always");
            }
        }
    }

    @Test
    void aServerThatKeepsNothingIsRefusedUnlessThatIsWanted() {
        ContractDatabase database = database();
        ContractDatabase cache = new ContractDatabase(folder(), database.place(), "durability: memory");
        try (Jedis jedis = redis().connect(database.place())) {
            jedis.configSet("appendonly", "no");
            ReplicatorException refused = Objects.requireNonNull(catchThrowableOfType(
                    ReplicatorException.class, () -> database.open(stock).close()));
            assertThat(refused.code()).isEqualTo(ErrorCode.SERVER_SETTING);
            write(cache, stock.upsert("1", "1", "a"));
            assertThat(rows(cache, stock)).containsOnlyKeys("1");
        } finally {
            try (Jedis jedis = redis().connect(database.place())) {
                jedis.configSet("appendonly", "yes");
            }
        }
    }

    @Test
    void whatTheServerRefusesLeavesNothing() {
        ContractDatabase database = database();
        write(database, stock.upsert("1", "1", "a"));
        try (Jedis jedis = redis().connect(database.place())) {
            jedis.configSet("maxmemory", "1");
            ReplicatorException full = Objects.requireNonNull(catchThrowableOfType(
                    ReplicatorException.class, () -> write(database, stock.delete("1"), stock.upsert("2", "2", "b"))));
            assertThat(full.kind()).as(full.formatted()).isEqualTo(ReplicatorException.Kind.RETRYABLE);
            assertThat(full.detail()).contains("maxmemory");
        } finally {
            try (Jedis jedis = redis().connect(database.place())) {
                jedis.configSet("maxmemory", "0");
            }
        }
        assertThat(rows(database, stock)).containsOnlyKeys("1");
    }
}
