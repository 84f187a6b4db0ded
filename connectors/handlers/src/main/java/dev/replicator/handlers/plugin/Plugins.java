package dev.replicator.handlers.plugin;

import dev.replicator.handlers.HandlerProblem;
import dev.replicator.spi.ConflictHandler;
import dev.replicator.spi.ExceptionHandler;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * The handlers in the jars of a folder. Each jar has a class loader of its own, which sees the JDK and of this
 * program {@code spi} and {@code model}, so that a plugin's libraries cannot clash with another's or with ours. Nothing is
 * loaded before the first handler is asked for.
 */
public final class Plugins {
    private final Path folder;

    public Plugins(Path folder) {
        this.folder = folder;
    }

    private record Found<T>(Path jar, T handler) {}

    /** A new conflict handler of that class; throws {@link HandlerProblem} when there is none. */
    public ConflictHandler handler(String className) {
        return conflictHandler(className, jars()).handler();
    }

    /** A new exception handler of that class; throws {@link HandlerProblem} when there is none. */
    public ExceptionHandler exceptionHandler(String className) {
        return find(ExceptionHandler.class, "exception handler", className, jars())
                .handler();
    }

    private Found<ConflictHandler> conflictHandler(String className, List<Path> jars) {
        return find(ConflictHandler.class, "conflict handler", className, jars);
    }

    /** The same, from the jar with this SHA-256. */
    public ConflictHandler handler(String className, String hash) {
        List<Path> jars = jars().stream().filter(jar -> hash(jar).equals(hash)).toList();
        if (jars.isEmpty()) {
            throw new HandlerProblem(
                    "The jar from which " + className + " was taken before is not in \"" + folder
                            + "\" any more (SHA-256 " + hash + ").",
                    "Put it back there, under any name; the new one may stay beside it.");
        }
        return conflictHandler(className, jars).handler();
    }

    /** SHA-256 of the jar that {@link #handler} takes the class from, in hexadecimal. */
    public String hashOfJar(String className) {
        return hash(conflictHandler(className, jars()).jar());
    }

    private static String hash(Path jar) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(jar)));
        } catch (IOException e) {
            throw new HandlerProblem("\"" + jar + "\" cannot be read: " + e.getMessage() + ".", "See its permissions.");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private <T> Found<T> find(Class<T> type, String kind, String className, List<Path> jars) {
        Set<String> known = new TreeSet<>();
        for (Path jar : jars) {
            ServiceLoader<T> services = ServiceLoader.load(type, loader(jar));
            try {
                for (ServiceLoader.Provider<T> provider : services.stream().toList()) {
                    if (provider.type().getName().equals(className)) {
                        return new Found<>(jar, provider.get());
                    }
                    known.add(provider.type().getName());
                }
            } catch (ServiceConfigurationError | LinkageError e) {
                throw new HandlerProblem(
                        "\"" + jar + "\" cannot be used: " + e.getMessage() + ".",
                        "It may have been built for another version of this program, or of Java.");
            }
        }
        throw new HandlerProblem(
                "No jar in \"" + folder + "\" provides the " + kind + " " + className + "; "
                        + (known.isEmpty() ? "there is none at all." : "there are: " + String.join(", ", known) + "."),
                "Put its jar there, with its name in META-INF/services/" + type.getName() + ".");
    }

    private List<Path> jars() {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return new ArrayList<>(files.filter(file -> file.toString().endsWith(".jar"))
                    .sorted()
                    .toList());
        } catch (IOException e) {
            throw new HandlerProblem(
                    "\"" + folder + "\" cannot be read: " + e.getMessage() + ".", "See its permissions.");
        }
    }

    private static ClassLoader loader(Path jar) {
        try {
            URL[] urls = {jar.toUri().toURL()};
            return new URLClassLoader("plugin " + jar.getFileName(), urls, new Visible());
        } catch (MalformedURLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What a plugin sees of this program. */
    private static final class Visible extends ClassLoader {
        private static final List<String> PACKAGES = List.of("dev.replicator.spi.", "dev.replicator.model.");

        Visible() {
            super("what plugins see", getPlatformClassLoader());
        }

        @Override
        protected Class<?> findClass(String name) throws ClassNotFoundException {
            if (PACKAGES.stream().anyMatch(name::startsWith)) {
                return Class.forName(name, false, Plugins.class.getClassLoader());
            }
            throw new ClassNotFoundException(name);
        }
    }
}
