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
 * 4 bytes  "RPLM"
 * 1        format version
 * 16       signature: HMAC-SHA256 by the master's secret of all other bytes, cut
 * 2 + n    name of the sync, UTF-8
 * 1        flags
 * 4        part: number of this message among those of its batch
 * 8 8 8    fence, batch, H
 * 2        entries of V, each: 2 + n source name, 8 position
 * keys     to the end, any number in any order, each:
 *          'w' or 'm', 8: hash of a key written, or of one that met no row
 *          't', 2 + n schema, 2 + n name: a table truncated
 * </pre>
 *
 * <p>Design: every role may emit such a message, and a role that may read the log has seen genuine ones. So:
 *
 * <ul>
 *   <li>Nothing is believed before the signature, the version included. It covers every byte, so that no key can be added
 *       to a mark, taken from it or put into another one. Signature and version stand at the same place in all versions;
 *       formats below {@value #FORMAT} signed less, and count as not signed.
 *   <li>A genuine mark that is emitted again is told by its numbers: within one log (fence, batch) only rise, because the
 *       session that writes holds the fence, and parts count up within a transaction. The reader refuses what is not
 *       above the last mark of that log. It keeps that number over restarts: where reading starts, the number of the last
 *       mark below is stored with the position ({@link dev.replicator.model.SourceState}). So marks that are read again
 *       count again, and copies of them do not.
 *   <li>A copy that is emitted before its original has been read would have to be made from a log that was not decoded
 *       yet: logical decoding shows a message only after its commit, and then the original stands before the copy. Where
 *       the batch has our origin the mark says so, and counts in no other transaction.
 *   <li>The secret is the master's own, for one sync: a mark of another master or sync is not signed by it.
 *   <li>Who may read the database's files or take a base backup can read the secret as well; against that nothing here
 *       helps. Neither position nor transaction id are signed: both are known only while the transaction runs, and asking
 *       for them would cost a round trip.
 * </ul>
 *
 * <p>One thread.
 */
public final class MarkCodec {
    /** The one format this version reads and writes. */
    public static final int FORMAT = 2;
    /** Keys listed by one message; a batch of more leaves several. */
    public static final int MAX_KEYS = 8_000;

    private static final byte WRITTEN = 'w';
    private static final byte MISSED = 'm';
    private static final byte TRUNCATED = 't';

    private static final byte[] MAGIC = {'R', 'P', 'L', 'M'};
    private static final int SIGNATURE_AT = MAGIC.length + 1;
    private static final int SIGNATURE = 16;
    private static final int BODY_AT = SIGNATURE_AT + SIGNATURE;

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

    /**
     * The messages for these keys, numbered from the head's part on: at most {@link #MAX_KEYS} keys in each, the last one
     * flagged. Never none.
     */
    public List<byte[]> encode(MarkHead head, long[] written, long[] missed, List<TableName> truncated) {
        List<byte[]> messages = new ArrayList<>();
        int total = written.length + missed.length;
        int from = 0;
        do {
            int to = Math.min(total, from + MAX_KEYS);
            int writtenTo = Math.min(to, written.length);
            MarkHead part = head.withPart(head.part() + messages.size());
            messages.add(encodeOne(
                    to == total ? part.withFlags(part.flags() | MarkHead.LAST) : part,
                    from < writtenTo ? Arrays.copyOfRange(written, from, writtenTo) : new long[0],
                    to > written.length
                            ? Arrays.copyOfRange(
                                    missed, Math.max(from, written.length) - written.length, to - written.length)
                            : new long[0],
                    from == 0 ? truncated : List.of()));
            from = to;
        } while (from < total);
        return messages;
    }

    /** One message, with the head as it is. */
    public byte[] encodeOne(MarkHead head, long[] written, long[] missed, List<TableName> truncated) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(256 + 9 * (written.length + missed.length));
        out.writeBytes(MAGIC);
        out.write(FORMAT);
        out.writeBytes(new byte[SIGNATURE]);
        putText(out, head.sync());
        out.write(head.flags());
        putShort(out, head.part() >>> 16);
        putShort(out, head.part() & 0xFFFF);
        putLong(out, head.fence());
        putLong(out, head.batch());
        putLong(out, head.highest());
        putShort(out, head.held().size());
        for (MarkHead.Held entry : head.held()) {
            putText(out, entry.source());
            putLong(out, entry.position());
        }
        for (TableName table : truncated) {
            out.write(TRUNCATED);
            putText(out, table.schema());
            putText(out, table.name());
        }
        putKeys(out, WRITTEN, written);
        putKeys(out, MISSED, missed);
        byte[] content = out.toByteArray();
        System.arraycopy(sign(content), 0, content, SIGNATURE_AT, SIGNATURE);
        return content;
    }

    private static void putKeys(ByteArrayOutputStream out, byte what, long[] hashes) {
        ByteBuffer keys = ByteBuffer.allocate(9 * hashes.length);
        for (long hash : hashes) {
            keys.put(what).putLong(hash);
        }
        out.writeBytes(keys.array());
    }

    /**
     * The mark, if the message is one of this sync with a valid signature; any other message is none of ours. A validly
     * signed one of a newer format is a fatal error.
     */
    public Optional<DecodedMark> decode(byte[] content) {
        if (!isMark(content) || !sync.equals(syncOf(content))) {
            return Optional.empty();
        }
        byte[] signature = Arrays.copyOfRange(content, SIGNATURE_AT, BODY_AT);
        if (!MessageDigest.isEqual(signature, Arrays.copyOf(sign(content), SIGNATURE))) {
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
            return format == FORMAT ? Optional.of(decodeBody(content)) : Optional.empty();
        } catch (BufferUnderflowException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** Whether a message that {@link #decode} does not accept names another sync, and so is nothing to warn about. */
    public boolean isOfAnotherSync(byte[] content) {
        return isMark(content) && !sync.equals(syncOf(content));
    }

    private static boolean isMark(byte[] content) {
        return content.length >= BODY_AT && Arrays.equals(content, 0, MAGIC.length, MAGIC, 0, MAGIC.length);
    }

    private static String syncOf(byte[] content) {
        try {
            return getText(ByteBuffer.wrap(content, BODY_AT, content.length - BODY_AT));
        } catch (BufferUnderflowException e) {
            return "";
        }
    }

    private static DecodedMark decodeBody(byte[] content) {
        ByteBuffer in = ByteBuffer.wrap(content, BODY_AT, content.length - BODY_AT);
        String name = getText(in);
        int flags = in.get();
        int part = in.getInt();
        long fence = in.getLong();
        long batch = in.getLong();
        long highest = in.getLong();
        List<MarkHead.Held> held = new ArrayList<>();
        for (int entries = in.getShort() & 0xFFFF; entries > 0; entries--) {
            held.add(new MarkHead.Held(getText(in), in.getLong()));
        }
        return decodeKeys(new MarkHead(name, fence, batch, highest, held, flags, part), in);
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

    /** Of all bytes but the signature's own. */
    private byte[] sign(byte[] content) {
        mac.update(content, 0, SIGNATURE_AT);
        mac.update(content, BODY_AT, content.length - BODY_AT);
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
