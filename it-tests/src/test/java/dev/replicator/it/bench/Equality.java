package dev.replicator.it.bench;

import java.util.List;

/** Whether tables hold the same rows on both sides. */
final class Equality {
    private Equality() {}

    static void check(Cluster source, Cluster target, String database, List<String> tables, String contender) {
        for (String table : tables) {
            String sql = "SELECT count(*) || ' rows, sum of hashes ' || coalesce(sum(hashtextextended(t::text, 0)), 0)"
                    + " FROM " + table + " t";
            String expected = source.ask(database, sql);
            String actual = target.ask(database, sql);
            if (expected == null || !expected.equals(actual)) {
                throw new IllegalStateException("after " + contender + " table " + table + " differs: source has "
                        + expected + ", target " + actual);
            }
        }
    }
}
