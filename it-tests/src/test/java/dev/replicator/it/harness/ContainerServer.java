package dev.replicator.it.harness;

import static org.awaitility.Awaitility.await;

import com.github.dockerjava.api.DockerClient;
import dev.replicator.embedded.FreePort;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.Network;

/**
 * A server in a container of the image {@code postgres} on this machine. Inside and outside it has the same port, and it
 * keeps it: Docker would choose another one at each start. Servers reach each other over a network of the containers.
 */
final class ContainerServer implements Server {
    private static final Duration LIMIT = Duration.ofMinutes(1);

    private final int version;
    private final int port = FreePort.find();
    private final String name = "postgres-" + port;
    private final GenericContainer<?> container;
    private boolean frozen;

    private ContainerServer(int version, Map<String, String> settings) {
        this.version = version;
        container = new GenericContainer<>("postgres:" + version)
                .withEnv("POSTGRES_HOST_AUTH_METHOD", "trust")
                .withEnv("POSTGRES_INITDB_ARGS", "--encoding=UTF8 --locale=C.UTF-8 --no-sync")
                .withEnv("PGPORT", Integer.toString(port))
                .withNetwork(Network.SHARED)
                .withNetworkAliases(name)
                .withCommand(command(settings));
        container.setPortBindings(List.of("127.0.0.1:" + port + ":" + port));
    }

    static ContainerServer start(int version, Map<String, String> settings) {
        ContainerServer server = new ContainerServer(version, settings);
        try {
            server.container.start();
            server.awaitConnections();
        } catch (RuntimeException failure) {
            server.close();
            throw failure;
        }
        return server;
    }

    private static String[] command(Map<String, String> settings) {
        List<String> command = new ArrayList<>(List.of("postgres"));
        settings.forEach((setting, value) -> command.addAll(List.of("-c", setting + "=" + value)));
        return command.toArray(String[]::new);
    }

    /** Not before the server proper answers: the one that fills the data directory before has no port. */
    private void awaitConnections() {
        await().atMost(LIMIT).ignoreExceptionsInstanceOf(SQLException.class).until(() -> {
            try (Connection connection = connect("postgres")) {
                return connection.isValid(0);
            }
        });
    }

    @Override
    public int majorVersion() {
        return version;
    }

    @Override
    public int port() {
        return port;
    }

    @Override
    public String hostForServers() {
        return name;
    }

    @Override
    public void start() {
        docker().startContainerCmd(container.getContainerId()).exec();
        awaitConnections();
    }

    @Override
    public void killHard() {
        docker().killContainerCmd(container.getContainerId()).exec();
        await().atMost(LIMIT).until(() -> !container.isRunning());
        frozen = false;
    }

    @Override
    public synchronized void freeze() {
        docker().pauseContainerCmd(container.getContainerId()).exec();
        frozen = true;
    }

    @Override
    public synchronized void unfreeze() {
        if (frozen) {
            docker().unpauseContainerCmd(container.getContainerId()).exec();
        }
        frozen = false;
    }

    /** Removes the container and its data. */
    @Override
    public void close() {
        unfreeze();
        container.stop();
    }

    private DockerClient docker() {
        return container.getDockerClient();
    }
}
