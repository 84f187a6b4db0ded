package dev.replicator.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;

/** Sends signals to a postmaster and to the processes that it has started. */
final class ProcessTree {

    private static final long SIGNAL_TIMEOUT_SECONDS = 10;
    private static final long POLL_NANOS = 1_000_000;

    private final ProcessHandle root;
    private final ProcessHandle launcher;

    /** {@code launcher} is the command that changed the user, where it stays between; else the postmaster itself. */
    ProcessTree(ProcessHandle root, ProcessHandle launcher) {
        this.root = root;
        this.launcher = launcher;
    }

    /** A signal to the postmaster alone. */
    void signalRoot(String signal) {
        signal(signal, List.of(root.pid()));
    }

    /**
     * Stops every process. The postmaster goes first, so that no child is started meanwhile, and nobody takes a stopped
     * child for a crashed one.
     */
    void freeze() {
        signalRoot("STOP");
        Set<Long> stopped = new HashSet<>();
        List<Long> children = children();
        while (!stopped.containsAll(children)) {
            signal("STOP", children);
            stopped.addAll(children);
            children = children();
        }
    }

    /** Lets every process go on, the children first. */
    void unfreeze() {
        signal("CONT", children());
        signalRoot("CONT");
        wakeLauncher();
    }

    /** The command {@code runuser} stops itself when its child is stopped. */
    private void wakeLauncher() {
        signal("CONT", List.of(launcher.pid()));
    }

    /**
     * Ends every process at once, frozen or not, as a crash of the machine would: what was only in shared memory, such
     * as commits that were not yet written, is lost. Returns when all of them are gone.
     */
    void kill() {
        freeze();
        List<ProcessHandle> all = new ArrayList<>(root.descendants().toList());
        all.add(root);
        signal("KILL", all.stream().map(ProcessHandle::pid).toList());
        wakeLauncher();
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(SIGNAL_TIMEOUT_SECONDS);
        while (!all.stream().allMatch(ProcessTree::hasEnded)) {
            if (System.nanoTime() > deadline) {
                throw new EmbeddedPostgresException(
                        "could not kill PostgreSQL", "Some of the processes " + all + " still run.", null, null);
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
    }

    /** A process that ended but that nobody has waited for yet counts as ended; some containers never do. */
    private static boolean hasEnded(ProcessHandle process) {
        if (!process.isAlive()) {
            return true;
        }
        try {
            String status = Files.readString(Path.of("/proc", Long.toString(process.pid()), "stat"));
            return status.startsWith("Z", status.lastIndexOf(')') + 2);
        } catch (IOException noSuchFile) {
            return !process.isAlive();
        }
    }

    private List<Long> children() {
        return root.descendants().map(ProcessHandle::pid).collect(Collectors.toList());
    }

    private static void signal(String signal, List<Long> pids) {
        if (pids.isEmpty()) {
            return;
        }
        // The shell's own kill: a separate one is not installed everywhere. A process that is gone meanwhile is no
        // error.
        StringBuilder script = new StringBuilder("kill -").append(signal);
        pids.forEach(pid -> script.append(' ').append(pid));
        try {
            Process process = new ProcessBuilder("/bin/sh", "-c", script + " 2>/dev/null").start();
            if (!process.waitFor(SIGNAL_TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (IOException failure) {
            throw new EmbeddedPostgresException(
                    "could not send signal " + signal + " to PostgreSQL",
                    String.valueOf(failure.getMessage()),
                    null,
                    failure);
        } catch (InterruptedException interruption) {
            Thread.currentThread().interrupt();
        }
    }
}
