package dev.replicator.redis;

import static redis.clients.jedis.Protocol.Command.DEL;
import static redis.clients.jedis.Protocol.Command.HSET;
import static redis.clients.jedis.Protocol.Command.PEXPIRE;
import static redis.clients.jedis.Protocol.Command.SET;

import dev.replicator.codec.RowReader;
import dev.replicator.model.Operation;
import dev.replicator.model.Row;
import dev.replicator.model.Table;
import java.util.ArrayList;
import java.util.List;
import redis.clients.jedis.CommandArguments;

/**
 * A key for each row: a hash with a field for each column that is not NULL, the columns of the key included, or a JSON text.
 * A whole row takes the place of whatever has its key; what changes a part runs in the server, as it has to see what
 * earlier commands of the transaction make. One thread.
 */
final class KeyedRows implements RowForm {
    private static final Script CHANGE_HASH = Script.of("hash", "decimal.lua", "hash.lua");
    private static final Script CHANGE_JSON = Script.of("json", "decimal.lua", "json.lua");
    private static final Script TRUNCATE = Script.of("truncate", "truncate.lua");

    private final KeyNames names;
    private final boolean json;
    private final String ttlMillis;

    KeyedRows(KeyNames names, boolean json, long ttlMillis) {
        this.names = names;
        this.json = json;
        this.ttlMillis = String.valueOf(ttlMillis);
    }

    @Override
    public void upsert(Transaction into, RowReader reader, Operation operation) {
        Row row = operation.requireRow();
        String key = names.of(reader, row);
        if (json) {
            CommandArguments set = new CommandArguments(SET).add(key).add(JsonText.row(reader, row));
            into.queue(ttlMillis.equals("0") ? set : set.add("PX").add(ttlMillis));
            return;
        }
        into.queue(new CommandArguments(DEL).add(key));
        CommandArguments set = new CommandArguments(HSET).add(key);
        for (int c = 0; c < row.relation().size(); c++) {
            if (!row.isNull(c) && !row.isAbsent(c)) {
                set.add(reader.type(c).name()).add(reader.text(row, c));
            }
        }
        into.queue(set);
        if (!ttlMillis.equals("0")) {
            into.queue(new CommandArguments(PEXPIRE).add(key).add(ttlMillis));
        }
    }

    @Override
    public void update(Transaction into, RowReader reader, Operation operation) {
        Row row = operation.requireRow();
        into.run(json ? CHANGE_JSON : CHANGE_HASH, List.of(names.of(reader, row)), changes(reader, row));
    }

    @Override
    public void move(Transaction into, RowReader reader, RowReader fromReader, Operation operation) {
        Row row = operation.requireRow();
        String from = names.of(fromReader, operation.requireFrom());
        into.run(json ? CHANGE_JSON : CHANGE_HASH, List.of(names.of(reader, row), from), changes(reader, row));
    }

    private List<String> changes(RowReader reader, Row row) {
        List<String> changes = new ArrayList<>();
        changes.add(ttlMillis);
        for (int c = 0; c < row.relation().size(); c++) {
            if (row.isAbsent(c)) {
                continue;
            }
            String name = reader.type(c).name();
            boolean none = row.isNull(c) && !json;
            changes.add(row.isAdded(c) ? "add" : none ? "null" : "set");
            changes.add(json ? JsonText.string(name) : name);
            if (row.isAdded(c)) {
                changes.add(row.text(c));
            } else if (json) {
                changes.add(JsonText.value(reader, row, c));
            } else {
                changes.add(none ? "" : reader.text(row, c));
            }
        }
        return changes;
    }

    @Override
    public void delete(Transaction into, RowReader reader, Operation operation) {
        into.queue(new CommandArguments(DEL).add(names.of(reader, operation.requireRow())));
    }

    @Override
    public boolean isEmpty(RedisSession session, Table table) {
        return !session.hasKeyLike(names.pattern(table.name()), json ? "string" : "hash");
    }

    @Override
    public void truncate(Transaction into, Table table) {
        String pattern = names.pattern(table.name());
        into.run(TRUNCATE, List.of(into.progressKey()), List.of(pattern, json ? "string" : "hash"));
    }
}
