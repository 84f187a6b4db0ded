package dev.replicator.pipeline;

import dev.replicator.capture.SlotReader;
import dev.replicator.capture.StreamRequest;
import dev.replicator.decode.StreamSettings;
import dev.replicator.decode.TransactionAssembler;
import dev.replicator.decode.TypeNames;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.DatabaseSpec;
import dev.replicator.model.LogEntry;
import dev.replicator.model.Lsn;
import dev.replicator.model.Mark;
import dev.replicator.model.MarkNumber;
import dev.replicator.model.Reached;
import dev.replicator.model.ServerNames;
import dev.replicator.model.SyncSpec;
import dev.replicator.model.Table;
import dev.replicator.model.Transaction;
import dev.replicator.session.Sessions;
import dev.replicator.session.SqlErrors;
import dev.replicator.slot.BinaryForm;
import dev.replicator.slot.Publications;
import dev.replicator.slot.SlotChecks;
import dev.replicator.slot.Slots;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection to a PostgreSQL source: an ordinary session for questions and, once started, the stream of its slot.
 *
 * <p>Where foreign origins are ignored, servers from 16 on leave them out of the stream; of older ones they are dropped
 * here. A stream in binary form that meets a type which is not safe in that form is started again in text form, where it
 * was.
 */
final class SlotLogSession implements LogSession {
    private static final Logger LOG = LoggerFactory.getLogger(SlotLogSession.class);
    private static final int FIRST_WITH_ORIGIN_FILTER = 16;

    private final SyncSpec sync;
    private final DatabaseSpec database;
    private final List<Table> tables;
    private final ReplicationSettings settings;
    private final AtomicBoolean textOnly;
    private final OwnStream own;
    private final Connection connection;
    private volatile @Nullable SlotReader reader;
    private boolean dropsForeign;
    private @Nullable TransactionAssembler assembler;
    /** What the stream was started with, as of the last entry handed out. */
    private long position;

    private byte[] markSecret = new byte[0];
    private MarkNumber lastMark = MarkNumber.NONE;
    private long acknowledged;

    SlotLogSession(
            SyncSpec sync,
            DatabaseSpec database,
            List<Table> tables,
            ReplicationSettings settings,
            AtomicBoolean textOnly,
            OwnStream own) {
        this.textOnly = textOnly;
        this.sync = sync;
        this.database = database;
        this.tables = tables;
        this.settings = settings;
        this.own = own;
        this.connection = own.connection();
    }

    @Override
    public Slot slot() {
        Optional<dev.replicator.slot.Slot> found = new Slots(connection, database.name()).find(slotName());
        if (found.isEmpty()) {
            throw verifyFails(found, 0);
        }
        dev.replicator.slot.Slot slot = found.get();
        String holder = slot.holder();
        String who = "server process " + slot.activePid() + (holder == null ? "" : " (" + holder + ")");
        return new Slot(slot.isActive() && !own.holds(slot) ? who : "", slot.confirmedFlush());
    }

    private String slotName() {
        return ServerNames.slot(sync.name(), database.name());
    }

    private ReplicatorException verifyFails(Optional<dev.replicator.slot.Slot> found, long position) {
        verify(found, position);
        throw new IllegalStateException("a slot that is missing was verified");
    }

    private void verify(Optional<dev.replicator.slot.Slot> found, long position) {
        try {
            SlotChecks.verify(found, slotName(), sync.name(), database.name(), connection.getCatalog(), position);
        } catch (SQLException e) {
            throw asking(e);
        }
    }

    @Override
    public void start(long startPosition, byte[] secret, MarkNumber last) {
        position = startPosition;
        markSecret = secret;
        lastMark = last;
        open();
    }

    private void open() {
        String publication = ServerNames.publication(sync.name());
        new Publications(connection, database.name()).verify(publication, tables);
        Optional<dev.replicator.slot.Slot> slot = new Slots(connection, database.name()).find(slotName());
        own.endLeftover(slot);
        verify(slot, position);
        boolean ignores = sync.foreignOrigins() == SyncSpec.ForeignOrigins.IGNORE;
        boolean filters = ignores && major() >= FIRST_WITH_ORIGIN_FILTER;
        dropsForeign = ignores && !filters;
        StreamSettings.OwnMarks marks = markSecret.length == 0
                ? null
                : new StreamSettings.OwnMarks(ServerNames.origin(sync.name(), database.name()), markSecret, lastMark);
        boolean binary = settings.binary() && !textOnly.get();
        TransactionAssembler fresh = new TransactionAssembler(
                new StreamSettings(
                        sync.name(),
                        sync.sources().stream().map(DatabaseSpec::name).toList(),
                        tables,
                        marks,
                        new StreamSettings.Spool(settings.spool(), settings.transactionBytes()),
                        binary
                                ? oid -> BinaryForm.isSafeType(
                                        TypeNames.builtIn().nameOf(oid))
                                : oid -> true),
                TypeNames.builtIn());
        StreamRequest.Form form = new StreamRequest.Form(binary, filters);
        reader = SlotReader.open(new StreamRequest(database, slotName(), publication, position, form), fresh);
        assembler = fresh;
        own.opened(slotName());
    }

    private int major() {
        try {
            return connection.getMetaData().getDatabaseMajorVersion();
        } catch (SQLException e) {
            throw asking(e);
        }
    }

    private SlotReader started() {
        SlotReader started = reader;
        if (started == null) {
            throw new IllegalStateException("the stream has not been started");
        }
        return started;
    }

    @Override
    public void poll(Duration maxWait, Consumer<LogEntry> handler) {
        try {
            started().poll(maxWait, entry -> hand(dropsForeign ? withoutForeign(entry) : entry, handler));
        } catch (ReplicatorException e) {
            if (assembler == null || !assembler.needsText() || textOnly.getAndSet(true)) {
                throw e;
            }
            LOG.info("{}: {} goes on in text form: {} {}", sync.name(), database.name(), e.primary(), e.detail());
            started().close();
            open();
            acknowledge(acknowledged);
        }
    }

    private void hand(LogEntry entry, Consumer<LogEntry> handler) {
        position = Math.max(position, entry.end());
        if (entry instanceof Mark mark) {
            lastMark = mark.number();
        }
        handler.accept(entry);
    }

    private static LogEntry withoutForeign(LogEntry entry) {
        if (entry instanceof Transaction transaction && transaction.origin() != null) {
            transaction.changes().close();
            return new Reached(transaction.end());
        }
        return entry;
    }

    @Override
    public void feedback() {
        started().keepAlive();
    }

    @Override
    public void acknowledge(long upTo) {
        acknowledged = upTo;
        if (upTo > 0) {
            started().acknowledge(upTo);
        }
    }

    @Override
    public long serverEnd() {
        return started().serverEnd();
    }

    /**
     * Commits a message of nobody's interest with a flush: what committed without one before it is flushed too, and the
     * stream gets past it.
     */
    @Override
    public long committedEnd() {
        return Lsn.parse(ask("SELECT pg_catalog.pg_logical_emit_message(true, 'replicator_nudge', '')::text"))
                .value();
    }

    @Override
    public Duration clockOffset() {
        long before = System.currentTimeMillis();
        long there = Long.parseLong(ask("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::int8::text"));
        long after = System.currentTimeMillis();
        return Duration.ofNanos((there - (before + after) * 500) * 1000);
    }

    private String ask(String sql) {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getString(1);
        } catch (SQLException e) {
            throw asking(e);
        }
    }

    private ReplicatorException asking(SQLException e) {
        return SqlErrors.doing("ask database \"" + database.name() + "\"", e);
    }

    @Override
    public void wakeUp() {
        SlotReader started = reader;
        if (started != null) {
            started.wakeup();
        }
    }

    @Override
    public void close() {
        SlotReader started = reader;
        if (started != null) {
            started.close();
        }
        Sessions.closeQuietly(connection);
    }
}
