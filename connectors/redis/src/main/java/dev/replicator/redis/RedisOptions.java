package dev.replicator.redis;

import dev.replicator.model.DatabaseSpec;
import dev.replicator.spi.TargetOption;
import dev.replicator.spi.TargetOptions;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * What can be set for a Redis database.
 *
 * @param form what a row is kept as
 * @param key template of a row's key
 * @param stream template of the key of a table's stream
 * @param streamLength how many entries of a stream are kept, roughly; 0: all
 * @param hashTag what stands in braces before every key; empty: nothing does
 * @param ttl after which time without a change a row expires; zero: never
 * @param inMemory whether a batch counts as kept once the server has it in its memory
 * @param timeout how long an answer may take
 */
record RedisOptions(
        Form form,
        String key,
        String stream,
        long streamLength,
        String hashTag,
        Duration ttl,
        boolean inMemory,
        Duration timeout) {

    /** What a row is kept as. */
    enum Form {
        HASH,
        JSON,
        STREAM
    }

    static final List<TargetOption> ALL = List.of(
            TargetOption.choice(
                    "form",
                    List.of("hash", "json", "stream"),
                    "What a row is kept as: a hash with a field for each column that is not NULL; a JSON text; or an entry"
                            + " for each change in a stream for each table."),
            TargetOption.text("key", "{table}:{pk}", "Key of a row, made of {schema}, {table} and {pk}."),
            TargetOption.text("stream", "{table}:changes", "Key of a table's stream, made of {schema} and {table}."),
            TargetOption.number(
                    "stream_length", 0, "How many entries a stream keeps, roughly; older ones are removed. 0: all."),
            TargetOption.text(
                    "hash_tag",
                    "",
                    "Stands in braces before every key, so that all are in one slot. A Redis cluster needs it."),
            TargetOption.time(
                    "ttl", "0s", "A row expires when it has not been changed for so long. 0s: never. Not for streams."),
            TargetOption.choice(
                    "durability",
                    List.of("server", "memory"),
                    "When a change counts as kept: once it is in the server's append-only file on disk; or once it is in"
                            + " the server's memory, for copies that may be lost with it."),
            TargetOption.time(
                    "timeout", "60s", "How long the server may take for one answer, a whole batch included."));

    static RedisOptions of(DatabaseSpec database) {
        TargetOptions options = TargetOptions.of(database);
        return new RedisOptions(
                Form.valueOf(options.text("form").toUpperCase(Locale.ROOT)),
                options.text("key"),
                options.text("stream"),
                options.number("stream_length"),
                options.text("hash_tag"),
                options.time("ttl"),
                options.text("durability").equals("memory"),
                options.time("timeout"));
    }
}
