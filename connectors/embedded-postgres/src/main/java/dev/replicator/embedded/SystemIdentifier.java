package dev.replicator.embedded;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.zip.CRC32C;

/**
 * Gives a data directory that was copied, and never started, a system identifier of its own: to PostgreSQL, and to
 * whoever asks which cluster it talks to, a copy would be the same cluster as its original.
 *
 * <p>The identifier stands first in {@code global/pg_control}, under a checksum, and in the header of each segment of the
 * write-ahead log. Source: {@code ControlFileData} in pg_control.h, {@code XLogLongPageHeaderData} in xlog_internal.h.
 */
final class SystemIdentifier {
    private static final int SEGMENT_HEADER_OFFSET = 24;
    private static final int SMALLEST_CONTROL = 100;
    private static final int CONTROL_BYTES = 512;
    private static final SecureRandom RANDOM = new SecureRandom();

    private SystemIdentifier() {}

    static void renew(Path dataDirectory) throws IOException {
        long identifier = Instant.now().getEpochSecond() << 32 | RANDOM.nextInt() & 0xFFFFFFFFL;
        Path control = dataDirectory.resolve("global").resolve("pg_control");
        byte[] bytes = Files.readAllBytes(control);
        int end = checksumOffset(bytes);
        ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
        buffer.putLong(0, identifier);
        buffer.putInt(end, checksum(bytes, end));
        Files.write(control, bytes);
        try (DirectoryStream<Path> segments =
                Files.newDirectoryStream(dataDirectory.resolve("pg_wal"), "[0-9A-F]*[0-9A-F]")) {
            for (Path segment : segments) {
                writeHeader(segment, identifier);
            }
        }
    }

    private static void writeHeader(Path segment, long identifier) throws IOException {
        try (var channel = Files.newByteChannel(segment, StandardOpenOption.WRITE)) {
            ByteBuffer value = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.nativeOrder());
            value.putLong(0, identifier);
            channel.position(SEGMENT_HEADER_OFFSET);
            channel.write(value);
        }
    }

    /** Where the checksum stands differs between versions; it is the place that holds the checksum of what is before. */
    private static int checksumOffset(byte[] control) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(control).order(ByteOrder.nativeOrder());
        for (int end = SMALLEST_CONTROL; end < Math.min(CONTROL_BYTES, control.length - Integer.BYTES); end += 4) {
            if (buffer.getInt(end) == checksum(control, end)) {
                return end;
            }
        }
        throw new IOException("no checksum was found in pg_control");
    }

    private static int checksum(byte[] bytes, int end) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, end);
        return (int) crc.getValue();
    }
}
