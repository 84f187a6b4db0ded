package dev.replicator.it.harness;

import static org.awaitility.Awaitility.await;

import dev.replicator.model.ServerNames;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/**
 * Who looks after sync {@code s} of a fixture, with table {@code work (id int, title text)} in each database: runs commands in
 * this process, and waits for what they say. Thread: that of the test.
 */
public final class Operator {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final Fixture fixture;

    public Operator(Fixture fixture) {
        this.fixture = fixture;
    }

    /** The sync's name. */
    public String sync() {
        return fixture.syncName("s");
    }

    /** Its slot in a database. */
    public String slot(String database) {
        return ServerNames.slot(sync(), database);
    }

    /** A process that reads and writes all databases. */
    public ReplicatorProcess started() {
        ReplicatorProcess process = fixture.startProcess();
        await().atMost(LIMIT)
                .failFast(process::assertRunning)
                .until(
                        () -> command("status"),
                        status -> status.code() == 0
                                && status.out().contains("streaming")
                                && !status.out().contains("starting")
                                && !status.out().contains("joining"));
        return process;
    }

    /** Runs a command to its end, with {@code --config}. */
    public ReplicatorProcess.Ended command(String... words) {
        String[] all = Arrays.copyOf(words, words.length + 2);
        all[words.length] = "--config";
        all[words.length + 1] = fixture.file().toString();
        return Command.run(all);
    }

    /** Waits until the status names the failure as standing, and says what mends it. */
    public void awaitNamed(String code, String words) {
        await().atMost(LIMIT)
                .until(
                        () -> command("status", "--json").out(),
                        out -> out.contains("\"code\" : \"" + code + "\"") && out.contains(words));
        await().atMost(LIMIT).until(() -> command("status").code(), exit -> exit == 1);
    }

    /** Waits until nothing is wrong. */
    public void awaitGood() {
        await().atMost(LIMIT).until(() -> command("status"), status -> status.code() == 0);
    }

    public void insert(String database, int id) {
        fixture.run(database, "INSERT INTO work VALUES (" + id + ", 'by " + database + "')");
    }

    /** Waits until the row is in all of these databases. */
    public void awaitRow(int id, List<String> databases) {
        for (String database : databases) {
            await().atMost(LIMIT)
                    .until(
                            () -> fixture.query(database, "SELECT id FROM work WHERE id = " + id),
                            rows -> rows.size() == 1);
        }
    }
}
