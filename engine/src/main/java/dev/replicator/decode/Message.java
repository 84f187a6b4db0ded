package dev.replicator.decode;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** One pgoutput message. Source: PostgreSQL documentation, "Logical Replication Message Formats". */
public sealed interface Message {

    /** A transaction starts; {@code commitLsn} is where its commit record starts. */
    record Begin(long commitLsn, long commitMicros, int xid) implements Message {}

    /** It ends; {@code end} is where its commit record ends. */
    record Commit(long commitLsn, long end, long commitMicros) implements Message {}

    /** The transaction was replayed from the replication origin of this name. */
    record Origin(String name) implements Message {}

    /** A table's columns; comes before its first row and after every change of its definition. */
    record RelationInfo(int oid, String schema, String name, byte replicaIdentity, List<ColumnInfo> columns)
            implements Message {}

    /** One column of a relation. {@code identity} is set for every column under REPLICA IDENTITY FULL. */
    record ColumnInfo(String name, boolean identity, int typeOid, int typmod) {}

    /** The name of a type that is not built in (of its base type, if it is a domain). */
    record TypeInfo(int oid, String schema, String name) implements Message {}

    record Insert(int relation, Tuple row) implements Message {}

    /** {@code old} is null when neither the identity changed nor the whole row is sent. */
    record Update(int relation, @Nullable Tuple old, Tuple row) implements Message {}

    record Delete(int relation, Tuple old) implements Message {}

    record Truncate(List<Integer> relations, boolean cascade, boolean restartIdentity) implements Message {}

    /** A logical message; {@code transactional} ones come inside their transaction. */
    record Logical(boolean transactional, long lsn, String prefix, byte[] content) implements Message {}

    /**
     * Column values where they stand in the message.
     *
     * @param kind {@code N} new row, {@code K} only the identity's columns (the others read as NULL), {@code O} whole
     *     old row
     * @param bytes the message's array
     * @param starts the place of each column's kind byte
     */
    record Tuple(byte kind, byte[] bytes, int[] starts) {}
}
