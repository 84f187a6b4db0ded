package dev.replicator.it.harness;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A server seen through a port of its own, where it dies after a number of messages: all its connections end, and no new
 * ones are taken, until it is revived. The server behind it goes on, and other tests may use it. Thread: any; its own, two
 * for each connection.
 */
public final class MortalServer implements Server {
    private static final int BUFFER = 64 * 1024;

    private volatile Server server;
    private final ServerSocket listening;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private long left = Long.MAX_VALUE;
    private long taken;

    public MortalServer(Server server) {
        this.server = server;
        try {
            this.listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        daemon("accept", this::accept);
    }

    /** Lives, and dies when a client sends one message more than this number. */
    public synchronized void dieAfter(long messages) {
        left = messages;
        taken = 0;
    }

    /** Lives, for ever. */
    public void revive() {
        dieAfter(Long.MAX_VALUE);
    }

    /** From now on another server answers at this port, as after a move of the cluster; connections end. */
    public void become(Server another) {
        server = another;
        die();
    }

    public synchronized boolean isDead() {
        return left < taken;
    }

    private synchronized boolean takes() {
        if (isDead()) {
            return false;
        }
        taken++;
        return !isDead();
    }

    private void accept() {
        while (!listening.isClosed()) {
            try {
                Socket client = listening.accept();
                if (isDead()) {
                    client.close();
                } else {
                    connect(client);
                }
            } catch (IOException e) {
                // The next connection may do better; after close() there is none.
            }
        }
    }

    private void connect(Socket client) throws IOException {
        Socket behind = new Socket(InetAddress.getLoopbackAddress(), server.port());
        client.setTcpNoDelay(true);
        behind.setTcpNoDelay(true);
        open.add(client);
        open.add(behind);
        daemon("to server", () -> pump(client, behind, true));
        daemon("to client", () -> pump(behind, client, false));
    }

    private void pump(Socket from, Socket to, boolean counts) {
        byte[] buffer = new byte[BUFFER];
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                if (counts && !takes()) {
                    die();
                    return;
                }
                out.write(buffer, 0, n);
            }
        } catch (IOException e) {
            // The other direction ends with this one.
        } finally {
            open.remove(from);
            open.remove(to);
        }
    }

    private void die() {
        open.forEach(MortalServer::close);
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // It is of no use any more either way.
        }
    }

    private static void daemon(String name, Runnable work) {
        Thread thread = new Thread(work, "mortal server " + name);
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public int port() {
        return listening.getLocalPort();
    }

    /** Of the server behind: superusers of the tests go around, and are not counted. */
    @Override
    public String jdbcUrl(String database) {
        return server.jdbcUrl(database);
    }

    @Override
    public int majorVersion() {
        return server.majorVersion();
    }

    @Override
    public String hostForServers() {
        return "127.0.0.1";
    }

    @Override
    public void start() {
        revive();
    }

    @Override
    public void killHard() {
        dieAfter(-1);
        die();
    }

    @Override
    public void freeze() {
        server.freeze();
    }

    @Override
    public void unfreeze() {
        server.unfreeze();
    }

    /** Of this view; the server goes on. */
    @Override
    public void close() {
        die();
        try {
            listening.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
