package dev.replicator.it.bench;

import java.util.List;

/**
 * What waits at a source, and how to get back to before it at a target.
 *
 * @param name letter and name
 * @param unit what is counted
 * @param count how many of those wait
 * @param tables what is replicated, without {@link #END}
 * @param ddl makes the tables
 * @param start fills them, on both sides
 * @param load makes the backlog
 * @param remember run at the target once, and again after each repetition
 * @param restore run at the target before each run
 */
record Backlog(
        String name,
        String unit,
        long count,
        List<String> tables,
        List<String> ddl,
        List<String> start,
        List<String> load,
        List<String> remember,
        List<String> restore) {

    /** A table whose last row tells that everything before it has arrived. */
    static final String END = "bench_end";

    private static final String ITEM =
            "CREATE TABLE item (id bigint PRIMARY KEY, a int, b text, c timestamptz, d numeric)";
    private static final String ROW = "now(), g * 1.25";

    static Backlog inserts(int transactions) {
        return emptied(
                "a: single-row transactions",
                "transactions",
                transactions,
                ITEM,
                "DO $$ BEGIN FOR g IN 1.." + transactions + " LOOP INSERT INTO item VALUES (g, g % 1000,"
                        + " 'a row of about one hundred and thirty bytes, as the design measured it', " + ROW
                        + "); COMMIT; END LOOP; END $$");
    }

    static Backlog oneTransaction(String letter, long rows) {
        return emptied(
                letter + ": one transaction",
                "rows",
                rows,
                ITEM,
                "INSERT INTO item SELECT g, g % 1000,"
                        + " 'a row of about one hundred and thirty bytes, as the design measured it', " + ROW
                        + " FROM generate_series(1, " + rows + ") g");
    }

    /** Incompressible text, in transactions of ten rows. */
    static Backlog largeRows(int rows) {
        return emptied(
                "f: rows of 8 kB",
                "rows",
                rows,
                "CREATE TABLE item (id bigint PRIMARY KEY, b text)",
                "DO $$ BEGIN FOR t IN 0.." + (rows / 10 - 1) + " LOOP INSERT INTO item SELECT t * 10 + g,"
                        + " (SELECT string_agg(md5((t * 10 + g)::text || n), '') FROM generate_series(1, 256) n)"
                        + " FROM generate_series(1, 10) g; COMMIT; END LOOP; END $$");
    }

    private static Backlog emptied(String name, String unit, long count, String ddl, String load) {
        return new Backlog(
                name,
                unit,
                count,
                List.of("item"),
                List.of(ddl),
                List.of(),
                List.of("TRUNCATE item", load),
                List.of(),
                List.of("TRUNCATE item"));
    }

    /** pgbench's simple update: one account, one line of history. */
    static Backlog updates(int transactions) {
        return new Backlog(
                "c: pgbench's simple update",
                "transactions",
                transactions,
                List.of("accounts", "history"),
                List.of(
                        "CREATE TABLE accounts (aid int PRIMARY KEY, bid int, abalance int, filler char(84))",
                        "CREATE TABLE history (hid bigint PRIMARY KEY, tid int, bid int, aid int, delta int,"
                                + " mtime timestamp, filler char(22))",
                        "CREATE SEQUENCE hids"),
                List.of("INSERT INTO accounts SELECT g, g / 1000, 0, '' FROM generate_series(1, 100000) g"),
                List.of(
                        "TRUNCATE history",
                        "DO $$ DECLARE one int; BEGIN FOR g IN 1.." + transactions + " LOOP"
                                + " one := 1 + floor(random() * 100000);"
                                + " UPDATE accounts SET abalance = abalance + g % 5000 WHERE aid = one;"
                                + " INSERT INTO history VALUES (nextval('hids'), 1, 1, one, g % 5000, now(), NULL);"
                                + " COMMIT; END LOOP; END $$"),
                List.of("DROP TABLE IF EXISTS before", "CREATE TABLE before AS SELECT * FROM accounts"),
                List.of(
                        "TRUNCATE accounts, history",
                        "INSERT INTO accounts SELECT * FROM before",
                        "VACUUM ANALYZE accounts"));
    }

    List<String> allTables() {
        List<String> all = new java.util.ArrayList<>(tables);
        all.add(END);
        return all;
    }
}
