package dev.replicator.it.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** Who takes part, with which settings. */
final class Contenders {
    static final String OURS = "replicator";
    static final String NOTHING = "nothing";

    /** What this program asks of the source's server; shown for PostgreSQL's own replication too where it matters. */
    private static final String WORK_MEM = "-c logical_decoding_work_mem=256MB";

    private final Cluster source;
    private final Cluster target;
    private final Product.Launch launch;

    Contenders(Cluster source, Cluster target, Product.Launch launch) {
        this.source = source;
        this.target = target;
        this.launch = launch;
    }

    /** From source to target. */
    List<Supplier<Contender>> oneWay(String database, List<String> tables, boolean withWorkMem) {
        List<Supplier<Contender>> all = new ArrayList<>();
        all.add(() -> new Product(OURS, List.of(source), List.of(target), database, "forward", launch));
        all.add(() -> new Subscription("postgres", source, target, database, tables, "", ""));
        all.add(() -> new Subscription("postgres binary", source, target, database, tables, ", binary = true", ""));
        if (withWorkMem) {
            all.add(() -> new Subscription(
                    "postgres binary 256MB", source, target, database, tables, ", binary = true", WORK_MEM));
        }
        return all;
    }

    /** Both ways; all write on both sides. PostgreSQL's own leaves out what has an origin, if the version can. */
    List<Supplier<Contender>> bothWays(String database, List<String> tables) {
        List<Cluster> masters = List.of(source, target);
        String options = ", binary = true, origin = none";
        return List.of(
                () -> new Product(OURS + " ignore", masters, List.of(), database, "ignore", launch),
                () -> new Product(OURS + " forward", masters, List.of(), database, "forward", launch),
                () -> new Pair(
                        "postgres two ways",
                        new Subscription("there", source, target, database, tables, options, ""),
                        new Subscription("back", target, source, database, tables, options, "")));
    }
}
