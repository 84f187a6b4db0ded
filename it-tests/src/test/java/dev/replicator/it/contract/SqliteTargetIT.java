package dev.replicator.it.contract;

import org.junit.jupiter.api.AfterAll;

/** SQLite, in a file of its own for each test. */
final class SqliteTargetIT extends SqlTargetContract {
    private static final SqliteFiles FILES = new SqliteFiles();

    @AfterAll
    static void close() {
        FILES.close();
    }

    @Override
    protected ContractServer server() {
        return FILES;
    }

    @Override
    protected String uniqueName() {
        return "CREATE UNIQUE INDEX people_name ON people (name)";
    }
}
