package dev.replicator.it.contract;

import org.junit.jupiter.api.AfterAll;

/** The sample to copy: what the documentation shows is a target, too. */
final class SampleTargetIT extends TargetContract {
    private static final SampleFiles FILES = new SampleFiles();

    @AfterAll
    static void close() {
        FILES.close();
    }

    @Override
    protected ContractServer server() {
        return FILES;
    }
}
