package dev.replicator.it.bench;

import java.util.List;

/** PostgreSQL's own logical replication, in one direction. */
final class Subscription implements Contender {
    private final String name;
    private final Cluster from;
    private final Cluster to;
    private final String database;
    private final List<String> tables;
    private final String options;
    private final String connectionOptions;

    /**
     * @param name what to call it, also on the servers
     * @param options of CREATE SUBSCRIPTION beyond its own defaults, each with a comma in front
     * @param connectionOptions what its connection sets at the source, as {@code -c name=value}
     */
    Subscription(
            String name,
            Cluster from,
            Cluster to,
            String database,
            List<String> tables,
            String options,
            String connectionOptions) {
        this.name = name;
        this.from = from;
        this.to = to;
        this.database = database;
        this.tables = tables;
        this.options = options;
        this.connectionOptions = connectionOptions;
    }

    @Override
    public String name() {
        return name;
    }

    private String id() {
        return "bench_" + name.replaceAll("[^a-z0-9]+", "_");
    }

    @Override
    public void prepare() {
        String publication = "bench_native";
        if (from.ask(database, "SELECT 1 FROM pg_publication WHERE pubname = '" + publication + "'") == null) {
            from.run(database, "CREATE PUBLICATION " + publication + " FOR TABLE " + String.join(", ", tables));
        }
        from.run(database, "SELECT pg_create_logical_replication_slot('" + id() + "', 'pgoutput')");
        String url = from.url(database)
                + (connectionOptions.isEmpty()
                        ? ""
                        : "?options=" + connectionOptions.replace(" ", "%20").replace("=", "%3D"));
        to.run(
                database,
                "CREATE SUBSCRIPTION " + id() + " CONNECTION '" + url + "' PUBLICATION " + publication
                        + " WITH (create_slot = false, enabled = false, copy_data = false, slot_name = '" + id() + "'"
                        + options + ")");
    }

    @Override
    public void go() {
        to.run(database, "ALTER SUBSCRIPTION " + id() + " ENABLE");
        Slots.awaitActive(from, id());
    }

    @Override
    public void settle(String position) {
        Slots.awaitConfirmed(from, id(), position);
    }

    @Override
    public void halt() {
        to.run(database, "ALTER SUBSCRIPTION " + id() + " DISABLE");
        Slots.awaitFree(from, id());
    }

    @Override
    public double cpuSeconds() {
        return 0;
    }

    @Override
    public long peakMemoryBytes() {
        return 0;
    }

    @Override
    public void close() {
        to.run(
                database,
                "ALTER SUBSCRIPTION " + id() + " DISABLE",
                "ALTER SUBSCRIPTION " + id() + " SET (slot_name = NONE)",
                "DROP SUBSCRIPTION " + id());
        Slots.awaitFree(from, id());
        from.run(database, "SELECT pg_drop_replication_slot('" + id() + "')");
    }
}
