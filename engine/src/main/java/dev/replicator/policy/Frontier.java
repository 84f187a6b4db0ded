package dev.replicator.policy;

import dev.replicator.model.ChangeKind;
import dev.replicator.model.Key;
import dev.replicator.model.Row;
import dev.replicator.model.Table;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The concurrent changes of one key: those that no other change of the key was made in sight of.
 *
 * @param key whose value is to be decided
 * @param members at least two, nearly always exactly two, in version order: the oldest first, the newest ({@code latest})
 *     last. Version order is commit time, but that no change comes before one it was made in sight of
 */
public record Frontier(Key key, List<Member> members) {
    public Frontier {
        members = List.copyOf(members);
    }

    public Table table() {
        return key.table();
    }

    /** The newest in version order. */
    public Member newest() {
        return members.get(members.size() - 1);
    }

    /**
     * One change. {@code (database, commitLsn)} and the key identify it.
     *
     * @param database short name of the database where it was made
     * @param commitLsn its transaction there
     * @param commitMicros commit time by that database's clock, microseconds since 1970-01-01 UTC
     * @param kind what it did; a change of key is a DELETE under the old key and an INSERT under the new one
     * @param row the whole row as it was written; null if the change removed it (DELETE, TRUNCATE)
     * @param old the whole row as it stood before, if the source says so (REPLICA IDENTITY FULL); else null
     */
    public record Member(
            String database,
            long commitLsn,
            long commitMicros,
            ChangeKind kind,
            @Nullable Row row,
            @Nullable Row old) {
        public boolean removesRow() {
            return row == null;
        }
    }
}
