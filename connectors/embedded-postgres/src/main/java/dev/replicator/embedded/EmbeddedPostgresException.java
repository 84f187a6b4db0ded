package dev.replicator.embedded;

import org.jspecify.annotations.Nullable;

/**
 * A server could not be provided. The message reads as PostgreSQL prints an error: what failed, then DETAIL (often the
 * end of the server's log), then HINT.
 */
public final class EmbeddedPostgresException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    EmbeddedPostgresException(String what, String detail, @Nullable String hint, @Nullable Throwable cause) {
        super(format(what, detail, hint), cause);
    }

    private static String format(String what, String detail, @Nullable String hint) {
        StringBuilder text = new StringBuilder(what);
        text.append("\nDETAIL:  ").append(detail.strip().replace("\n", "\n         "));
        if (hint != null) {
            text.append("\nHINT:    ").append(hint);
        }
        return text.toString();
    }
}
