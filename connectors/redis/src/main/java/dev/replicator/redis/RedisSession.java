package dev.replicator.redis;

import static redis.clients.jedis.Protocol.Command.CONFIG;
import static redis.clients.jedis.Protocol.Command.DEL;
import static redis.clients.jedis.Protocol.Command.EXISTS;
import static redis.clients.jedis.Protocol.Command.HGET;
import static redis.clients.jedis.Protocol.Command.INFO;
import static redis.clients.jedis.Protocol.Command.SCAN;
import static redis.clients.jedis.Protocol.Command.TYPE;
import static redis.clients.jedis.Protocol.Command.UNWATCH;
import static redis.clients.jedis.Protocol.Command.WATCH;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.ClientSetInfoConfig;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Connection;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.SslOptions;
import redis.clients.jedis.SslVerifyMode;
import redis.clients.jedis.commands.ProtocolCommand;
import redis.clients.jedis.exceptions.JedisAccessControlException;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisMovedDataException;

/**
 * A connection to the server that has the sync's keys; of a cluster, the node with their slot. Throws the client's
 * exceptions. One thread; {@link #close} any.
 */
final class RedisSession implements AutoCloseable {
    private static final int REDIRECTIONS = 5;

    private final Connection connection;
    private final String progressKey;

    private RedisSession(Connection connection, String progressKey) {
        this.connection = connection;
        this.progressKey = progressKey;
    }

    static RedisSession open(
            RedisUrl url, @Nullable String user, @Nullable String password, int timeoutMillis, String progressKey) {
        DefaultJedisClientConfig config = DefaultJedisClientConfig.builder()
                .resp2()
                .clientSetInfoConfig(ClientSetInfoConfig.DISABLED)
                .connectionTimeoutMillis(timeoutMillis)
                .socketTimeoutMillis(timeoutMillis)
                .database(url.database())
                .user(user)
                .password(password)
                .sslOptions(
                        url.tls()
                                ? SslOptions.builder()
                                        .sslVerifyMode(SslVerifyMode.FULL)
                                        .build()
                                : null)
                .build();
        HostAndPort node = new HostAndPort(url.host(), url.port());
        for (int redirections = 0; ; redirections++) {
            RedisSession session = new RedisSession(new Connection(node, config), progressKey);
            try {
                session.connection.connect();
                session.ask(EXISTS, progressKey);
                return session;
            } catch (JedisMovedDataException e) {
                session.close();
                if (redirections == REDIRECTIONS) {
                    throw e;
                }
                node = e.getTargetNode();
            } catch (RuntimeException e) {
                session.close();
                throw e;
            }
        }
    }

    Object ask(ProtocolCommand command, String... arguments) {
        CommandArguments all = new CommandArguments(command);
        for (String argument : arguments) {
            all.add(argument);
        }
        connection.sendCommand(all);
        return connection.getOne();
    }

    private static @Nullable String text(@Nullable Object answer) {
        return answer == null ? null : new String((byte[]) answer, StandardCharsets.UTF_8);
    }

    /** A field of the hash that holds the sync's progress. */
    @Nullable
    String stored(String field) {
        return text(ask(HGET, progressKey, field));
    }

    /** The same, and it and {@code keys} are watched: {@link Transaction#commit} fails when somebody changes one. */
    @Nullable
    String watched(String field, List<String> keys) {
        CommandArguments watch = new CommandArguments(WATCH).add(progressKey);
        keys.forEach(watch::add);
        connection.sendCommand(watch);
        connection.sendCommand(new CommandArguments(HGET).add(progressKey).add(field));
        List<Object> answers = connection.getMany(2);
        for (Object answer : answers) {
            if (answer instanceof JedisDataException refused) {
                throw refused;
            }
        }
        return text(answers.get(1));
    }

    void unwatch() {
        ask(UNWATCH);
    }

    /** {@code none} where nothing has the key. */
    String typeOf(String key) {
        Object answer = ask(TYPE, key);
        return String.valueOf(text(answer));
    }

    /** Whether there is a key that matches a pattern of SCAN, of this type; looks at all keys until it finds one. */
    boolean hasKeyLike(String pattern, String type) {
        String cursor = "0";
        do {
            List<?> page = (List<?>) ask(SCAN, cursor, "MATCH", pattern, "COUNT", "1000", "TYPE", type);
            if (!((List<?>) page.get(1)).isEmpty()) {
                return true;
            }
            cursor = String.valueOf(text(page.get(0)));
        } while (!cursor.equals("0"));
        return false;
    }

    Transaction begin() {
        return new Transaction(connection, progressKey);
    }

    /** Whether there was one. */
    boolean removeProgress() {
        return (Long) ask(DEL, progressKey) > 0;
    }

    Map<String, String> info(String section) {
        Map<String, String> values = new HashMap<>();
        String.valueOf(text(ask(INFO, section))).lines().forEach(line -> {
            int colon = line.indexOf(':');
            if (colon > 0) {
                values.put(line.substring(0, colon), line.substring(colon + 1));
            }
        });
        return values;
    }

    /** A setting of the server; null where it does not tell: managed services do not. */
    @Nullable
    String setting(String name) {
        try {
            List<?> answer = (List<?>) ask(CONFIG, "GET", name);
            return answer.size() < 2 ? null : text(answer.get(1));
        } catch (JedisAccessControlException e) {
            return null;
        } catch (JedisDataException e) {
            // Services that have removed the command answer ERR.
            if (RedisErrors.code(e).equals("ERR")) {
                return null;
            }
            throw e;
        }
    }

    @Override
    public void close() {
        try {
            connection.forceDisconnect();
        } catch (java.io.IOException | JedisConnectionException e) {
            // It is gone, which was the aim.
            return;
        }
    }
}
