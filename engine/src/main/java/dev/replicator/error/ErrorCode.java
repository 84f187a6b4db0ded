package dev.replicator.error;

/** Every situation with a message of its own, and the exit code of a command that ends with it. */
public enum ErrorCode {
    USAGE(2),
    CONFIGURATION(3),
    CONNECTION(4),
    AUTHENTICATION(5),
    PRIVILEGE(6),
    SERVER_SETTING(7),
    TABLE(8),
    SCHEMA_DIFFERS(9),
    SLOT_BUSY(10),
    SLOT_INVALIDATED(11),
    SLOT_MISSING(12),
    SLOT_AHEAD(13),
    IDENTITY_CHANGED(14),
    PUBLICATION(15),
    NODE_LOST_DATA(16),
    FORMAT_TOO_NEW(17),
    TARGET_REFUSED(18),
    LOOP(19),
    CLOCK(20),
    DISK(21),
    PROTOCOL(22),
    ADMIN(23),
    TIMEOUT(24),
    DEMO(25),
    CONFLICT(26),
    DATA_DIFFERS(27),
    INTERNAL(70);

    private final int exitCode;

    ErrorCode(int exitCode) {
        this.exitCode = exitCode;
    }

    public int exitCode() {
        return exitCode;
    }
}
