package dev.replicator.embedded;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Under which account servers run. PostgreSQL refuses to run as root, and what helps differs between machines and
 * containers, so for root the ways are tried once, in this order: a user namespace in which root has no name (files
 * stay root's), another uid by {@code setpriv}, the user nobody by {@code runuser}. An ordinary user runs servers plainly.
 */
public final class Account {

    private static final int NOBODY_UID = 65534;
    private static final String FAILED = "failed: ";

    private final List<String> prefix;
    private final boolean filesChangeOwner;

    private Account(List<String> prefix, boolean filesChangeOwner) {
        this.prefix = prefix;
        this.filesChangeOwner = filesChangeOwner;
    }

    /** Of this process; found once. */
    public static Account current() {
        return Holder.CURRENT;
    }

    static long uid() {
        return Holder.UID;
    }

    static boolean isRoot() {
        return uid() == 0;
    }

    /** The command that runs {@code program} under this account. */
    public List<String> command(Path program, List<String> arguments) {
        List<String> command = new ArrayList<>(prefix);
        command.add(program.toString());
        command.addAll(arguments);
        return command;
    }

    /** Lets the account own a directory that this process made. */
    public void own(Path directory) throws IOException {
        if (filesChangeOwner) {
            FileTree.changeOwner(directory, NOBODY_UID);
        }
    }

    private static Account detect() {
        Account plain = new Account(List.of(), false);
        if (!isRoot()) {
            // PostgreSQL refuses a user without a name too, as some containers have it; in a namespace it gets one.
            Account namespace = new Account(List.of("unshare", "-U", "--"), false);
            boolean named = !plain.tryOut("-un").startsWith(FAILED);
            return named || !namespace.tryOut("-un").equals("nobody") ? plain : namespace;
        }
        List<Account> ways = List.of(
                new Account(List.of("unshare", "-U", "--"), false),
                new Account(
                        List.of("setpriv", "--reuid=" + NOBODY_UID, "--regid=" + NOBODY_UID, "--clear-groups", "--"),
                        true),
                new Account(List.of("runuser", "-u", "nobody", "--"), true));
        List<String> failures = new ArrayList<>();
        for (Account way : ways) {
            String answer = way.tryOut("-u");
            if (answer.matches("[1-9][0-9]*")) {
                return way;
            }
            failures.add(String.join(" ", way.prefix) + " id -u: " + answer);
        }
        throw new EmbeddedPostgresException(
                "cannot run PostgreSQL: this process is root, and no way to run it as another user works here",
                String.join("\n", failures),
                "Run this command as an ordinary user.",
                null);
    }

    /** What {@code id} answers under this account, or {@link #FAILED} and why it could not be run. */
    private String tryOut(String option) {
        List<String> command = new ArrayList<>(prefix);
        command.addAll(List.of("id", option));
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            process.getOutputStream().close();
            String answer = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0 ? answer : FAILED + answer;
        } catch (IOException failure) {
            return FAILED + failure.getMessage();
        } catch (InterruptedException interruption) {
            Thread.currentThread().interrupt();
            return FAILED + "interrupted";
        }
    }

    /** A directory for what may be kept between runs, which the account can reach. */
    static Path cacheDirectory() throws IOException {
        String configured = System.getProperty("replicator.postgres.cache");
        if (configured != null) {
            return FileTree.create(Path.of(configured).toAbsolutePath(), "rwxr-xr-x");
        }
        Path preferred;
        if (isRoot()) {
            preferred = Path.of("/var/cache/replicator-postgres");
        } else {
            String xdg = System.getenv("XDG_CACHE_HOME");
            Path base =
                    xdg == null || xdg.isEmpty() ? Path.of(System.getProperty("user.home"), ".cache") : Path.of(xdg);
            preferred = base.resolve("replicator").resolve("postgres");
        }
        try {
            FileTree.create(preferred, "rwxr-xr-x");
            if (Files.isWritable(preferred)) {
                return preferred;
            }
        } catch (IOException unwritable) {
            // A home directory need not be writable or exist; the temporary directory then serves.
        }
        return FileTree.create(temporaryDirectory().resolve("cache"), "rwxr-xr-x");
    }

    /** A directory for running servers, which the account can reach. Belongs to this user alone. */
    static Path temporaryDirectory() throws IOException {
        Path directory = Path.of(System.getProperty("java.io.tmpdir")).resolve("replicator-postgres-" + uid());
        FileTree.create(directory, isRoot() ? "rwxr-xr-x" : "rwx------");
        Object owner = Files.getAttribute(directory, "unix:uid", java.nio.file.LinkOption.NOFOLLOW_LINKS);
        if (!(owner instanceof Integer ownerUid) || ownerUid != uid()) {
            throw new EmbeddedPostgresException(
                    "cannot use the directory \"" + directory + "\" for PostgreSQL servers",
                    "It belongs to another user (uid " + owner + ").",
                    "Delete it, or set -Djava.io.tmpdir.",
                    null);
        }
        return directory;
    }

    /** Finds out when first needed. Not by the JDK's UnixSystem, which takes a user without a name for root. */
    private static final class Holder {
        static final long UID = Long.parseLong(new Account(List.of(), false).tryOut("-u"));
        static final Account CURRENT = detect();
    }
}
