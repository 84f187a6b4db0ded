package dev.replicator.resolve;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class HashIndexTest {
    @Test
    void findsWhatWasPutUntilItIsRemovedInMemoryAndInAFile() {
        for (int size : new int[] {10, 100_000}) {
            try (HashIndex index = new HashIndex(Path.of(System.getProperty("java.io.tmpdir")), size)) {
                Map<Long, Long> expected = new HashMap<>();
                Random random = new Random(7);
                for (long number = 0; number < size; number++) {
                    long hash = random.nextLong();
                    index.put(hash, number);
                    expected.put(hash, number);
                }
                for (long hash : expected.keySet().stream().limit(size / 3).toList()) {
                    index.remove(hash);
                    expected.put(hash, -1L);
                }
                expected.forEach((hash, number) -> assertThat(index.get(hash)).isEqualTo(number));
                assertThat(index.get(random.nextLong())).isEqualTo(-1);
            }
        }
    }
}
