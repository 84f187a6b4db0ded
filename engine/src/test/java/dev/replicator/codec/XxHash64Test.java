package dev.replicator.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class XxHash64Test {
    @Test
    void publishedValuesAreReproduced() {
        assertThat(hash("", 0)).isEqualTo(0xEF46DB3751D8E999L);
        assertThat(hash("a", 0)).isEqualTo(0xD24EC4F1A98C6E5BL);
        assertThat(hash("abc", 0)).isEqualTo(0x44BC2CF5AD770999L);
        assertThat(hash("Nobody inspects the spammish repetition", 0)).isEqualTo(0xFBCEA83C8A378BF1L);
    }

    @Test
    void bytesAroundTheRangeDoNotCount() {
        byte[] padded = "xxNobody inspects the spammish repetitionyy".getBytes(StandardCharsets.UTF_8);
        assertThat(XxHash64.hash(padded, 2, padded.length - 4, 0)).isEqualTo(0xFBCEA83C8A378BF1L);
    }

    private static long hash(String text, long seed) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return XxHash64.hash(bytes, 0, bytes.length, seed);
    }
}
