package dev.replicator.cli.admin;

import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where running processes of one configuration file leave their address and token: a file per process, mode 0600, in a
 * directory of mode 0700, {@code $XDG_RUNTIME_DIR/replicator} or {@code /tmp/replicator-<uid>}. Its name begins with a hash
 * of the configuration file's path, so that daemons with different files do not meet.
 *
 * <p>A directory that belongs to somebody else or that others may enter is refused.
 */
public final class AdminPlace {
    private static final Set<PosixFilePermission> DIRECTORY = PosixFilePermissions.fromString("rwx------");
    private static final FileAttribute<?> FILE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    private final Path directory;
    private final String prefix;

    private AdminPlace(Path directory, String prefix) {
        this.directory = directory;
        this.prefix = prefix;
    }

    /**
     * A process that may be running.
     *
     * @param address {@code http://host:port}
     * @param token what it wants to see
     */
    public record Address(long pid, String address, String token, Path file) {
        @Override
        public String toString() {
            return address + " (process " + pid + ")";
        }
    }

    /** The place for a configuration file, in the runtime directory of this user. */
    public static AdminPlace of(Path configuration, Map<String, String> environment) {
        String runtime = environment.get("XDG_RUNTIME_DIR");
        if (runtime != null && !runtime.isEmpty() && Files.isWritable(Path.of(runtime))) {
            return in(Path.of(runtime, "replicator"), configuration);
        }
        return in(Path.of("/tmp", "replicator-" + userId()), configuration);
    }

    static AdminPlace in(Path directory, Path configuration) {
        return new AdminPlace(directory, hash(configuration));
    }

    private static String hash(Path configuration) {
        String path;
        try {
            path = configuration.toRealPath().toString();
        } catch (IOException e) {
            path = configuration.toAbsolutePath().normalize().toString();
        }
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(path.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, 8);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Object userId() {
        try {
            Path own = Files.createTempFile("replicator", "");
            try {
                return Files.getAttribute(own, "unix:uid");
            } finally {
                Files.delete(own);
            }
        } catch (IOException | UnsupportedOperationException | IllegalArgumentException e) {
            return System.getProperty("user.name", "unknown");
        }
    }

    /** Makes this process known; returns the file to delete when it ends. */
    public Path announce(String address, String token) {
        long pid = ProcessHandle.current().pid();
        Path file = directory.resolve(prefix + "-" + pid);
        Path part = directory.resolve(prefix + "-" + pid + ".part");
        try {
            makeDirectory();
            Files.deleteIfExists(part);
            Files.createFile(part, FILE);
            Files.writeString(part, address + "\n" + token + "\n");
            try {
                Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
            } catch (AtomicMoveNotSupportedException e) {
                Files.move(part, file, StandardCopyOption.REPLACE_EXISTING);
            }
            return file;
        } catch (IOException e) {
            throw failure("could not write the admin API's file \"" + file + "\"", e);
        }
    }

    private void makeDirectory() throws IOException {
        try {
            Files.createDirectories(Objects.requireNonNull(directory.getParent()));
            Files.createDirectory(directory, PosixFilePermissions.asFileAttribute(DIRECTORY));
        } catch (FileAlreadyExistsException e) {
            // Checked below.
        }
        requireOwn();
    }

    private void requireOwn() throws IOException {
        boolean own = Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)
                && Files.getPosixFilePermissions(directory, LinkOption.NOFOLLOW_LINKS)
                        .equals(DIRECTORY)
                && isOwn();
        if (!own) {
            throw ReplicatorException.fatal(
                    ErrorCode.ADMIN,
                    "cannot use directory \"" + directory + "\" for the admin API",
                    "It must belong to this user and have mode 0700.",
                    "Remove it, or set XDG_RUNTIME_DIR to a directory of your own.");
        }
    }

    private boolean isOwn() throws IOException {
        Path probe = Files.createTempFile(directory, "probe", "");
        try {
            return Files.getOwner(probe).equals(Files.getOwner(directory, LinkOption.NOFOLLOW_LINKS));
        } finally {
            Files.deleteIfExists(probe);
        }
    }

    /** Who may be running with this configuration file, oldest first. Files of processes that are gone are deleted. */
    public List<Address> find() {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        List<Address> found = new ArrayList<>();
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.sorted().toList()) {
                Address address = read(file);
                if (address != null) {
                    found.add(address);
                }
            }
        } catch (IOException e) {
            throw failure("could not read directory \"" + directory + "\"", e);
        }
        return found;
    }

    private @Nullable Address read(Path file) throws IOException {
        String name = String.valueOf(file.getFileName());
        if (!name.matches(prefix + "-\\d+")) {
            return null;
        }
        long pid = Long.parseLong(name.substring(prefix.length() + 1));
        if (ProcessHandle.of(pid).isEmpty()) {
            Files.deleteIfExists(file);
            return null;
        }
        List<String> lines = Files.readAllLines(file);
        return lines.size() < 2 ? null : new Address(pid, lines.get(0), lines.get(1), file);
    }

    private static ReplicatorException failure(String primary, IOException e) {
        return new ReplicatorException(
                ReplicatorException.Kind.FATAL,
                ErrorCode.ADMIN,
                primary,
                e.getClass().getSimpleName() + ": " + e.getMessage(),
                "The admin API can be turned off: admin: { listen: none }.",
                e);
    }
}
