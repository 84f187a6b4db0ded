package dev.replicator.debezium;

import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.InitialCopy;
import dev.replicator.model.LogEntry;
import dev.replicator.model.Reached;
import dev.replicator.model.Resume;
import dev.replicator.model.Table;
import dev.replicator.model.TableSchema;
import dev.replicator.model.Transaction;
import dev.replicator.spi.Source;
import dev.replicator.spi.SourceRequest;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;

/**
 * A session on a MySQL or MariaDB server whose binary log is read, after a first copy of the rows. Thread: one; {@link
 * #wakeUp} any.
 */
final class BinlogSource implements Source {
    private static final long ASK_NANOS = Duration.ofSeconds(1).toNanos();
    private static final long SILENCE_NANOS = Duration.ofMinutes(1).toNanos();
    private static final long LOOK_NANOS = Duration.ofMillis(5).toNanos();
    private static final long IDLE_NANOS = Duration.ofSeconds(1).toNanos();
    private static final String NOTIFICATIONS = "replicator.notifications";

    private final SourceRequest request;
    private final MySqlServer server;
    private final boolean mariaDb;
    private @Nullable Engine engine;
    private @Nullable Transactions transactions;
    private @Nullable StreamPosition reading;
    private boolean copying;
    /** Records that have come and are not handed out yet. */
    private final Deque<SourceRecord> later = new ArrayDeque<>();
    /** What the first copy ended with; nothing further is handed out before that is settled. 0: nothing is waited for. */
    private long toSettle;

    private long heard;
    private long heardAt = System.nanoTime();
    private long handedOut;
    /** Somebody waits until that is reached. */
    private long wanted;

    private long serverEnd;
    private long askDue = System.nanoTime();

    BinlogSource(SourceRequest request, MySqlServer server) {
        this.request = request;
        this.server = server;
        this.mariaDb = server.isMariaDb();
    }

    @Override
    public String holder() {
        return server.lockedBy(topics());
    }

    @Override
    public void start(@Nullable Resume from) {
        requireDriver();
        MySqlChecks.verifyRows(server, request);
        if (!server.lock(topics())) {
            throw ReplicatorException.retryable(
                    ErrorCode.SLOT_BUSY,
                    "could not read database \"" + request.database().name()
                            + "\": another process does that for sync \""
                            + request.sync().name() + "\"",
                    null,
                    null);
        }
        Engine started = new Engine(name -> properties(from == null), server.identity(), from);
        engine = started;
        reading = new StreamPosition(mariaDb, topics());
        Transactions puttingTogether = new Transactions(request, started.kept());
        transactions = puttingTogether;
        copying = from == null;
        if (copying && isCopied()) {
            puttingTogether.copying();
        }
        started.start();
    }

    /** What Debezium calls the source: what it keeps is kept under this name. */
    private String topics() {
        return (request.sync().name() + "." + request.database().name()).replaceAll("[^A-Za-z0-9._-]", "_");
    }

    /** All tables or none: one transaction of the log tells where they stand. */
    private boolean isCopied() {
        return request.tables().stream()
                .map(schema -> request.sync().initialCopy().of(schema.table().name()))
                .anyMatch(copy -> copy.when() != InitialCopy.When.NEVER);
    }

    private void requireDriver() {
        if (mariaDb) {
            return;
        }
        try {
            Class.forName("com.mysql.cj.jdbc.Driver", false, BinlogSource.class.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw ReplicatorException.fatal(
                    ErrorCode.CONFIGURATION,
                    "cannot read database \"" + request.database().name() + "\"",
                    "Debezium reads MySQL by MySQL's own driver, whose licence does not let it be part of this program.",
                    "Put mysql-connector-j-9.1.0.jar (Maven: com.mysql:mysql-connector-j) into the folder \"plugins\" beside the"
                            + " configuration file.");
        }
    }

    private Properties properties(boolean first) {
        MySqlServer.Address address = server.address();
        Properties all = new Properties();
        all.setProperty(
                "connector.class",
                mariaDb
                        ? "io.debezium.connector.mariadb.MariaDbConnector"
                        : "io.debezium.connector.mysql.MySqlConnector");
        all.setProperty("topic.prefix", topics());
        all.setProperty("database.hostname", address.host());
        all.setProperty("database.port", String.valueOf(address.port()));
        all.setProperty(
                "database.user",
                request.database().user() == null ? "" : request.database().user());
        if (request.database().password() != null) {
            all.setProperty("database.password", request.database().password().reveal());
        }
        // Every reader of a log has a number of its own among those of the server.
        all.setProperty(
                "database.server.id", String.valueOf(ThreadLocalRandom.current().nextInt(1 << 20, Integer.MAX_VALUE)));
        all.setProperty("database.include.list", pattern(address.database()));
        all.setProperty(
                "table.include.list",
                request.tables().stream()
                        .map(TableSchema::table)
                        .map(Table::name)
                        .map(name -> pattern(address.database()) + "\\." + pattern(name.name()))
                        .collect(Collectors.joining(",")));
        address.options().forEach((name, value) -> option(all, name, value));
        all.setProperty("snapshot.mode", first && isCopied() ? "initial" : "no_data");
        all.setProperty("provide.transaction.metadata", "true");
        all.setProperty("tombstones.on.delete", "false");
        all.setProperty("skipped.operations", "none");
        all.setProperty("include.schema.changes", "false");
        all.setProperty("schema.history.internal.store.only.captured.tables.ddl", "true");
        all.setProperty("column.propagate.source.type", ".*");
        all.setProperty("decimal.handling.mode", "precise");
        all.setProperty("bigint.unsigned.handling.mode", "precise");
        all.setProperty("binary.handling.mode", "bytes");
        all.setProperty("time.precision.mode", "adaptive_time_microseconds");
        all.setProperty("notification.enabled.channels", "sink");
        all.setProperty("notification.sink.topic.name", NOTIFICATIONS);
        all.setProperty("poll.interval.ms", "2");
        all.setProperty("offset.flush.interval.ms", "3600000");
        all.setProperty("errors.max.retries", "0");
        // It would connect anew, in the middle of a transaction, while a full queue keeps it from reading.
        all.setProperty("connect.keep.alive", "false");
        all.setProperty("connect.keep.alive.interval.ms", "10000");
        return all;
    }

    private void option(Properties all, String name, String value) {
        if (name.equals("sslMode")) {
            all.setProperty(
                    "database.ssl.mode",
                    mariaDb
                            ? value
                            : switch (value) {
                                case "disable" -> "disabled";
                                case "verify-ca" -> "verify_ca";
                                case "verify-full" -> "verify_identity";
                                default -> "required";
                            });
        } else {
            all.setProperty("driver." + name, value);
        }
    }

    /** A pattern that is true of this name only; it has no comma, at which lists of them are cut. */
    static String pattern(String name) {
        StringBuilder pattern = new StringBuilder();
        name.codePoints()
                .forEach(c -> pattern.append(
                        Character.isLetterOrDigit(c) || c == '_'
                                ? Character.toString(c)
                                : "\\x{" + Integer.toHexString(c) + "}"));
        return pattern.toString();
    }

    @Override
    public void poll(Duration maxWait, Consumer<LogEntry> handler) {
        Engine running = engine;
        if (running == null || transactions == null) {
            throw new IllegalStateException("it has not been started");
        }
        ask();
        if (toSettle > 0) {
            waitFor(maxWait);
            return;
        }
        try {
            long deadline = System.nanoTime() + maxWait.toNanos();
            boolean any = false;
            while (!any && !running.isWoken() && deadline - System.nanoTime() > 0) {
                if (later.isEmpty()) {
                    later.addAll(running.poll(handedOut < wanted ? LOOK_NANOS : IDLE_NANOS));
                }
                any = !later.isEmpty();
                while (!later.isEmpty() && toSettle == 0) {
                    take(later.remove(), handler);
                }
                any |= !copying && toSettle == 0 && reached(handler);
            }
            running.awake();
        } catch (InterruptedException e) {
            throw Engine.interrupted(e);
        } catch (ReplicatorException e) {
            throw e.within(request.context());
        }
    }

    private void waitFor(Duration span) {
        Engine running = engine;
        try {
            if (running != null) {
                running.pause(span.toNanos());
            }
        } catch (InterruptedException e) {
            throw Engine.interrupted(e);
        }
    }

    private void take(SourceRecord record, Consumer<LogEntry> handler) {
        Transactions puttingTogether = transactions;
        if (puttingTogether == null) {
            return;
        }
        if (record.topic().equals(NOTIFICATIONS)) {
            if (copying && isCopyComplete(record)) {
                copying = false;
                puttingTogether.copied(record.sourceOffset(), entry -> {
                    toSettle = entry.end();
                    hand(entry, handler);
                });
            }
            return;
        }
        puttingTogether.record(record, entry -> hand(entry, handler));
    }

    private static boolean isCopyComplete(SourceRecord record) {
        return record.value() instanceof Struct value
                && "Initial Snapshot".equals(value.getString("aggregate_type"))
                && List.of("COMPLETED", "SKIPPED").contains(value.getString("type"));
    }

    private void hand(LogEntry entry, Consumer<LogEntry> handler) {
        handedOut = Math.max(handedOut, entry.end());
        if (entry instanceof Transaction transaction && transaction.end() > serverEnd) {
            serverEnd = transaction.end();
        }
        handler.accept(entry);
    }

    private boolean reached(Consumer<LogEntry> handler) {
        StreamPosition position = reading;
        long settled = position == null ? 0 : position.settled();
        if (settled <= handedOut) {
            return false;
        }
        handedOut = settled;
        handler.accept(new Reached(settled));
        return true;
    }

    private void ask() {
        if (askDue - System.nanoTime() <= 0) {
            askDue = System.nanoTime() + ASK_NANOS;
            serverEnd = Math.max(serverEnd, server.end());
            MySqlChecks.verifyRows(server, request);
            refuseSilence();
        }
    }

    /** A connection may be dead without anybody having said so. */
    private void refuseSilence() {
        long now = reading == null ? 0 : reading.raw();
        if (now != heard || now >= serverEnd || copying || toSettle > 0) {
            heard = now;
            heardAt = System.nanoTime();
        } else if (System.nanoTime() - heardAt > SILENCE_NANOS) {
            throw ReplicatorException.retryable(
                    ErrorCode.CONNECTION,
                    "could not read on: the stream of the binary log is silent",
                    "The server's log has grown for a minute, and nothing of it came.",
                    null);
        }
    }

    @Override
    public void settled(long position) {
        if (toSettle > 0 && position >= toSettle) {
            toSettle = 0;
            wakeUp();
        }
    }

    @Override
    public long serverEnd() {
        return serverEnd;
    }

    @Override
    public long committedEnd() {
        wanted = Math.max(wanted, server.end());
        return wanted;
    }

    @Override
    public Duration clockOffset() {
        return server.clockOffset();
    }

    @Override
    public void wakeUp() {
        Engine running = engine;
        if (running != null) {
            running.wakeUp();
        }
    }

    @Override
    public void close() {
        Engine running = engine;
        if (running != null) {
            running.close();
        }
        server.close();
    }
}
