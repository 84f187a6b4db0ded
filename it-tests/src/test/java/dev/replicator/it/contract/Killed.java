package dev.replicator.it.contract;

import org.jspecify.annotations.Nullable;

/** Ends server processes as a crash would. Thread: that of the test. */
final class Killed {
    private Killed() {}

    /** SIGKILL. Returns when it is gone. */
    static void hard(@Nullable Process process) {
        if (process == null) {
            throw new IllegalStateException("it does not run");
        }
        process.destroyForcibly();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
