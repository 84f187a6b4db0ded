package dev.replicator.model;

/** A password or token. Its text leaves only through {@link #reveal()}; logs, errors and {@code toString} show stars. */
public final class Secret {
    private final String value;

    public Secret(String value) {
        this.value = value;
    }

    public String reveal() {
        return value;
    }

    @Override
    public String toString() {
        return "********";
    }
}
