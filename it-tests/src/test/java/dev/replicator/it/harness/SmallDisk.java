package dev.replicator.it.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;

/** A file system of a few megabytes in memory, for a server to fill. Only root can make one. Thread: one. */
public final class SmallDisk implements AutoCloseable {
    private final Path mount;

    private SmallDisk(Path mount) {
        this.mount = mount;
    }

    public static boolean isPossible() {
        return !Containers.areUsed() && "root".equals(System.getProperty("user.name"));
    }

    /** One that this server may write to. */
    public static SmallDisk of(int megabytes, Server server) {
        try (Connection connection = server.connect("postgres");
                ResultSet row = connection.createStatement().executeQuery("SHOW data_directory")) {
            row.next();
            Path data = Path.of(row.getString(1));
            Path mount = Files.createTempDirectory("replicator-small-disk-");
            run("mount", "-t", "tmpfs", "-o", "size=" + megabytes + "m,mode=0755", "tmpfs", mount.toString());
            Path folder = Files.createDirectory(mount.resolve("tablespace"));
            Files.setAttribute(folder, "unix:uid", Files.getAttribute(data, "unix:uid"));
            return new SmallDisk(mount);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    /** For {@code CREATE TABLESPACE}. */
    public Path folder() {
        return mount.resolve("tablespace");
    }

    private static void run(String... command) throws IOException {
        Process process = new ProcessBuilder(command).inheritIO().start();
        try {
            if (process.waitFor() != 0) {
                throw new IOException(List.of(command) + " ended with status " + process.exitValue());
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        try {
            run("umount", "--lazy", mount.toString());
            Files.delete(mount);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
