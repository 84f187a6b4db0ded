package dev.replicator.capture;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A socket whose owner can wait for bytes with a time limit, be woken from that by another thread, and read in gulps.
 *
 * <p>Design: pgjdbc asks a stream whether something is there by a read with a timeout of one millisecond; such a read
 * never touches the network here, it only looks into the buffer. The buffer is filled in one place, by {@link #await},
 * or by a read in the middle of a message. The server sends every message by itself, so a reader that takes each one as
 * it comes makes the server pay a system call and a wake-up for each. While bytes come without pause the reader
 * therefore rests first, from {@value #SHORTEST_REST_NANOS} ns to {@value #LONGEST_REST_NANOS} ns as they come faster,
 * and takes what has gathered: three times the rows at a third of the processor time.
 *
 * <p>A rest alone does not help a server on the same machine: its kernel carries every message over to this socket at
 * once. So there the receive window is small, less than comes in a rest: messages gather in the server's send buffer
 * meanwhile, which costs it half, and come in one piece when the window opens. They are read until a read yields less
 * than half a window, not until there is nothing, which would be chasing single messages again. Over a network the window
 * is the kernel's affair, as it limits what can be on the way.
 *
 * <p>An interrupted or timed-out read never loses bytes. Reading and writing: one thread. {@link #wakeup} and {@link
 * #close}: any thread.
 */
@SuppressWarnings("UnsynchronizedOverridesSynchronized") // what has no lock of its own is the owner's alone
final class SignallingSocket extends ChannelSocket {
    private static final int BUFFER_BYTES = 1 << 20;
    private static final long SHORTEST_REST_NANOS = 60_000;
    private static final long LONGEST_REST_NANOS = 2_000_000;
    /** Receive buffer for a server on this machine. */
    private static final int LOCAL_WINDOW_BYTES = 32 << 10;
    /** Where so much has come in a rest, nobody waits for a single transaction: the next one is longer. */
    private static final int FLOOD_BYTES_PER_MILLI = 8_000;

    /** Bytes that follow the last ones within this time came without pause. */
    private static final long QUICK_NANOS = 150_000;
    /** So many quick reads in a row make the stream hot. */
    private static final int HOT_AFTER = 8;
    /** pgjdbc's question whether anything is there. */
    private static final int PEEK_MILLIS = 1;

    private static final long LONGEST_SELECT_NANOS = 10_000_000_000L;

    private final Object lock = new Object();
    private final Selector selector;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES).limit(0);
    private final SocketTimeoutException nothingThere = new NothingThere();
    private final InputStream in = new In();
    private final OutputStream out = new Out();
    private volatile boolean woken;
    private int timeoutMillis;
    private int quickReads;
    private long restNanos = SHORTEST_REST_NANOS;
    private boolean ended;
    /** A read of so much may have been cut short by the window. */
    private int gulpBytes = Integer.MAX_VALUE;

    SignallingSocket() throws IOException {
        selector = Selector.open();
    }

    /**
     * Waits until bytes are there, {@link #wakeup} was called or the time is over; whether bytes are there. The end of
     * the stream counts as bytes: the next read says it.
     */
    boolean await(Duration atMost) throws IOException {
        if (isReady() || fillIfHot()) {
            return true;
        }
        long started = System.nanoTime();
        while (!fill(started)) {
            long left = atMost.toNanos() - (System.nanoTime() - started);
            if (woken || left <= 0) {
                woken = false;
                return false;
            }
            select(left);
        }
        return true;
    }

    /** Ends the present {@link #await}, or else the next one that finds nothing. */
    void wakeup() {
        woken = true;
        synchronized (lock) {
            if (selector.isOpen()) {
                selector.wakeup();
            }
        }
    }

    /** Whether everything has been read and nothing will come any more. */
    boolean isAtEnd() {
        return ended && !buffer.hasRemaining();
    }

    private boolean isReady() {
        return buffer.hasRemaining() || ended;
    }

    private boolean fillIfHot() throws IOException {
        if (quickReads < HOT_AFTER) {
            return false;
        }
        LockSupport.parkNanos(restNanos);
        boolean any = fill(System.nanoTime());
        boolean flood = buffer.remaining() >= FLOOD_BYTES_PER_MILLI * restNanos / 1_000_000;
        restNanos = flood ? Math.min(LONGEST_REST_NANOS, restNanos * 2) : Math.max(SHORTEST_REST_NANOS, restNanos / 2);
        return any;
    }

    /** Reads what is there without waiting; whether that is anything (the end of the stream included). */
    private boolean fill(long waitingSince) throws IOException {
        buffer.clear();
        int last = 0;
        try {
            do {
                last = channel.read(buffer);
            } while (last >= gulpBytes && buffer.hasRemaining());
        } finally {
            buffer.flip();
        }
        int read = buffer.hasRemaining() ? buffer.limit() : last;
        ended = last < 0;
        boolean quick = System.nanoTime() - waitingSince < QUICK_NANOS;
        if (read != 0) {
            quickReads = quick ? quickReads + 1 : 0;
        }
        return read != 0;
    }

    /** Waits for readability, for so long or less. */
    private void select(long nanos) throws IOException {
        try {
            if (nanos < TimeUnit.MILLISECONDS.toNanos(1)) {
                selector.selectNow();
            } else {
                selector.select(TimeUnit.NANOSECONDS.toMillis(nanos));
            }
            selector.selectedKeys().clear();
        } catch (ClosedSelectorException e) {
            throw new SocketException("Socket closed");
        }
    }

    /** Makes sure that bytes are there; within a message, so it waits for them. */
    private void fillOrWait() throws IOException {
        if (isReady()) {
            return;
        }
        if (timeoutMillis == PEEK_MILLIS) {
            throw nothingThere;
        }
        if (fillIfHot()) {
            return;
        }
        long limit = timeoutMillis == 0 ? Long.MAX_VALUE : TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
        long started = System.nanoTime();
        while (!fill(started)) {
            long left = limit - (System.nanoTime() - started);
            if (left <= 0) {
                throw new SocketTimeoutException("Read timed out");
            }
            // A wake-up meant for await() ends this early; its flag stays.
            select(Math.min(left, LONGEST_SELECT_NANOS));
        }
    }

    /** The answer to pgjdbc's question, asked after each gulp; the stack would cost as much as the reading. */
    private static final class NothingThere extends SocketTimeoutException {
        private static final long serialVersionUID = 1;

        NothingThere() {
            super("nothing there");
        }

        @Override
        @SuppressWarnings("UnsynchronizedOverridesSynchronized") // nothing is done
        public Throwable fillInStackTrace() {
            return this;
        }
    }

    private final class In extends InputStream {
        @Override
        public int read() throws IOException {
            fillOrWait();
            return buffer.hasRemaining() ? buffer.get() & 0xFF : -1;
        }

        @Override
        public int read(byte[] bytes, int from, int count) throws IOException {
            if (count == 0) {
                return 0;
            }
            fillOrWait();
            if (!buffer.hasRemaining()) {
                return -1;
            }
            int taken = Math.min(count, buffer.remaining());
            buffer.get(bytes, from, taken);
            return taken;
        }

        @Override
        public int available() {
            return buffer.remaining();
        }

        @Override
        public void close() throws IOException {
            SignallingSocket.this.close();
        }
    }

    private final class Out extends OutputStream {
        @Override
        public void write(int one) throws IOException {
            write(new byte[] {(byte) one}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int from, int count) throws IOException {
            ByteBuffer pending = ByteBuffer.wrap(bytes, from, count);
            while (pending.hasRemaining()) {
                if (channel.write(pending) == 0) {
                    awaitWritable();
                }
            }
        }

        @Override
        public void close() throws IOException {
            SignallingSocket.this.close();
        }
    }

    private void awaitWritable() throws IOException {
        SelectionKey key = channel.keyFor(selector);
        key.interestOps(SelectionKey.OP_WRITE);
        select(LONGEST_SELECT_NANOS);
        key.interestOps(SelectionKey.OP_READ);
    }

    @Override
    public void connect(SocketAddress endpoint) throws IOException {
        connect(endpoint, 0);
    }

    @Override
    public void connect(SocketAddress endpoint, int timeout) throws IOException {
        if (endpoint instanceof InetSocketAddress inet && inet.isUnresolved()) {
            throw new UnknownHostException(inet.getHostString());
        }
        channel.configureBlocking(false);
        if (isThisMachine(endpoint)) {
            channel.setOption(StandardSocketOptions.SO_RCVBUF, LOCAL_WINDOW_BYTES);
            gulpBytes = LOCAL_WINDOW_BYTES / 2;
        }
        if (!channel.connect(endpoint)) {
            SelectionKey key = channel.register(selector, SelectionKey.OP_CONNECT);
            long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeout);
            while (!channel.finishConnect()) {
                long left = timeout == 0 ? 1_000 : TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
                if (left <= 0) {
                    close();
                    throw new SocketTimeoutException("Connect timed out");
                }
                select(TimeUnit.MILLISECONDS.toNanos(left));
            }
            key.interestOps(SelectionKey.OP_READ);
        } else {
            channel.register(selector, SelectionKey.OP_READ);
        }
        if (!channel.isConnected()) {
            throw new ConnectException("not connected");
        }
    }

    private static boolean isThisMachine(SocketAddress endpoint) throws SocketException {
        return endpoint instanceof InetSocketAddress inet
                && (inet.getAddress().isLoopbackAddress()
                        || NetworkInterface.getByInetAddress(inet.getAddress()) != null);
    }

    @Override
    public void bind(@Nullable SocketAddress from) throws IOException {
        channel.bind(from);
    }

    @Override
    public InputStream getInputStream() {
        return in;
    }

    @Override
    public OutputStream getOutputStream() {
        return out;
    }

    @Override
    public void close() throws IOException {
        channel.close();
        synchronized (lock) {
            // Whoever waits in select() comes back and finds it closed.
            selector.close();
        }
    }

    @Override
    public void setSoTimeout(int millis) {
        timeoutMillis = millis;
    }

    @Override
    public int getSoTimeout() {
        return timeoutMillis;
    }
}
