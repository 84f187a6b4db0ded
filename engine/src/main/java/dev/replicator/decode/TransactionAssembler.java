package dev.replicator.decode;

import dev.replicator.codec.DecodedMark;
import dev.replicator.codec.MarkCodec;
import dev.replicator.codec.MarkHead;
import dev.replicator.codec.SpooledChanges;
import dev.replicator.model.Change;
import dev.replicator.model.LogEntry;
import dev.replicator.model.Mark;
import dev.replicator.model.MarkNumber;
import dev.replicator.model.Positions;
import dev.replicator.model.Reached;
import dev.replicator.model.ServerNames;
import dev.replicator.model.Transaction;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns one source's stream of messages into log entries.
 *
 * <p>Design: a transaction is <em>ours</em> when it has our replication origin, or when a signed opening mark is its first
 * message, or, with the origin filtered by the server, when it carries a signed mark at all; its rows are skipped
 * undecoded. Its marks are held back until its commit, which knows the positions. Any other transaction is local, also
 * one that came from elsewhere under another origin. A transaction without anything for us is {@link Reached}. A mark
 * counts only with a valid signature, inside a transaction, with numbers above those of the last one of this log, also of
 * those below where the stream starts; any other message under our prefix is an ordinary one and a warning ({@link
 * MarkCodec} says why).
 *
 * <p>Guarantees: entries come out whole and in commit order; several changes of one key stay several. Memory is bounded
 * by the spool's limit, but for the hashes of one batch's keys. Malformed input is a PROTOCOL error and nothing else;
 * after any exception the stream is given up. One per stream, since each starts with the number that belongs to its
 * position. One thread.
 */
public final class TransactionAssembler implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TransactionAssembler.class);

    private final StreamSettings settings;
    private final RelationResolver relations;
    private final @Nullable MarkCodec codec;
    private MarkNumber last;
    private long refusedMarks;
    private @Nullable Open open;

    /** The transaction being read. */
    private static final class Open {
        final Message.Begin begin;
        final List<DecodedMark> marks = new ArrayList<>();

        @Nullable
        String origin;

        @Nullable
        SpooledChanges changes;

        /** The number that the marks of this transaction bear; null before the first. */
        @Nullable
        MarkNumber number;

        int parts;
        boolean ours;
        boolean first = true;

        Open(Message.Begin begin) {
            this.begin = begin;
        }
    }

    public TransactionAssembler(StreamSettings settings, TypeNames typeNames) {
        this.settings = settings;
        this.relations = new RelationResolver(settings.tables(), typeNames, settings.takes());
        StreamSettings.OwnMarks own = settings.marks();
        this.codec = own == null ? null : new MarkCodec(settings.sync(), own.secret());
        this.last = own == null ? MarkNumber.NONE : own.last();
    }

    /** Whether a transaction has begun and not yet ended: what the server has sent is then not all decoded. */
    public boolean isInTransaction() {
        return open != null;
    }

    /** Whether it failed because a type has come whose values can only be taken as text. */
    public boolean needsText() {
        return relations.needsText();
    }

    /** Messages under our prefix that were not accepted as marks. */
    public long refusedMarks() {
        return refusedMarks;
    }

    /** Reads one message, which must not be changed afterwards, and hands out what it completes. */
    public void accept(ByteBuffer message, Consumer<LogEntry> out) {
        byte kind = PgOutputDecoder.kind(message);
        if (open != null && open.ours && (kind == 'I' || kind == 'U' || kind == 'D' || kind == 'T')) {
            open.first = false;
            return;
        }
        Message decoded = PgOutputDecoder.decode(message);
        if (decoded instanceof Message.Begin begin) {
            if (open != null) {
                throw WireReader.malformed("a transaction begins within another");
            }
            open = new Open(begin);
        } else if (decoded instanceof Message.RelationInfo relation) {
            relations.relation(relation);
        } else if (decoded instanceof Message.TypeInfo type) {
            relations.type(type);
        } else if (decoded instanceof Message.Logical logical && !logical.transactional()) {
            if (codec != null && logical.prefix().equals(ServerNames.MESSAGE_PREFIX)) {
                refused();
            }
        } else if (open == null) {
            throw WireReader.malformed("a message of kind " + (char) kind + " outside of a transaction");
        } else if (decoded instanceof Message.Commit commit) {
            Open ended = open;
            open = null;
            commit(ended, commit, out);
        } else {
            within(open, decoded);
        }
    }

    private void within(Open transaction, Message message) {
        if (message instanceof Message.Origin origin) {
            transaction.origin = origin.name();
            transaction.ours = settings.marks() != null && settings.marks().isOurs(origin.name());
            return;
        }
        if (message instanceof Message.Logical logical) {
            logical(transaction, logical);
        } else if (message instanceof Message.Truncate truncate) {
            for (int oid : truncate.relations()) {
                RelationResolver.Resolved table = relations.resolve(oid);
                if (table != null) {
                    add(transaction, Change.truncate(table.relation().table()));
                }
            }
        } else {
            row(transaction, message);
        }
        transaction.first = false;
    }

    private void row(Open transaction, Message message) {
        Consumer<Change> to = change -> add(transaction, change);
        if (message instanceof Message.Insert insert) {
            RelationResolver.Resolved table = relations.resolve(insert.relation());
            if (table != null) {
                RowChanges.insert(table, insert, to);
            }
        } else if (message instanceof Message.Update update) {
            RelationResolver.Resolved table = relations.resolve(update.relation());
            if (table != null) {
                RowChanges.update(table, update, to);
            }
        } else if (message instanceof Message.Delete delete) {
            RelationResolver.Resolved table = relations.resolve(delete.relation());
            if (table != null) {
                RowChanges.delete(table, delete, to);
            }
        }
    }

    private void add(Open transaction, Change change) {
        SpooledChanges changes = transaction.changes;
        if (changes == null) {
            changes = new SpooledChanges(
                    settings.spool().directory(), settings.spool().memoryBytes());
            transaction.changes = changes;
        }
        changes.add(change);
    }

    private void logical(Open transaction, Message.Logical message) {
        if (codec == null || !message.prefix().equals(ServerNames.MESSAGE_PREFIX)) {
            return;
        }
        Optional<DecodedMark> mark = codec.decode(message.content());
        if (mark.isEmpty()) {
            if (!codec.isOfAnotherSync(message.content())) {
                refused();
            }
            return;
        }
        MarkHead head = mark.get().head();
        if (!isNext(transaction, head) || (head.isOpening() && !transaction.first)) {
            refused();
            return;
        }
        transaction.ours = true;
        transaction.number = head.number();
        transaction.parts++;
        if (!head.isOpening()) {
            transaction.marks.add(mark.get());
        }
    }

    /** Above what was read before, or the next part of what this transaction has said already; in its own origin. */
    private boolean isNext(Open transaction, MarkHead head) {
        boolean numbered = transaction.number == null
                ? head.number().isAbove(last)
                : head.number().equals(transaction.number);
        boolean placed = !head.isInOrigin()
                || (settings.marks() != null && settings.marks().origin().equals(transaction.origin));
        return numbered && placed && head.part() == transaction.parts;
    }

    private void commit(Open transaction, Message.Commit commit, Consumer<LogEntry> out) {
        SpooledChanges changes = transaction.changes;
        if (!transaction.ours) {
            if (changes == null) {
                out.accept(new Reached(commit.end()));
                return;
            }
            out.accept(new Transaction(
                    commit.commitLsn(),
                    commit.end(),
                    commit.commitMicros(),
                    transaction.begin.xid(),
                    transaction.origin,
                    changes));
            return;
        }
        if (changes != null) {
            changes.close();
        }
        for (DecodedMark mark : transaction.marks) {
            last = mark.head().number();
            out.accept(mark(mark, commit, transaction.begin.xid()));
        }
        if (transaction.marks.isEmpty()) {
            out.accept(new Reached(commit.end()));
        }
    }

    private Mark mark(DecodedMark mark, Message.Commit commit, int xid) {
        long[] held =
                settings.sourceNames().stream().mapToLong(mark.head()::heldOf).toArray();
        return new Mark(
                commit.commitLsn(),
                commit.end(),
                mark.head().fence(),
                mark.head().batch(),
                Positions.of(held),
                mark.head().highest(),
                mark.written(),
                mark.missed(),
                mark.truncated(),
                mark.head().isLast(),
                xid);
    }

    private void refused() {
        refusedMarks++;
        if (Long.bitCount(refusedMarks) == 1) {
            LOG.warn(
                    "sync \"{}\": {} message(s) in the log look like marks of this program and are not: wrong"
                            + " signature, repeated numbers, or out of place. They have no effect.",
                    settings.sync(),
                    refusedMarks);
        }
    }

    /** Drops what is half read. */
    @Override
    public void close() {
        if (open != null && open.changes != null) {
            open.changes.close();
        }
        open = null;
    }
}
