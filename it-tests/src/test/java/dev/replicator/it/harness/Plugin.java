package dev.replicator.it.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;

/** The jar of a plugin, as it would be copied. Thread: any. */
public final class Plugin {
    private Plugin() {}

    /** Copies the jar whose name begins so, which the build has put among the servers, into the folder {@code plugins}. */
    public static void copy(String prefix, Path folder) {
        try (Stream<Path> files = Files.list(Path.of("target", "servers"))) {
            Path jar = files.filter(file -> file.getFileName().toString().startsWith(prefix))
                    .findFirst()
                    .orElseThrow(() -> new AssertionError("there is no jar " + prefix));
            Files.copy(jar, Files.createDirectories(folder.resolve("plugins")).resolve(jar.getFileName()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Puts the jar that {@code type} stands in into the folder {@code plugins} of {@code folder}. */
    public static void install(Class<?> type, Path folder) {
        try {
            Path jarFile = Files.createDirectories(folder.resolve("plugins")).resolve("sample.jar");
            Path place = Path.of(
                    type.getProtectionDomain().getCodeSource().getLocation().toURI());
            if (Files.isRegularFile(place)) {
                Files.copy(place, jarFile);
                return;
            }
            try (JarOutputStream jar = new JarOutputStream(Files.newOutputStream(jarFile));
                    Stream<Path> files = Files.walk(place)) {
                List<Path> regular = files.filter(Files::isRegularFile).toList();
                for (Path file : regular) {
                    jar.putNextEntry(new JarEntry(place.relativize(file).toString()));
                    jar.write(Files.readAllBytes(file));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
