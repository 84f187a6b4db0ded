package dev.replicator.kafka;

import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.error.ReplicatorException.Kind;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.common.InvalidRecordException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.InvalidPartitionsException;
import org.apache.kafka.common.errors.InvalidPidMappingException;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.InvalidReplicationFactorException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.InvalidTxnStateException;
import org.apache.kafka.common.errors.OutOfOrderSequenceException;
import org.apache.kafka.common.errors.PolicyViolationException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.TransactionAbortableException;
import org.apache.kafka.common.errors.TransactionAbortedException;
import org.apache.kafka.common.errors.UnknownProducerIdException;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.apache.kafka.common.errors.WakeupException;

/** Failures of Kafka's client as this program's, by the class of the exception, never by its text. */
final class KafkaErrors {
    private static final String RIGHTS =
            "Grant what connectors/kafka/README.md lists (kafka-acls): Write and Describe on the topics and on the"
                    + " transactional id, Read on the topic of the progress, Create where topics are to be created.";

    private KafkaErrors() {}

    /** What really failed: without the wrappers of futures, and of calls after an earlier failure. */
    static Throwable cause(Throwable e) {
        Throwable cause = e;
        while (cause.getCause() != null
                && (cause instanceof ExecutionException || cause.getClass() == KafkaException.class)) {
            cause = cause.getCause();
        }
        return cause;
    }

    /** Whether the broker has ended the producer's transaction, or given its transactional id to another. */
    static boolean isOvertaken(Throwable e) {
        Throwable cause = cause(e);
        return cause instanceof ProducerFencedException
                || cause instanceof InvalidProducerEpochException
                || cause instanceof InvalidPidMappingException
                || cause instanceof InvalidTxnStateException
                || cause instanceof UnknownProducerIdException
                || cause instanceof OutOfOrderSequenceException
                || cause instanceof TransactionAbortedException
                || cause instanceof TransactionAbortableException;
    }

    /** {@code doing}: completes "could not ...". */
    static ReplicatorException of(String doing, Throwable failure) {
        Throwable e = cause(failure);
        if (e instanceof RetriableException
                || isOvertaken(e)
                || e instanceof WakeupException
                || e instanceof InterruptException) {
            return ReplicatorException.retryable(
                    ErrorCode.CONNECTION, "could not " + doing, detail("Kafka's client says", e), e);
        }
        if (e instanceof AuthenticationException) {
            return fatal(
                    ErrorCode.AUTHENTICATION,
                    doing,
                    e,
                    "Check user, password and the option sasl_mechanism; for TLS, that the broker's certificate is"
                            + " known (option client: ssl.truststore.location).");
        }
        if (e instanceof AuthorizationException) {
            return fatal(ErrorCode.PRIVILEGE, doing, e, RIGHTS);
        }
        if (e instanceof ConfigException) {
            return fatal(ErrorCode.CONFIGURATION, doing, e, "See the options of the database, above all client.");
        }
        if (e instanceof InvalidRecordException) {
            return fatal(
                    ErrorCode.TABLE,
                    doing,
                    e,
                    "A compacted topic takes no message without a key, and that of a TRUNCATE has none: set the topic's"
                            + " cleanup.policy to delete, or leave truncate out of the operations of the table.");
        }
        if (e instanceof InvalidReplicationFactorException
                || e instanceof InvalidPartitionsException
                || e instanceof InvalidConfigurationException
                || e instanceof InvalidTopicException
                || e instanceof PolicyViolationException) {
            return fatal(
                    ErrorCode.CONFIGURATION,
                    doing,
                    e,
                    "See the options topic, partitions, replication_factor and max_message; or create the topics"
                            + " yourself.");
        }
        if (e instanceof UnsupportedVersionException) {
            return fatal(ErrorCode.SERVER_SETTING, doing, e, "Kafka 2.1 and newer is supported.");
        }
        return fatal(ErrorCode.SERVER_SETTING, doing, e, "Look into the broker's log.");
    }

    /** A transactional id that the broker does not give; the client has no class for most of the reasons. */
    static ReplicatorException ofInitialization(String doing, KafkaException e, Duration transactionTimeout) {
        if (e.getClass() != KafkaException.class || e.getCause() != null) {
            return of(doing, e);
        }
        return fatal(
                ErrorCode.SERVER_SETTING,
                doing,
                e,
                "The option transaction_timeout is " + transactionTimeout.toSeconds()
                        + " s; it may not be above transaction.max.timeout.ms of the brokers, which is 900 s unless set.");
    }

    static String detail(String who, Throwable e) {
        String name = e.getClass().getSimpleName();
        String text = Objects.requireNonNullElse(e.getMessage(), "");
        return who + " " + name + (text.isEmpty() ? "" : ": " + text) + (text.endsWith(".") ? "" : ".");
    }

    private static ReplicatorException fatal(ErrorCode code, String doing, Throwable e, String hint) {
        String who = e instanceof ApiException ? "The broker answers" : "Kafka's client says";
        return new ReplicatorException(Kind.FATAL, code, "cannot " + doing, detail(who, e), hint, e);
    }
}
