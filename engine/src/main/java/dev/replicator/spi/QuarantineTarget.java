package dev.replicator.spi;

/** A target that puts changes aside that it cannot take, where {@code on_error} asks for it. */
public interface QuarantineTarget extends Target {
    /** Has everything that was put aside tried again with the next batch. */
    void retryRefused();

    /** What was told of a row without its parent has been decided. */
    void decided(Refusal refusal);
}
