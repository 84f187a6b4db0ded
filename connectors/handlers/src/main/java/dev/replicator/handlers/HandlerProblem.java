package dev.replicator.handlers;

/** What is wrong with a handler before it runs, for a person who configures it. */
public class HandlerProblem extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final String hint;

    public HandlerProblem(String detail, String hint) {
        super(detail);
        this.hint = hint;
    }

    /** What is wrong, in whole sentences. */
    public String detail() {
        return String.valueOf(getMessage());
    }

    /** What would put it right. */
    public String hint() {
        return hint;
    }
}
