package dev.replicator.opensearch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.replicator.error.ReplicatorException;
import dev.replicator.error.ReplicatorException.Kind;
import org.junit.jupiter.api.Test;

final class VersionsTest {
    private static final long LAST_REQUEST = (1L << 32) - 1;

    @Test
    void laterRequestsAndLaterSessionsHaveLargerVersions() {
        Versions first = new Versions(1);
        long one = first.next();
        assertThat(first.next()).isGreaterThan(one);
        long last = new Versions(1, LAST_REQUEST - 1).next();
        assertThat(new Versions(2).next()).isGreaterThan(last);
        assertThat(Versions.fence(last)).isEqualTo(1);
        assertThat(new Versions(Versions.LARGEST_FENCE, LAST_REQUEST - 1).next())
                .isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void aSessionThatHasUsedItsNumbersUpMakesWayForAnother() {
        Versions versions = new Versions(7, LAST_REQUEST);
        assertThatThrownBy(versions::next)
                .isInstanceOfSatisfying(
                        ReplicatorException.class,
                        failure -> assertThat(failure.kind()).isEqualTo(Kind.RETRYABLE));
        assertThatThrownBy(() -> new Versions(Versions.LARGEST_FENCE + 1)).isInstanceOf(IllegalArgumentException.class);
    }
}
