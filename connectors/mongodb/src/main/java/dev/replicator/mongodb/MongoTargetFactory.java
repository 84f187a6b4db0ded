package dev.replicator.mongodb;

import com.mongodb.ConnectionString;
import com.mongodb.MongoClientSettings;
import com.mongodb.MongoException;
import com.mongodb.ReadConcern;
import com.mongodb.ReadPreference;
import com.mongodb.WriteConcern;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.Filters;
import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.TableSchema;
import dev.replicator.model.TableSchema.SourceColumn;
import dev.replicator.spi.Target;
import dev.replicator.spi.TargetFactory;
import dev.replicator.spi.TargetOption;
import dev.replicator.spi.TargetRequest;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.jspecify.annotations.Nullable;

/** Serves MongoDB from version 5.0 on, replica sets and sharded clusters; kind {@code mongodb}. */
public final class MongoTargetFactory implements TargetFactory {
    /** How long to look for a member that takes writes, unless the url says so: the engine tries again. */
    private static final int SELECTION_MILLIS = 10_000;
    /** What 5.0 speaks: from then on fields may have any name but one that begins with $. */
    private static final int WIRE_VERSION = 13;
    /** Of collections: what makes them lose rows, or take two keys for one. */
    private static final List<String> UNFIT = List.of("capped", "timeseries", "collation");

    @Override
    public String kind() {
        return "mongodb";
    }

    @Override
    public Set<String> schemes() {
        return Set.of("mongodb", "mongodb+srv");
    }

    @Override
    public List<TargetOption> options() {
        return MongoOptions.ALL;
    }

    @Override
    public @Nullable String problemOf(String url) {
        return MongoUrl.problemOf(url);
    }

    @Override
    public Target open(TargetRequest request) {
        MongoOptions options = MongoOptions.of(request.database());
        ConnectionString url = url(request);
        MongoClient client = MongoClients.create(settings(url, options));
        try {
            MongoDatabase database = client.getDatabase(Objects.requireNonNull(url.getDatabase()));
            checkServer(request, database);
            checkTables(request, options);
            checkCollections(request, options, database);
            return new MongoTarget(client, database, request, options);
        } catch (MongoException e) {
            client.close();
            throw MongoErrors.of("connect to database \"" + request.database().name() + "\"", e)
                    .within(request.context());
        } catch (ReplicatorException e) {
            client.close();
            throw e.within(request.context());
        }
    }

    private static ConnectionString url(TargetRequest request) {
        try {
            return MongoUrl.of(request.database());
        } catch (IllegalArgumentException e) {
            // Its text may quote the password.
            throw ReplicatorException.fatal(
                            ErrorCode.CONFIGURATION,
                            "cannot connect to database \"" + request.database().name() + "\"",
                            "The driver cannot read its connection string together with its user and password.",
                            "Look at the parameters of its url.")
                    .within(request.context());
        } catch (MongoException e) {
            // A name that the domain name system has to know.
            throw MongoErrors.of(
                            "find the servers of database \""
                                    + request.database().name() + "\"",
                            e)
                    .within(request.context());
        }
    }

    private static MongoClientSettings settings(ConnectionString url, MongoOptions options) {
        Integer selection = url.getServerSelectionTimeout();
        int timeoutMillis = Math.toIntExact(options.timeout().toMillis());
        return MongoClientSettings.builder()
                .applyConnectionString(url)
                .applicationName("replicator")
                .readConcern(ReadConcern.MAJORITY)
                .readPreference(ReadPreference.primary())
                .writeConcern(WriteConcern.MAJORITY)
                .applyToClusterSettings(cluster -> cluster.serverSelectionTimeout(
                        selection == null ? SELECTION_MILLIS : selection, TimeUnit.MILLISECONDS))
                .applyToSocketSettings(socket -> socket.readTimeout(timeoutMillis, TimeUnit.MILLISECONDS))
                .build();
    }

    private static void checkServer(TargetRequest request, MongoDatabase database) {
        BsonDocument hello = database.runCommand(new BsonDocument("hello", new BsonInt32(1)), BsonDocument.class);
        String writing = "cannot write to database \"" + request.database().name() + "\"";
        if (hello.getNumber("maxWireVersion", new BsonInt32(0)).intValue() < WIRE_VERSION) {
            throw ReplicatorException.fatal(
                    ErrorCode.SERVER_SETTING, writing, "MongoDB 5.0 and newer is supported.", null);
        }
        if (!hello.containsKey("setName") && !hello.containsKey("msg")) {
            throw ReplicatorException.fatal(
                    ErrorCode.SERVER_SETTING,
                    writing,
                    "Its server belongs to no replica set, so it has no transactions.",
                    "Make it a replica set of one member: start mongod with --replSet NAME (replication.replSetName in"
                            + " mongod.conf), then run rs.initiate() once in mongosh.");
        }
    }

    private static void checkTables(TargetRequest request, MongoOptions options) {
        Map<String, TableSchema> collections = new HashMap<>();
        for (TableSchema schema : request.tables()) {
            String collection = options.collection(schema.table().name());
            TableSchema other = collections.putIfAbsent(collection, schema);
            if (other != null) {
                throw differs(
                        request,
                        schema,
                        "Table " + other.table().name().quoted() + " goes to the same collection, \"" + collection
                                + "\".",
                        "Set the option collection, for instance to \"{schema}_{table}\".");
            }
            if (Set.of(options.progress(), options.redo(), "").contains(collection)
                    || collection.startsWith("system.")
                    || collection.indexOf('$') >= 0) {
                throw differs(
                        request,
                        schema,
                        "No table may go to a collection called \"" + collection + "\".",
                        "Give the table another name there (as), or set the option collection.");
            }
            String problem = Documents.problemOf(
                    schema.columns().stream().map(SourceColumn::name).toList(),
                    schema.table().keyColumns(),
                    options);
            if (problem != null) {
                throw differs(
                        request,
                        schema,
                        problem,
                        "Give the column another name there, or leave it out (columns); or set the option times.");
            }
        }
    }

    private static void checkCollections(TargetRequest request, MongoOptions options, MongoDatabase database) {
        Map<String, TableSchema> wanted = new HashMap<>();
        request.tables()
                .forEach(schema -> wanted.put(options.collection(schema.table().name()), schema));
        if (wanted.isEmpty()) {
            return;
        }
        for (BsonDocument there :
                database.listCollections(BsonDocument.class).filter(Filters.in("name", wanted.keySet()))) {
            BsonDocument settings = there.getDocument("options", new BsonDocument());
            String type = there.getString("type").getValue();
            String unfit = !type.equals("collection")
                    ? "a " + type
                    : UNFIT.stream()
                            .filter(settings::containsKey)
                            .findFirst()
                            .map(setting -> "a collection with the setting " + setting)
                            .orElse(null);
            TableSchema schema = wanted.get(there.getString("name").getValue());
            if (unfit != null && schema != null) {
                throw differs(
                        request,
                        schema,
                        "\"" + there.getString("name").getValue() + "\" is " + unfit
                                + " there, where rows are not kept apart by their keys, or not kept at all.",
                        "Remove or rename it, or set the option collection.");
            }
        }
    }

    private static ReplicatorException differs(TargetRequest request, TableSchema schema, String problem, String hint) {
        return ReplicatorException.fatal(
                ErrorCode.SCHEMA_DIFFERS,
                "cannot write table " + schema.table().name().quoted() + " to database \""
                        + request.database().name() + "\"",
                problem,
                hint);
    }
}
