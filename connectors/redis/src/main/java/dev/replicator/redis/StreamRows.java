package dev.replicator.redis;

import static redis.clients.jedis.Protocol.Command.XADD;

import dev.replicator.codec.RowReader;
import dev.replicator.model.Operation;
import dev.replicator.model.Row;
import dev.replicator.model.Table;
import redis.clients.jedis.CommandArguments;

/**
 * A stream for each table, with an entry for each change: field {@code op}, and, in JSON, {@code key}, {@code row} with the
 * columns that are carried, {@code add} with what is added to counters, and {@code from} with the old key of a move. One
 * thread.
 */
final class StreamRows implements RowForm {
    private final KeyNames names;
    private final long length;

    /** {@code length}: how many entries are kept, roughly; 0: all. */
    StreamRows(KeyNames names, long length) {
        this.names = names;
        this.length = length;
    }

    private CommandArguments entry(Table table, String operation) {
        CommandArguments entry = new CommandArguments(XADD).add(names.of(table.name()));
        if (length > 0) {
            entry.add("MAXLEN").add("~").add(length);
        }
        return entry.add("*").add("op").add(operation);
    }

    private CommandArguments entry(String name, RowReader reader, Operation operation) {
        Row row = operation.requireRow();
        CommandArguments entry = entry(operation.table(), name).add("key").add(JsonText.key(reader, row));
        if (operation.kind() == Operation.Kind.DELETE) {
            return entry;
        }
        entry.add("row").add(JsonText.row(reader, row));
        String increments = JsonText.increments(reader, row);
        return increments.isEmpty() ? entry : entry.add("add").add(increments);
    }

    @Override
    public void upsert(Transaction into, RowReader reader, Operation operation) {
        into.queue(entry("upsert", reader, operation));
    }

    @Override
    public void update(Transaction into, RowReader reader, Operation operation) {
        into.queue(entry("update", reader, operation));
    }

    @Override
    public void delete(Transaction into, RowReader reader, Operation operation) {
        into.queue(entry("delete", reader, operation));
    }

    @Override
    public void move(Transaction into, RowReader reader, RowReader fromReader, Operation operation) {
        into.queue(entry("move", reader, operation).add("from").add(JsonText.key(fromReader, operation.requireFrom())));
    }

    @Override
    public boolean isEmpty(RedisSession session, Table table) {
        return session.typeOf(names.of(table.name())).equals("none");
    }

    @Override
    public void truncate(Transaction into, Table table) {
        into.queue(entry(table, "truncate"));
    }
}
