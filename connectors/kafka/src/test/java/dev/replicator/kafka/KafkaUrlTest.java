package dev.replicator.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class KafkaUrlTest {
    @Test
    void aUrlNamesBrokersAndWhetherTheyAreAskedOverTls() {
        assertThat(KafkaUrl.parse("kafka://a.example,b.example:9093/"))
                .isEqualTo(new KafkaUrl(List.of("a.example:9092", "b.example:9093"), false));
        assertThat(KafkaUrl.parse("kafkas://[::1],[::1]:9094"))
                .isEqualTo(new KafkaUrl(List.of("[::1]:9092", "[::1]:9094"), true));
    }

    @Test
    void whatIsNoneIsRefused() {
        for (String url : List.of("kafka://a", "kafkas://a:1,b:2", "kafka://[::1]:9092")) {
            assertThat(KafkaUrl.problemOf(url)).as(url).isNull();
        }
        for (String url :
                List.of("kafka:a", "kafka://", "kafka://a,", "kafka://a:70000", "kafka://a/topic", "kafka://a?x=y")) {
            assertThat(KafkaUrl.problemOf(url)).as(url).isNotNull();
        }
    }
}
