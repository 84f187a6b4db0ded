package dev.replicator.handlers;

/** What a handler did wrong: it threw, went on too long, or gave an answer that makes no sense. No values of rows. */
public final class HandlerFailure extends RuntimeException {
    private static final long serialVersionUID = 1;

    public HandlerFailure(String what) {
        super(what);
    }

    public HandlerFailure(String what, Throwable cause) {
        super(what, cause);
    }

    /** What went wrong, in part of a sentence. */
    public String what() {
        return String.valueOf(getMessage());
    }
}
