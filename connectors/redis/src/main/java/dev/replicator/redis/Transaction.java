package dev.replicator.redis;

import static redis.clients.jedis.Protocol.Command.EVAL;
import static redis.clients.jedis.Protocol.Command.EVALSHA;
import static redis.clients.jedis.Protocol.Command.EXEC;
import static redis.clients.jedis.Protocol.Command.MULTI;

import dev.replicator.error.ReplicatorException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Connection;
import redis.clients.jedis.exceptions.JedisDataException;

/**
 * MULTI to EXEC. Commands are sent as they come, and answered by the hundred, so that neither side has to hold them all
 * but the server its queue.
 *
 * <p>EXEC does not take back what was done when one of its commands fails. So only commands are queued that cannot: what
 * the server refuses when it queues a command, or lack of memory when EXEC begins, discards them all. A script is sent
 * whole the first time, as the server may have forgotten it; within one EXEC it forgets nothing.
 *
 * <p>One thread. Source: Redis documentation, "Transactions".
 */
final class Transaction {
    private static final int UNREAD_LIMIT = 500;

    private final Connection connection;
    private final String progressKey;
    private final Set<Script> sent = new HashSet<>();
    private int unread = 1;

    Transaction(Connection connection, String progressKey) {
        this.connection = connection;
        this.progressKey = progressKey;
        connection.sendCommand(MULTI);
    }

    /** A key in the slot of all the others. */
    String progressKey() {
        return progressKey;
    }

    void queue(CommandArguments command) {
        connection.sendCommand(command);
        if (++unread == UNREAD_LIMIT) {
            settle();
        }
    }

    void run(Script script, List<String> keys, List<String> arguments) {
        boolean first = sent.add(script);
        CommandArguments command = new CommandArguments(first ? EVAL : EVALSHA)
                .add(first ? script.text() : script.sha1())
                .add(keys.size());
        keys.forEach(command::add);
        arguments.forEach(command::add);
        queue(command);
    }

    private void settle() {
        List<Object> answers = connection.getMany(unread);
        unread = 0;
        for (Object answer : answers) {
            if (answer instanceof JedisDataException refused) {
                throw refused;
            }
        }
    }

    /** False: nothing was done, since somebody has changed a key that was watched. */
    boolean commit() {
        settle();
        connection.sendCommand(EXEC);
        Object answers = connection.getOne();
        if (answers == null) {
            return false;
        }
        for (Object answer : (List<?>) answers) {
            if (answer instanceof JedisDataException failed) {
                throw ReplicatorException.bug("a command failed within EXEC", RedisErrors.code(failed));
            }
        }
        return true;
    }
}
