package dev.replicator.redis;

import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.Secret;
import dev.replicator.model.TableSchema;
import dev.replicator.spi.Remark;
import dev.replicator.spi.Target;
import dev.replicator.spi.TargetFactory;
import dev.replicator.spi.TargetOption;
import dev.replicator.spi.TargetRequest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.exceptions.JedisException;

/** Serves Redis and Valkey, from version 6.2 on, one server or a cluster; kind {@code redis}. */
public final class RedisTargetFactory implements TargetFactory {
    private static final int MAJOR = 6;

    @Override
    public String kind() {
        return "redis";
    }

    @Override
    public Set<String> schemes() {
        return RedisUrl.SCHEMES;
    }

    @Override
    public List<TargetOption> options() {
        return RedisOptions.ALL;
    }

    @Override
    public @Nullable String problemOf(String url) {
        return RedisUrl.problemOf(url);
    }

    @Override
    public Target open(TargetRequest request) {
        RedisOptions options = RedisOptions.of(request.database());
        RedisSession session = connect(request, options);
        try {
            checkServer(session, options);
            KeyNames names = names(request, options);
            boolean atOnce = options.inMemory() || flushesAtOnce(session);
            return options.form() == RedisOptions.Form.STREAM
                    ? new RedisTarget(
                            session,
                            request,
                            new StreamRows(names, options.streamLength()),
                            request.plainTables().stream()
                                    .map(table -> names.of(table.name()))
                                    .toList(),
                            atOnce)
                    : new RedisTarget(
                            session,
                            request,
                            new KeyedRows(
                                    names,
                                    options.form() == RedisOptions.Form.JSON,
                                    options.ttl().toMillis()),
                            List.of(),
                            atOnce);
        } catch (JedisException e) {
            session.close();
            throw RedisErrors.of("open database \"" + request.database().name() + "\"", e)
                    .within(request.context());
        } catch (ReplicatorException e) {
            session.close();
            throw e.within(request.context());
        }
    }

    private static RedisSession connect(TargetRequest request, RedisOptions options) {
        Secret password = request.database().password();
        try {
            return RedisSession.open(
                    RedisUrl.parse(request.database().url()),
                    request.database().user(),
                    password == null ? null : password.reveal(),
                    Math.toIntExact(options.timeout().toMillis()),
                    KeyNames.tag(options.hashTag())
                            + KeyNames.PROGRESS
                            + request.sync().name());
        } catch (JedisException e) {
            throw RedisErrors.of("connect to database \"" + request.database().name() + "\"", e)
                    .within(request.context());
        }
    }

    private static void checkServer(RedisSession session, RedisOptions options) {
        Map<String, String> server = session.info("server");
        String version = server.getOrDefault("redis_version", "0");
        String[] numbers = version.split("\\.", -1);
        int major = Integer.parseInt(numbers[0]);
        if (major < MAJOR || major == MAJOR && Integer.parseInt(numbers[1]) < 2) {
            throw ReplicatorException.fatal(
                    ErrorCode.SERVER_SETTING,
                    "cannot write to Redis " + version,
                    "Redis 6.2 and newer, and Valkey, are supported.",
                    null);
        }
        if ("cluster".equals(server.get("redis_mode")) && options.hashTag().isEmpty()) {
            throw ReplicatorException.fatal(
                    ErrorCode.CONFIGURATION,
                    "cannot write to a Redis cluster without a hash tag",
                    "A batch and its progress are atomic only within one slot.",
                    "Set the option hash_tag, for instance to the name of the sync.");
        }
    }

    private static KeyNames names(TargetRequest request, RedisOptions options) {
        boolean rows = options.form() != RedisOptions.Form.STREAM;
        String option = rows ? "key" : "stream";
        String template = rows ? options.key() : options.stream();
        String problem = KeyNames.problemOf(template, rows);
        if (problem == null && options.hashTag().matches(".*[{}].*")) {
            option = "hash_tag";
            problem = "It may hold no braces.";
        }
        if (problem != null) {
            throw ReplicatorException.fatal(
                    ErrorCode.CONFIGURATION,
                    "cannot use option " + option + " of database \""
                            + request.database().name() + "\"",
                    problem,
                    null);
        }
        KeyNames names = KeyNames.of(template, options.hashTag());
        Map<String, TableSchema> byName = new HashMap<>();
        for (TableSchema schema : request.tables()) {
            TableSchema other = byName.putIfAbsent(schema.table().name().name(), schema);
            if (other != null && !names.namesSchemas()) {
                throw ReplicatorException.fatal(
                        ErrorCode.CONFIGURATION,
                        "tables " + other.table().name().quoted() + " and "
                                + schema.table().name().quoted() + " would have the same keys on database \""
                                + request.database().name() + "\"",
                        null,
                        "Set the option " + option + ", for instance to \"{schema}." + template + "\".");
            }
        }
        return names;
    }

    /** False: somewhat later. */
    private static boolean flushesAtOnce(RedisSession session) {
        boolean appends = "1".equals(session.info("persistence").get("aof_enabled"));
        String flush = appends ? session.setting("appendfsync") : null;
        String pausing = appends ? session.setting("no-appendfsync-on-rewrite") : null;
        if (!appends || "no".equals(flush) || "yes".equals(pausing) && !"always".equals(flush)) {
            throw ReplicatorException.fatal(
                    ErrorCode.SERVER_SETTING,
                    "cannot keep changes on a server that does not keep them itself",
                    (appends
                                    ? "It does not flush its append-only file within a known time"
                                    : "It has no append-only file")
                            + ": a crash would lose changes that the sources have forgotten.",
                    "Set appendonly yes, appendfsync everysec or always, and no-appendfsync-on-rewrite no on the server;"
                            + " or, for a copy that may be lost, the option durability: memory.");
        }
        return "always".equals(flush);
    }

    @Override
    public List<Remark> examine(TargetRequest request) {
        open(request).close();
        List<Remark> remarks = new ArrayList<>();
        RedisOptions options = RedisOptions.of(request.database());
        try (RedisSession session = connect(request, options)) {
            Map<String, String> memory = session.info("memory");
            String policy = memory.getOrDefault("maxmemory_policy", "noeviction");
            if (!"0".equals(memory.getOrDefault("maxmemory", "0")) && policy.startsWith("allkeys")) {
                remarks.add(new Remark(
                        Remark.Severity.WARNING,
                        ErrorCode.SERVER_SETTING,
                        "database \"" + request.database().name() + "\" may remove rows, and the progress, on its own",
                        "Its maxmemory_policy is " + policy + ".",
                        "Set maxmemory-policy noeviction on the server.",
                        List.of()));
            }
            if ("slave".equals(session.info("replication").get("role"))) {
                remarks.add(new Remark(
                        Remark.Severity.ERROR,
                        ErrorCode.SERVER_SETTING,
                        "database \"" + request.database().name() + "\" is a replica",
                        null,
                        "Name its master in the url.",
                        List.of()));
            }
            return remarks;
        } catch (JedisException e) {
            throw RedisErrors.of("look at database \"" + request.database().name() + "\"", e)
                    .within(request.context());
        }
    }
}
