package dev.replicator.file;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Lines that end with a line feed, and where they end. Of a long line only the beginning is kept. */
final class LineReader {
    /** More than the line of a progress takes. */
    private static final int KEPT_BYTES = 1 << 20;

    private static final int BUFFER_BYTES = 1 << 16;

    private final InputStream in;
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private int at;
    private int filled;
    private long position;

    LineReader(InputStream in) {
        this.in = in;
    }

    /** Bytes up to the end of the last line. */
    long position() {
        return position;
    }

    /** The next line without its line feed; null when there is none that ends. */
    @Nullable
    String next() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        long length = 0;
        while (true) {
            int end = at;
            while (end < filled && buffer[end] != '\n') {
                end++;
            }
            line.write(buffer, at, Math.max(0, Math.min(end - at, KEPT_BYTES - line.size())));
            length += end - at;
            if (end < filled) {
                at = end + 1;
                position += length + 1;
                return line.toString(StandardCharsets.UTF_8);
            }
            at = 0;
            filled = in.read(buffer);
            if (filled < 0) {
                filled = 0;
                return null;
            }
        }
    }
}
