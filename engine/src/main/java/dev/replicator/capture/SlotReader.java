package dev.replicator.capture;

import dev.replicator.decode.TransactionAssembler;
import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.LogEntry;
import dev.replicator.model.Lsn;
import dev.replicator.model.Reached;
import dev.replicator.session.Sessions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.function.Consumer;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyDual;

/**
 * Reads one source's stream through its slot, and acknowledges.
 *
 * <p>Design: pgjdbc's own replication stream hides the keepalives, takes position 0 for a received position (the server
 * stamps all but the last message of a transaction so), and moves socket timeouts about, which has corrupted streams.
 * This reader therefore speaks the few messages of the streaming protocol itself over pgjdbc's copy-both operation:
 * login, TLS and framing stay pgjdbc's. It waits on the socket, never in pgjdbc, and reads when bytes are there.
 *
 * <p>Guarantees: entries come in log order, transactions whole. A keepalive's position is handed on as {@link Reached}
 * only when no transaction is open: then everything below it has been sent and decoded. Nothing is acknowledged but by
 * {@link #acknowledge}. The server hears from this reader at least three times in its {@code wal_sender_timeout} as long
 * as {@link #poll} or {@link #keepAlive} is called that often. After any exception it is of no more use: close it.
 *
 * <p>Thread: one; {@link #wakeup} and {@link #close}: any. Source: PostgreSQL documentation, "Streaming Replication
 * Protocol"; {@code walsender.c}.
 */
public final class SlotReader implements AutoCloseable {
    private static final Duration USUAL_STATUS_INTERVAL = Duration.ofSeconds(10);
    private static final String WORK_MEM = "256MB";
    /** Messages after which {@link #poll} returns to let its caller look after other things. */
    private static final int MESSAGES_PER_POLL = 20_000;
    /** Bytes after which it does, so that large rows do not fill the memory of a caller that looks only then. */
    private static final long BYTES_PER_POLL = 16L << 20;
    /** Messages after which the time is looked at. */
    private static final int MESSAGES_PER_GLANCE = 256;

    /** SQLSTATE of the warning; the server has no other of this class while it streams. */
    private static final String PUBLICATION_SKIPPED = "55000";

    /** In place of a position: none is said, and the server keeps what it has. */
    private static final long NO_NEWS = 0;

    /** How long after the last entry the server hears from this reader first. */
    private static final long FIRST_NUDGE_NANOS = 10_000_000;

    private static final int DATA_HEADER = 25;
    private static final int KEEPALIVE_BYTES = 18;
    private static final long EPOCH_MILLIS = 946_684_800_000L;

    private final StreamRequest request;
    private final TransactionAssembler assembler;
    private final Connection connection;
    private final SignallingSocket socket;
    private final CopyDual copy;
    private final long statusIntervalNanos;
    private long lastStatusNanos = System.nanoTime();
    private long acknowledged;
    private long readUpTo;
    private long serverEnd;
    private long reportedEnd;
    private int entriesInPoll;
    private long bytesInPoll;
    private long nudgeAfterNanos = Long.MAX_VALUE;
    private long nudgeFromNanos;

    private SlotReader(
            StreamRequest request, TransactionAssembler assembler, Connection connection, SignallingSocket socket) {
        this.request = request;
        this.assembler = assembler;
        this.connection = connection;
        this.socket = socket;
        this.readUpTo = request.position();
        this.serverEnd = request.position();
        try {
            this.statusIntervalNanos = statusInterval(connection).toNanos();
            this.copy = connection.unwrap(PGConnection.class).getCopyAPI().copyDual(startCommand(request));
        } catch (SQLException e) {
            Sessions.closeQuietly(connection);
            throw StreamErrors.starting(request, e);
        }
    }

    /**
     * Connects and starts the stream. The assembler belongs to this stream alone and is closed with it. A slot that is
     * in use fails as SLOT_BUSY, which is retryable.
     */
    public static SlotReader open(StreamRequest request, TransactionAssembler assembler) {
        String purpose = "replicator reads " + request.slot();
        try (SignallingSocketFactory.Ticket ticket = SignallingSocketFactory.Ticket.take()) {
            Connection connection = Sessions.openReplication(
                    request.database(),
                    purpose,
                    Map.of("logical_decoding_work_mem", WORK_MEM, "client_min_messages", "warning"),
                    ticket.driverProperties());
            return new SlotReader(request, assembler, connection, ticket.socket());
        }
    }

    /** Three times in the server's timeout, so that one late answer does no harm. */
    private static Duration statusInterval(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(
                        "SELECT setting FROM pg_catalog.pg_settings WHERE name = 'wal_sender_timeout'")) {
            long timeoutMillis = result.next() ? Long.parseLong(result.getString(1)) : 0;
            Duration third = Duration.ofMillis(timeoutMillis / 3);
            return timeoutMillis == 0 || third.compareTo(USUAL_STATUS_INTERVAL) > 0 ? USUAL_STATUS_INTERVAL : third;
        }
    }

    static String startCommand(StreamRequest request) {
        StringBuilder command = new StringBuilder("START_REPLICATION SLOT \"")
                .append(request.slot().replace("\"", "\"\""))
                .append("\" LOGICAL ")
                .append(Lsn.format(request.position()))
                .append(" (\"proto_version\" '1', \"publication_names\" '\"")
                .append(request.publication().replace("\"", "\"\"").replace("'", "''"))
                .append("\"', \"messages\" 'true'");
        if (request.form().binary()) {
            command.append(", \"binary\" 'true'");
        }
        if (request.form().localOnly()) {
            command.append(", \"origin\" 'none'");
        }
        return command.append(')').toString();
    }

    /**
     * Hands out what has come. If that is nothing, waits for something up to {@code maxWait}; may return sooner without
     * any entry, and does when woken. What comes meanwhile is left for the next call.
     */
    public void poll(Duration maxWait, Consumer<LogEntry> out) {
        long deadline = System.nanoTime() + maxWait.toNanos();
        entriesInPoll = 0;
        bytesInPoll = 0;
        try {
            do {
                drain(out);
                sendStatusIfDue();
                reportReached(out);
                nudgeIfDue();
            } while (entriesInPoll == 0 && bytesInPoll < BYTES_PER_POLL && socket.await(remaining(deadline)));
        } catch (SQLException e) {
            throw StreamErrors.reading(request, e);
        } catch (IOException e) {
            throw StreamErrors.broken(request, e);
        }
    }

    private Duration remaining(long deadline) {
        long now = System.nanoTime();
        long untilStatus = lastStatusNanos + statusIntervalNanos - now;
        long untilNudge = nudgeAfterNanos == Long.MAX_VALUE ? untilStatus : nudgeFromNanos + nudgeAfterNanos - now;
        return Duration.ofNanos(Math.max(0, Math.min(deadline - now, Math.min(untilStatus, untilNudge))));
    }

    /**
     * A walsender that is about to sleep can miss that log was flushed (it looks, and only then queues for the wake-up,
     * from 16 on), and then sleeps until the next commit, or until it hears from us. So a stream that has just become
     * quiet hears from us soon, and then less and less often.
     */
    private void nudgeIfDue() throws SQLException {
        long now = System.nanoTime();
        if (entriesInPoll > 0) {
            nudgeFromNanos = now;
            nudgeAfterNanos = FIRST_NUDGE_NANOS;
        } else if (nudgeAfterNanos != Long.MAX_VALUE && now - nudgeFromNanos >= nudgeAfterNanos) {
            nudgeAfterNanos *= 4;
            if (nudgeAfterNanos >= statusIntervalNanos) {
                nudgeAfterNanos = Long.MAX_VALUE;
            }
            sendStatus(NO_NEWS, false);
        }
    }

    /** Handles the messages that are there. */
    private void drain(Consumer<LogEntry> out) throws SQLException {
        int messages = 0;
        while (messages < MESSAGES_PER_POLL && bytesInPoll < BYTES_PER_POLL) {
            // At the end of the connection a read that does not wait finds nothing for ever; one that does says why.
            byte[] message = copy.readFromCopy(socket.isAtEnd());
            if (message == null) {
                break;
            }
            handle(message, out);
            messages++;
            bytesInPoll += message.length;
            if (messages % MESSAGES_PER_GLANCE == 0) {
                sendStatusIfDue();
            }
        }
        if (!copy.isActive()) {
            throw StreamErrors.ended(request);
        }
    }

    private void handle(byte[] message, Consumer<LogEntry> out) throws SQLException {
        if (message.length >= DATA_HEADER && message[0] == 'w') {
            assembler.accept(ByteBuffer.wrap(message, DATA_HEADER, message.length - DATA_HEADER), entry -> {
                checkPublication();
                entriesInPoll++;
                reportedEnd = Math.max(reportedEnd, entry.end());
                readUpTo = Math.max(readUpTo, entry.end());
                out.accept(entry);
            });
        } else if (message.length >= KEEPALIVE_BYTES && message[0] == 'k') {
            ByteBuffer keepalive = ByteBuffer.wrap(message);
            long end = keepalive.getLong(1);
            serverEnd = Math.max(serverEnd, end);
            if (!assembler.isInTransaction()) {
                readUpTo = Math.max(readUpTo, end);
            }
            if (message[17] != 0) {
                sendStatus(NO_NEWS, false);
            }
        } else {
            throw ReplicatorException.fatal(
                    ErrorCode.PROTOCOL,
                    "cannot understand what database \"" + request.database().name() + "\" sends",
                    "A message of the replication stream is neither data nor a keepalive.",
                    null);
        }
    }

    /**
     * From 18 on a server goes on without a publication that does not exist and only warns; what it leaves out must not
     * count as read. The warning comes before what follows it, so nothing has been handed out since.
     */
    private void checkPublication() {
        try {
            SQLWarning warning = connection.getWarnings();
            if (warning == null) {
                return;
            }
            for (; warning != null; warning = warning.getNextWarning()) {
                if (PUBLICATION_SKIPPED.equals(warning.getSQLState())) {
                    throw StreamErrors.publication(request, warning);
                }
            }
            connection.clearWarnings();
        } catch (SQLException e) {
            throw StreamErrors.reading(request, e);
        }
    }

    /** Once for any number of keepalives. */
    private void reportReached(Consumer<LogEntry> out) {
        if (readUpTo > reportedEnd && !assembler.isInTransaction()) {
            checkPublication();
            reportedEnd = readUpTo;
            entriesInPoll++;
            out.accept(new Reached(readUpTo));
        }
    }

    /** Lets the source forget everything below {@code position}; sent at once if it is more than before. */
    public void acknowledge(long position) {
        if (position > acknowledged) {
            acknowledged = position;
            try {
                sendStatus(position, false);
            } catch (SQLException e) {
                throw StreamErrors.reading(request, e);
            }
        }
    }

    /** Asks the server how far it is; {@link #poll} hands the answer out as {@link Reached}, if it is news. */
    public void requestPosition() {
        send(true);
    }

    /** To be called now and then by an owner that does not poll, or the server takes it for dead. */
    public void keepAlive() {
        if (System.nanoTime() - lastStatusNanos >= statusIntervalNanos) {
            send(false);
        }
    }

    /** How far the server said it had read its own log; the end of the log, unless it is behind. */
    public long serverEnd() {
        return Math.max(serverEnd, readUpTo);
    }

    /** The position acknowledged last by this reader; 0 if none was. */
    public long acknowledged() {
        return acknowledged;
    }

    /** Ends the present {@link #poll}, or the next one. Any thread. */
    public void wakeup() {
        socket.wakeup();
    }

    private void sendStatusIfDue() throws SQLException {
        if (System.nanoTime() - lastStatusNanos >= statusIntervalNanos) {
            sendStatus(NO_NEWS, false);
        }
    }

    private void send(boolean replyRequested) {
        try {
            sendStatus(NO_NEWS, replyRequested);
        } catch (SQLException e) {
            throw StreamErrors.reading(request, e);
        }
    }

    /**
     * Standby status update: received, flushed, applied, clock, whether a reply is wanted. Flushed is named only when it
     * is news: a server that shuts down waits until the position it last heard has reached the end of its log, which of
     * the flushed one would take as long as some target is away; without one it takes the received one.
     */
    private void sendStatus(long flushed, boolean replyRequested) throws SQLException {
        long clockMicros = (System.currentTimeMillis() - EPOCH_MILLIS) * 1000;
        byte[] status = ByteBuffer.allocate(34)
                .put((byte) 'r')
                .putLong(Math.max(readUpTo, flushed))
                .putLong(flushed)
                .putLong(flushed)
                .putLong(clockMicros)
                .put((byte) (replyRequested ? 1 : 0))
                .array();
        copy.writeToCopy(status, 0, status.length);
        copy.flushCopy();
        lastStatusNanos = System.nanoTime();
    }

    /** Ends the stream at once; the slot is free soon after. Never throws. */
    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            // It is given up either way.
        }
        Sessions.closeQuietly(connection);
        assembler.close();
    }
}
