package dev.replicator.capture;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.SocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * Gives pgjdbc sockets that the caller can wait on and be woken from.
 *
 * <p>pgjdbc makes the factory itself, from a class name and one string; the string is a ticket under which the caller
 * finds the socket afterwards. TLS is laid over the socket by pgjdbc and changes nothing here. Any thread.
 */
public final class SignallingSocketFactory extends SocketFactory {
    private static final AtomicLong NEXT_TICKET = new AtomicLong();
    private static final Map<String, Ticket> TICKETS = new ConcurrentHashMap<>();

    private final @Nullable Ticket ticket;

    /** Called by pgjdbc. */
    public SignallingSocketFactory(String ticketNumber) {
        this.ticket = TICKETS.get(ticketNumber);
    }

    /** One connection being opened. */
    static final class Ticket implements AutoCloseable {
        private final String number = Long.toString(NEXT_TICKET.incrementAndGet());
        private volatile @Nullable SignallingSocket newest;

        private Ticket() {}

        static Ticket take() {
            Ticket ticket = new Ticket();
            TICKETS.put(ticket.number, ticket);
            return ticket;
        }

        /** What to pass to the driver. */
        Map<String, String> driverProperties() {
            return Map.of("socketFactory", SignallingSocketFactory.class.getName(), "socketFactoryArg", number);
        }

        /** The socket of the connection that was opened: of several tries the last one. */
        SignallingSocket socket() {
            SignallingSocket socket = newest;
            if (socket == null) {
                throw new IllegalStateException("the driver opened no socket with this ticket");
            }
            return socket;
        }

        @Override
        public void close() {
            TICKETS.remove(number);
        }
    }

    @Override
    public Socket createSocket() throws IOException {
        SignallingSocket socket = new SignallingSocket();
        if (ticket != null && TICKETS.containsKey(ticket.number)) {
            ticket.newest = socket;
        }
        return socket;
    }

    @Override
    public Socket createSocket(String host, int port) throws IOException {
        return connected(new InetSocketAddress(host, port), null);
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress from, int fromPort) throws IOException {
        return connected(new InetSocketAddress(host, port), new InetSocketAddress(from, fromPort));
    }

    @Override
    public Socket createSocket(InetAddress host, int port) throws IOException {
        return connected(new InetSocketAddress(host, port), null);
    }

    @Override
    public Socket createSocket(InetAddress host, int port, InetAddress from, int fromPort) throws IOException {
        return connected(new InetSocketAddress(host, port), new InetSocketAddress(from, fromPort));
    }

    private Socket connected(InetSocketAddress to, @Nullable InetSocketAddress from) throws IOException {
        Socket socket = createSocket();
        if (from != null) {
            socket.bind(from);
        }
        socket.connect(to);
        return socket;
    }
}
