package dev.replicator.redis;

import dev.replicator.codec.RowReader;
import dev.replicator.model.Operation;
import dev.replicator.model.Table;

/** What an operation becomes: commands of a transaction. They cannot fail once they are queued. One thread. */
interface RowForm {
    void upsert(Transaction into, RowReader reader, Operation operation);

    void update(Transaction into, RowReader reader, Operation operation);

    void delete(Transaction into, RowReader reader, Operation operation);

    void move(Transaction into, RowReader reader, RowReader fromReader, Operation operation);

    void truncate(Transaction into, Table table);

    /** Whether nothing is there of a table. */
    boolean isEmpty(RedisSession session, Table table);
}
