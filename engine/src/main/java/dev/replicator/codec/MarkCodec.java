package dev.replicator.codec;

import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.TableName;
import java.io.ByteArrayOutputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Marks as the bytes of logical messages, for one sync on one master.
 *
 * <p>Layout, big-endian:
 *
 * <pre>
 * head       4 bytes  "RPLM"
 *            1        format version
 *            2        length of what follows up to the signature
 *            2 + n    name of the sync, UTF-8
 *            1        flags
 *            8 8 8    fence, batch, H
 *            2        entries of V, each: 2 + n source name, 8 position
 * signature  16       HMAC-SHA256 of the head by the master's secret, cut
 * keys       to the end, any number in any order, each:
 *            'w' or 'm', 8: hash of a key written, or of one that met no row
 *            't', 2 + n schema, 2 + n name: a table truncated
 * </pre>
 *
 * The keys stand outside the signature, one after the other without a count, so that the server can append them while it
 * writes ({@code head || decode(..., 'hex') || int8send(hash)}): what a statement met is known only there. Everyone may
 * emit such a message, so nothing is believed before the signature, the version included; up to the signature the layout
 * is the same in all versions. One thread.
 */
public final class MarkCodec {
    /** The newest format this version reads, and the one it writes. */
    public static final int FORMAT = 1;
    /** Keys listed by one message; a batch of more leaves several. */
    public static final int MAX_KEYS = 8_000;

    /** Leads the hash of a key that was written. */
    public static final byte WRITTEN = 'w';
    /** Leads the hash of a key for which no row was met. */
    public static final byte MISSED = 'm';
    /** Leads the name of a table that was truncated. */
    public static final byte TRUNCATED = 't';

    private static final byte[] MAGIC = {'R', 'P', 'L', 'M'};
    private static final int PREAMBLE = MAGIC.length + 3;
    private static final int SIGNATURE = 16;

    private final String sync;
    private final Mac mac;

    /** For the marks of {@code sync} on the master whose secret this is. */
    public MarkCodec(String sync, byte[] secret) {
        this.sync = sync;
        try {
            this.mac = Mac.getInstance("HmacSHA256");
            this.mac.init(new SecretKeySpec(secret, "HmacSHA256"));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has HmacSHA256", e);
        }
    }

    /** The messages of a batch: at most {@link #MAX_KEYS} keys in each, the last one flagged. Never none. */
    public List<byte[]> encode(MarkHead head, long[] written, long[] missed, List<TableName> truncated) {
        List<byte[]> messages = new ArrayList<>();
        int total = written.length + missed.length;
        int from = 0;
        do {
            int to = Math.min(total, from + MAX_KEYS);
            boolean last = to == total;
            ByteArrayOutputStream out = new ByteArrayOutputStream(256 + 9 * (to - from));
            out.writeBytes(encodeHead(head.withFlags(last ? head.flags() | MarkHead.LAST : head.flags())));
            if (from == 0) {
                truncated.forEach(table -> out.writeBytes(encodeTruncated(table)));
            }
            for (int i = from; i < to; i++) {
                boolean wrote = i < written.length;
                out.writeBytes(encodeKey(wrote ? WRITTEN : MISSED, wrote ? written[i] : missed[i - written.length]));
            }
            messages.add(out.toByteArray());
            from = to;
        } while (from < total);
        return messages;
    }

    /** Head and signature alone, with the flags as they are: what the keys are appended to. */
    public byte[] encodeHead(MarkHead head) {
        ByteArrayOutputStream body = new ByteArrayOutputStream(128);
        putText(body, head.sync());
        body.write(head.flags());
        putLong(body, head.fence());
        putLong(body, head.batch());
        putLong(body, head.highest());
        putShort(body, head.held().size());
        for (MarkHead.Held entry : head.held()) {
            putText(body, entry.source());
            putLong(body, entry.position());
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream(PREAMBLE + body.size() + SIGNATURE);
        out.writeBytes(MAGIC);
        out.write(FORMAT);
        putShort(out, body.size());
        out.writeBytes(body.toByteArray());
        byte[] signed = out.toByteArray();
        out.write(sign(signed, signed.length), 0, SIGNATURE);
        return out.toByteArray();
    }

    /** One key as it is appended to a head. */
    public static byte[] encodeKey(byte what, long hash) {
        return ByteBuffer.allocate(9).put(what).putLong(hash).array();
    }

    /** One truncated table as it is appended to a head. */
    public static byte[] encodeTruncated(TableName table) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(TRUNCATED);
        putText(out, table.schema());
        putText(out, table.name());
        return out.toByteArray();
    }

    /**
     * The mark, if the message is one of this sync with a valid signature; any other message is none of ours. A validly
     * signed one of a newer format is a fatal error.
     */
    public Optional<DecodedMark> decode(byte[] content) {
        int signedLength = signedLength(content);
        if (signedLength < 0 || !sync.equals(syncOf(content))) {
            return Optional.empty();
        }
        byte[] signature = Arrays.copyOfRange(content, signedLength, signedLength + SIGNATURE);
        if (!MessageDigest.isEqual(signature, Arrays.copyOf(sign(content, signedLength), SIGNATURE))) {
            return Optional.empty();
        }
        int format = content[MAGIC.length] & 0xFF;
        if (format > FORMAT) {
            throw ReplicatorException.fatal(
                    ErrorCode.FORMAT_TOO_NEW,
                    "cannot read the marks of sync \"" + sync + "\"",
                    "They have format " + format + "; this version knows formats up to " + FORMAT + ".",
                    "Run the version of replicator that wrote them, or a newer one.");
        }
        try {
            return Optional.of(decodeBody(content, signedLength));
        } catch (BufferUnderflowException | IllegalArgumentException e) {
            // Whoever could sign the head cannot have cut off the keys: not a message of ours after all.
            return Optional.empty();
        }
    }

    /** Whether a message that {@link #decode} does not accept names another sync, and so is nothing to warn about. */
    public boolean isOfAnotherSync(byte[] content) {
        return signedLength(content) >= 0 && !sync.equals(syncOf(content));
    }

    /** Where the signature starts, or -1 when the bytes are no mark of any version. */
    private static int signedLength(byte[] content) {
        if (content.length < PREAMBLE + SIGNATURE || !Arrays.equals(content, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
            return -1;
        }
        int length = PREAMBLE + ((content[PREAMBLE - 2] & 0xFF) << 8 | (content[PREAMBLE - 1] & 0xFF));
        return length + SIGNATURE <= content.length ? length : -1;
    }

    private static String syncOf(byte[] content) {
        ByteBuffer in = ByteBuffer.wrap(content, PREAMBLE, signedLength(content) - PREAMBLE);
        try {
            return getText(in);
        } catch (BufferUnderflowException e) {
            return "";
        }
    }

    private DecodedMark decodeBody(byte[] content, int signedLength) {
        ByteBuffer in = ByteBuffer.wrap(content, PREAMBLE, signedLength - PREAMBLE);
        String name = getText(in);
        int flags = in.get();
        long fence = in.getLong();
        long batch = in.getLong();
        long highest = in.getLong();
        List<MarkHead.Held> held = new ArrayList<>();
        for (int entries = in.getShort() & 0xFFFF; entries > 0; entries--) {
            held.add(new MarkHead.Held(getText(in), in.getLong()));
        }
        MarkHead head = new MarkHead(name, fence, batch, highest, held, flags);
        int keysAt = signedLength + SIGNATURE;
        return decodeKeys(head, ByteBuffer.wrap(content, keysAt, content.length - keysAt));
    }

    private static DecodedMark decodeKeys(MarkHead head, ByteBuffer in) {
        long[] written = new long[in.remaining() / 9];
        long[] missed = new long[in.remaining() / 9];
        int writtenCount = 0;
        int missedCount = 0;
        List<TableName> truncated = new ArrayList<>();
        while (in.hasRemaining()) {
            switch (in.get()) {
                case WRITTEN -> written[writtenCount++] = in.getLong();
                case MISSED -> missed[missedCount++] = in.getLong();
                case TRUNCATED -> truncated.add(new TableName(getText(in), getText(in)));
                default -> throw new IllegalArgumentException("unknown entry");
            }
        }
        return new DecodedMark(
                head, Arrays.copyOf(written, writtenCount), Arrays.copyOf(missed, missedCount), truncated);
    }

    private byte[] sign(byte[] content, int length) {
        mac.update(content, 0, length);
        return mac.doFinal();
    }

    private static String getText(ByteBuffer in) {
        int length = in.getShort() & 0xFFFF;
        if (length > in.remaining()) {
            throw new BufferUnderflowException();
        }
        String text = new String(in.array(), in.arrayOffset() + in.position(), length, StandardCharsets.UTF_8);
        in.position(in.position() + length);
        return text;
    }

    private static void putText(ByteArrayOutputStream out, String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        putShort(out, utf8.length);
        out.writeBytes(utf8);
    }

    private static void putShort(ByteArrayOutputStream out, int value) {
        if (value > 0xFFFF) {
            throw new IllegalArgumentException(value + " does not fit into a mark");
        }
        out.write(value >>> 8);
        out.write(value);
    }

    private static void putLong(ByteArrayOutputStream out, long value) {
        putShort(out, (int) (value >>> 48));
        putShort(out, (int) (value >>> 32) & 0xFFFF);
        putShort(out, (int) (value >>> 16) & 0xFFFF);
        putShort(out, (int) value & 0xFFFF);
    }
}
