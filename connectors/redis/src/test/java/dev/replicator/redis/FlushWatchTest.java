package dev.replicator.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

final class FlushWatchTest {
    private static final Map<String, String> QUIET = info("0", "0");
    private static final Map<String, String> FLUSHING = info("0", "1");
    private static final Map<String, String> BUFFERED = info("17", "0");

    private final FlushWatch watch = new FlushWatch();

    private static Map<String, String> info(String buffered, String pending) {
        return Map.of("aof_buffer_length", buffered, "aof_pending_bio_fsync", pending, "aof_last_write_status", "ok");
    }

    private long observe(long written, Map<String, String> info, long tenths) {
        return watch.observe(written, info, tenths * 100_000_000L);
    }

    @Test
    void aBatchIsDurableOnceAFlushThatBeganAfterItHasEnded() {
        assertThat(observe(1, QUIET, 0)).isZero();
        assertThat(observe(2, QUIET, 24)).isZero();
        assertThat(observe(2, QUIET, 26)).isZero();
        assertThat(observe(3, FLUSHING, 27)).isZero();
        assertThat(observe(4, QUIET, 28)).isEqualTo(1);
        assertThat(observe(4, QUIET, 60)).isEqualTo(1);
        assertThat(observe(5, QUIET, 61)).isEqualTo(4);
    }

    @Test
    void whileSomethingWaitsToBeWrittenNothingBegins() {
        assertThat(observe(1, BUFFERED, 0)).isZero();
        assertThat(observe(1, FLUSHING, 30)).isZero();
        assertThat(observe(1, QUIET, 60)).isZero();
        assertThat(observe(1, QUIET, 61)).isZero();
        assertThat(observe(1, QUIET, 90)).isZero();
        assertThat(observe(1, QUIET, 91)).isEqualTo(1);
    }

    @Test
    void whatTheServerDoesNotTellIsNotDurable() {
        for (int i = 0; i < 10; i++) {
            assertThat(observe(1, Map.of(), i * 100L)).isZero();
        }
    }
}
