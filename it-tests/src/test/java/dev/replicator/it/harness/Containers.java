package dev.replicator.it.harness;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.testcontainers.DockerClientFactory;

/**
 * Whether the servers of this run are containers: when a Docker engine of this machine answers and runs one, else binaries
 * are used. The system property {@code replicator.it.servers} decides instead: {@code binaries}, or {@code containers},
 * which fails where there are none.
 */
final class Containers {
    private static final String PROPERTY = "replicator.it.servers";
    private static final @Nullable String OBSTACLE = obstacle();

    private Containers() {}

    static boolean areUsed() {
        return OBSTACLE == null;
    }

    /** Why they are not used; null when they are. */
    static @Nullable String whyNot() {
        return OBSTACLE;
    }

    private static @Nullable String obstacle() {
        String chosen = System.getProperty(PROPERTY, "");
        return switch (chosen) {
            case "containers" -> null;
            case "binaries" -> "-D" + PROPERTY + "=binaries";
            case "" -> unableToRun();
            default -> throw new IllegalArgumentException(PROPERTY + " is \"" + chosen + "\"");
        };
    }

    private static @Nullable String unableToRun() {
        DockerClientFactory docker = DockerClientFactory.instance();
        if (!docker.isDockerAvailable()) {
            return "no Docker engine answers";
        }
        if (!docker.dockerHostIpAddress().equals("localhost")) {
            return "the Docker engine runs on another machine, " + docker.dockerHostIpAddress();
        }
        try {
            ContainerServer.start(Servers.NEWEST, Map.of()).close();
            return null;
        } catch (RuntimeException e) {
            return "a Docker engine answers, but a container of postgres:" + Servers.NEWEST + " does not start: " + e;
        }
    }
}
