package dev.replicator.embedded;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Finds a port that nobody listens on. Picked below the range from which systems take the ports of outgoing
 * connections, so that none of those takes it while a server is down for a moment.
 */
public final class FreePort {

    private static final int FIRST = 20_000;
    private static final int LAST = 32_000;
    private static final int ATTEMPTS = 100;

    private FreePort() {}

    /** A port of 127.0.0.1. */
    public static int find() {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            int port = ThreadLocalRandom.current().nextInt(FIRST, LAST);
            try (ServerSocket socket = new ServerSocket()) {
                socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
                return port;
            } catch (IOException taken) {
                // Try another one.
            }
        }
        throw new EmbeddedPostgresException(
                "could not find a free port for PostgreSQL",
                ATTEMPTS + " ports between " + FIRST + " and " + LAST + " were in use.",
                null,
                null);
    }
}
