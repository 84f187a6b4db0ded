package dev.replicator.it.contract;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.Enumeration;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** Servers in jars: the build copies them into one folder; each is unpacked once for each user. */
final class UnpackedJar {
    private static final Path JARS = Path.of(System.getProperty("replicator.servers", "target/servers"));

    private UnpackedJar() {}

    /** The folder with what is in the jar whose name begins so. */
    static Path of(String name) {
        try (Stream<Path> jars = Files.list(JARS)) {
            Path jar = jars.filter(file -> file.getFileName().toString().startsWith(name))
                    .findFirst()
                    .orElseThrow(() -> new AssertionError("no " + name + " in " + JARS.toAbsolutePath()
                            + "; the build copies it there (mvn generate-test-resources -pl it-tests)"));
            return unpacked(jar);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path unpacked(Path jar) throws IOException {
        Path cache = Path.of(System.getProperty("user.home"), ".cache", "replicator", "servers");
        Path folder = cache.resolve(jar.getFileName().toString().replaceFirst("\\.jar$", ""));
        if (Files.isDirectory(folder)) {
            return folder;
        }
        Files.createDirectories(cache);
        Path half = Files.createTempDirectory(cache, "unpacking-");
        try (ZipFile zip = new ZipFile(jar.toFile())) {
            Enumeration<? extends ZipEntry> entries = zip.entries();
            while (entries.hasMoreElements()) {
                unpack(zip, entries.nextElement(), half);
            }
        }
        try {
            Files.move(half, folder, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            // Another process was faster.
            delete(half);
            if (!Files.isDirectory(folder)) {
                throw e;
            }
        }
        return folder;
    }

    private static void unpack(ZipFile zip, ZipEntry entry, Path folder) throws IOException {
        Path file = folder.resolve(entry.getName()).normalize();
        if (!file.startsWith(folder) || entry.isDirectory()) {
            return;
        }
        Files.createDirectories(file.getParent());
        try (InputStream in = zip.getInputStream(entry)) {
            Files.copy(in, file);
        }
        if (List.of("bin", "scripts").contains(file.getParent().getFileName().toString())) {
            boolean unused = file.toFile().setExecutable(true);
        }
    }

    /** What is in an archive of an unpacked jar. */
    static Path archive(Path jar, String name) {
        Path folder = jar.resolveSibling(jar.getFileName() + "-" + name.replaceFirst("\\..*", ""));
        if (Files.isDirectory(folder)) {
            return folder;
        }
        try {
            Path half = Files.createTempDirectory(jar.getParent(), "unpacking-");
            Process tar = new ProcessBuilder("tar", "xzf", jar.resolve(name).toString(), "-C", half.toString())
                    .inheritIO()
                    .start();
            if (tar.waitFor() != 0) {
                throw new AssertionError("tar could not unpack " + name);
            }
            Files.move(half, folder, StandardCopyOption.ATOMIC_MOVE);
            return folder;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    static void delete(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            files.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(File::delete);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
