package dev.replicator.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.error.ReplicatorException.Kind;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.NotEnoughReplicasException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.junit.jupiter.api.Test;

final class KafkaErrorsTest {
    private static void assertKind(Throwable failure, Kind kind, ErrorCode code) {
        ReplicatorException error = KafkaErrors.of("write", failure);
        assertThat(error.kind()).as(error.formatted()).isEqualTo(kind);
        assertThat(error.code()).as(error.formatted()).isEqualTo(code);
        assertThat(error.primary()).startsWith(kind == Kind.RETRYABLE ? "could not write" : "cannot write");
    }

    @Test
    void theClassDecidesWhateverCarriesIt() {
        assertKind(new TimeoutException("late"), Kind.RETRYABLE, ErrorCode.CONNECTION);
        assertKind(
                new KafkaException("in error", new NotEnoughReplicasException("1")),
                Kind.RETRYABLE,
                ErrorCode.CONNECTION);
        assertKind(new ExecutionException(new SaslAuthenticationException("no")), Kind.FATAL, ErrorCode.AUTHENTICATION);
        assertKind(new TopicAuthorizationException("no"), Kind.FATAL, ErrorCode.PRIVILEGE);
        assertKind(new KafkaException("what is this"), Kind.FATAL, ErrorCode.SERVER_SETTING);
        assertThat(KafkaErrors.isOvertaken(new KafkaException("in error", new ProducerFencedException("other"))))
                .isTrue();
        assertThat(KafkaErrors.isOvertaken(new TimeoutException("late"))).isFalse();
    }
}
