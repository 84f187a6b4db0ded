package dev.replicator.error;

import org.jspecify.annotations.Nullable;

/**
 * The one exception of this program: a failure in PostgreSQL's grammar (primary line, DETAIL, HINT, CONTEXT) with the
 * class that decides what happens next. Never carries a secret, nor
 * a row value but the key of a row that somebody has to look at.
 *
 * <p>Source: PostgreSQL documentation, "Error Message Style Guide".
 */
public final class ReplicatorException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** What a caller may do about a failure. */
    public enum Kind {
        /** The same call may work later. */
        RETRYABLE,
        /** Nothing was written, for certain, and the session goes on: it may be asked for the same again. */
        ROLLED_BACK,
        /** This row can never be written here. */
        POISON,
        /** A person must act. */
        FATAL,
        /** Another session took over (its fence number is higher): drop everything and stand by. */
        FENCED
    }

    private final Kind kind;
    private final ErrorCode code;
    private final @Nullable String detail;
    private final @Nullable String hint;
    private @Nullable String context;

    public ReplicatorException(
            Kind kind,
            ErrorCode code,
            String primary,
            @Nullable String detail,
            @Nullable String hint,
            @Nullable Throwable cause) {
        super(primary, cause);
        this.kind = kind;
        this.code = code;
        this.detail = detail;
        this.hint = hint;
    }

    public static ReplicatorException fatal(
            ErrorCode code, String primary, @Nullable String detail, @Nullable String hint) {
        return new ReplicatorException(Kind.FATAL, code, primary, detail, hint, null);
    }

    public static ReplicatorException retryable(
            ErrorCode code, String primary, @Nullable String detail, @Nullable Throwable cause) {
        return new ReplicatorException(Kind.RETRYABLE, code, primary, detail, null, cause);
    }

    /** A broken invariant: our bug. {@code detail} holds everything needed to reproduce it. */
    public static ReplicatorException bug(String primary, String detail) {
        return new ReplicatorException(
                Kind.FATAL,
                ErrorCode.INTERNAL,
                primary,
                detail,
                "This is a bug in replicator; please report it.",
                null);
    }

    public Kind kind() {
        return kind;
    }

    public ErrorCode code() {
        return code;
    }

    public String primary() {
        return String.valueOf(getMessage());
    }

    public @Nullable String detail() {
        return detail;
    }

    public @Nullable String hint() {
        return hint;
    }

    public @Nullable String context() {
        return context;
    }

    /** Names where it happened ({@code sync "bard", database "shake2"}); the first caller that knows wins. */
    public ReplicatorException within(String where) {
        if (context == null) {
            context = where;
        }
        return this;
    }

    /** The four slots, one to a line, empty ones left out: the same on the terminal, in the log and in the admin API. */
    public String formatted() {
        StringBuilder text = new StringBuilder("ERROR:   ").append(primary());
        append(text, "DETAIL:  ", detail);
        append(text, "HINT:    ", hint);
        append(text, "CONTEXT: ", context);
        return text.toString();
    }

    private static void append(StringBuilder text, String label, @Nullable String value) {
        if (value != null && !value.isEmpty()) {
            text.append('\n').append(label).append(value);
        }
    }
}
