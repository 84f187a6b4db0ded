package dev.replicator.it.contract;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoDatabase;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bson.BsonDocument;
import org.bson.Document;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A MongoDB replica set: of one process of our own, with access control; or the one that the environment variable
 * {@code MONGODB_URL} names, which has to let us make databases. A database, with a user of its own, for each test.
 */
final class MongoServer implements AutoCloseable {
    static final String USER = "replicator";
    static final String PASSWORD = "p@ss:w/rd% +?";

    private static final @Nullable String URL = System.getenv("MONGODB_URL");
    private static final Pattern PARTS =
            Pattern.compile("(mongodb(?:\\+srv)?://)(?:([^@/]*)@)?([^/?]+)(?:/([^?]*))?(?:\\?(.*))?");

    private final @Nullable MongoProcess process;
    private final Matcher parts;
    private final MongoClient client;
    private final List<String> databases = new ArrayList<>();

    MongoServer() {
        process = URL == null ? new MongoProcess(true) : null;
        String url = process == null
                ? URL
                : "mongodb://" + MongoProcess.ADMINISTRATOR + "@" + process.host()
                        + "/admin?serverSelectionTimeoutMS=1000";
        parts = PARTS.matcher(url);
        if (!parts.matches()) {
            throw new AssertionError("MONGODB_URL is no connection string of MongoDB");
        }
        client = MongoClients.create(url);
    }

    /** Leaves tests out where no server can be had, with the reason. */
    static final class AtHand implements ExecutionCondition {
        @Override
        public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
            String why = URL != null
                    ? null
                    : "npm".equals(System.getProperty("replicator.it.mongodb"))
                            ? MongoProgram.whyNot()
                            : "a server comes from npm with -Pmongodb (Linux on x86-64), or is named by the environment"
                                    + " variable MONGODB_URL";
            return why == null
                    ? ConditionEvaluationResult.enabled("there is a server")
                    : ConditionEvaluationResult.disabled("MongoDB was NOT TESTED: " + why);
        }
    }

    /** Whether it may be killed. */
    boolean isOwn() {
        return process != null;
    }

    ContractServer.Place fresh() {
        String name = "it_" + UUID.randomUUID().toString().replace("-", "");
        databases.add(name);
        String parameters = parts.group(5) == null ? "" : "?" + parts.group(5);
        if (!isOwn() && parts.group(2) == null) {
            return new ContractServer.Place(url(name, parameters), null, null);
        }
        client.getDatabase(name)
                .runCommand(
                        new Document("createUser", USER).append("pwd", PASSWORD).append("roles", List.of("readWrite")));
        return new ContractServer.Place(url(name, parameters.replaceFirst("authSource=[^&]*&?", "")), USER, PASSWORD);
    }

    private String url(String database, String parameters) {
        return parts.group(1) + parts.group(3) + "/" + database + parameters;
    }

    MongoDatabase database(ContractServer.Place place) {
        return client.getDatabase(place.url().replaceFirst("\\?.*", "").replaceFirst("^.*/", ""));
    }

    void command(ContractServer.Place place, String command) {
        database(place).runCommand(BsonDocument.parse(command));
    }

    /** As the server does with one that takes too long: ends the transactions of a session that this place's user has. */
    void endTransactions(ContractServer.Place place, BsonDocument session) {
        String both = place.user() == null || place.password() == null
                ? ""
                : place.user() + ":"
                        + URLEncoder.encode(place.password(), StandardCharsets.UTF_8)
                                .replace("+", "%20") + "@";
        try (MongoClient own = MongoClients.create(place.url().replaceFirst("://", "://" + both))) {
            own.getDatabase("admin").runCommand(new Document("killSessions", List.of(session)));
        }
    }

    /** Whether a change of a sync's document, outside of a transaction, has met one that a transaction has made. */
    boolean isSomebodyWaiting() {
        Document found = client.getDatabase("admin")
                .runCommand(new Document("currentOp", true)
                        .append("command.findAndModify", "replicator_progress")
                        .append("writeConflicts", new Document("$gt", 0)));
        return !found.getList("inprog", Document.class).isEmpty();
    }

    void kill() {
        Objects.requireNonNull(process).kill();
    }

    void restart() {
        Objects.requireNonNull(process).restart();
    }

    @Override
    public void close() {
        if (process == null) {
            databases.forEach(name -> {
                client.getDatabase(name).runCommand(BsonDocument.parse("{dropAllUsersFromDatabase: 1}"));
                client.getDatabase(name).drop();
            });
        }
        client.close();
        if (process != null) {
            process.close();
        }
    }
}
