package dev.replicator.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.TableName;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;

class MarkCodecTest {
    private static final byte[] SECRET = "secret".getBytes(StandardCharsets.UTF_8);
    private static final MarkHead HEAD = new MarkHead(
            "bard",
            3,
            17,
            1_700_000_000_000_000L,
            List.of(new MarkHead.Held("shake1", 0x16B374D848L), new MarkHead.Held("shake2", 5)),
            0,
            0);

    private final MarkCodec codec = new MarkCodec("bard", SECRET);

    @Test
    void theFormatIsFrozen() {
        byte[] mark = codec.encodeOne(
                HEAD.withPart(2).withFlags(MarkHead.LAST | MarkHead.IN_ORIGIN),
                new long[] {1, -2},
                new long[] {3},
                List.of(new TableName("public", "t")));
        assertThat(HexFormat.of().formatHex(mark))
                .isEqualTo(
                        "52504c4d02" // magic, version
                                + "3e6b14a58822cc4adca86bb1b03e762e" // signature
                                + "0004626172640600000002" // sync, flags, part
                                + "0000000000000003000000000000001100060a24181e4000" // fence, batch, H
                                + "000200067368616b653100000016b374d848"
                                + "00067368616b65320000000000000005" // V
                                + "7400067075626c6963000174" // a table
                                + "77000000000000000177fffffffffffffffe" // keys
                                + "6d0000000000000003");
    }

    @Test
    void whatWasEncodedIsDecoded() {
        List<byte[]> messages =
                codec.encode(HEAD, new long[] {1, -2}, new long[] {3}, List.of(new TableName("public", "Ünlü")));
        assertThat(messages).hasSize(1);
        DecodedMark mark = codec.decode(messages.get(0)).orElseThrow();
        assertThat(mark.head()).isEqualTo(HEAD.withFlags(MarkHead.LAST));
        assertThat(mark.head().heldOf("shake1")).isEqualTo(0x16B374D848L);
        assertThat(mark.head().heldOf("nobody")).isZero();
        assertThat(mark.written()).containsExactly(1, -2);
        assertThat(mark.missed()).containsExactly(3);
        assertThat(mark.truncated()).containsExactly(new TableName("public", "Ünlü"));
    }

    @Test
    void manyKeysAreSplitAndOnlyTheLastMessageSaysSo() {
        long[] written = LongStream.range(0, 20_000).toArray();
        long[] missed = LongStream.range(100_000, 104_001).toArray();
        List<DecodedMark> marks = codec.encode(HEAD, written, missed, List.of()).stream()
                .map(message -> codec.decode(message).orElseThrow())
                .toList();
        assertThat(marks).hasSize(4);
        assertThat(marks).extracting(mark -> mark.head().isLast()).containsExactly(false, false, false, true);
        assertThat(marks.stream().flatMapToLong(mark -> Arrays.stream(mark.written())))
                .containsExactly(Arrays.stream(written).boxed().toArray(Long[]::new));
        assertThat(marks.stream().flatMapToLong(mark -> Arrays.stream(mark.missed())))
                .containsExactly(Arrays.stream(missed).boxed().toArray(Long[]::new));
    }

    @Test
    void aBatchWithoutKeysStillLeavesAMark() {
        List<byte[]> messages = codec.encode(HEAD, new long[0], new long[0], List.of());
        assertThat(messages).hasSize(1);
        assertThat(codec.decode(messages.get(0)).orElseThrow().head().isLast()).isTrue();
    }

    @Test
    void partsAreNumberedFromTheHeadsOwn() {
        assertThat(codec.encode(HEAD.withPart(3), new long[8_001], new long[0], List.of()))
                .extracting(
                        message -> codec.decode(message).orElseThrow().head().part())
                .containsExactly(3, 4);
    }

    @Test
    void anotherSecretOrAnyChangedByteIsNotOurs() {
        byte[] content = codec.encodeOne(HEAD, new long[] {7}, new long[] {8}, List.of(new TableName("s", "t")));
        assertThat(codec.decode(content)).isPresent();
        assertThat(codec.decode(Arrays.copyOf(content, content.length - 9)))
                .as("a key less")
                .isEmpty();
        assertThat(new MarkCodec("bard", new byte[] {1}).decode(content)).isEmpty();
        assertThat(codec.isOfAnotherSync(content)).isFalse();
        for (int i = 0; i < content.length; i++) {
            byte[] forged = content.clone();
            forged[i] ^= 1;
            assertThat(codec.decode(forged)).as("byte " + i).isEmpty();
        }
    }

    @Test
    void theMarkOfAnotherSyncIsToldFromAForgedOne() {
        MarkCodec other = new MarkCodec("other", SECRET);
        byte[] content = bare(other, new MarkHead("other", 1, 1, 1, List.of(), 0, 0));
        assertThat(codec.decode(content)).isEmpty();
        assertThat(codec.isOfAnotherSync(content)).isTrue();
    }

    @Test
    void aSignedMarkOfANewerFormatIsRefusedByName() throws Exception {
        byte[] content = bare(codec, HEAD);
        content[4] = 9;
        assertThat(codec.decode(content))
                .as("not signed: anyone may have written it")
                .isEmpty();
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(SECRET, "HmacSHA256"));
        mac.update(content, 0, 5);
        mac.update(content, 21, content.length - 21);
        System.arraycopy(mac.doFinal(), 0, content, 5, 16);
        assertThatThrownBy(() -> codec.decode(content)).isInstanceOfSatisfying(ReplicatorException.class, e -> {
            assertThat(e.code()).isEqualTo(ErrorCode.FORMAT_TOO_NEW);
            assertThat(e.formatted()).contains("format 9");
        });
    }

    @Test
    void anyBytesAtAllAreEitherAMarkOrNotOurs() {
        Random random = new Random(7);
        byte[] valid =
                codec.encode(HEAD, new long[] {1}, new long[] {2}, List.of()).get(0);
        for (int round = 0; round < 50_000; round++) {
            byte[] content = Arrays.copyOf(valid, random.nextInt(valid.length + 1));
            for (int flips = random.nextInt(4); flips > 0 && content.length > 0; flips--) {
                content[random.nextInt(content.length)] = (byte) random.nextInt();
            }
            codec.decode(content);
            codec.isOfAnotherSync(content);
        }
        byte[] cutInAKey = Arrays.copyOf(valid, valid.length - 1);
        assertThat(codec.decode(cutInAKey)).isEmpty();
    }

    private static byte[] bare(MarkCodec codec, MarkHead head) {
        return codec.encodeOne(head, new long[0], new long[0], List.of());
    }
}
