package dev.replicator.it.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.replicator.it.contract.ContractServer.Place;
import dev.replicator.it.harness.Fixture;
import dev.replicator.it.harness.ReplicatorProcess;
import dev.replicator.it.harness.Servers;
import dev.replicator.model.TableName;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The program as a process that replicates a table with large values from PostgreSQL to Kafka. Thread: that of the test. */
final class KafkaProgram implements AutoCloseable {
    private static final TableName WORK = new TableName("public", "work");

    private final Fixture fixture = new Fixture();
    private final KafkaRows kafka;
    private final Place place;
    private @Nullable ReplicatorProcess process;

    KafkaProgram(KafkaRows kafka, Place place) {
        this.kafka = kafka;
        this.place = place;
        fixture.database(
                "shake",
                Servers.of(Servers.NEWEST),
                "CREATE TABLE work (id int PRIMARY KEY, title text, story text)",
                "ALTER TABLE work ALTER story SET STORAGE EXTERNAL");
        fixture.other(
                        "topics",
                        "{ url: \"" + place.url()
                                + "\", options: { topic: \"bard.{schema}.{table}\", timeout: 3s, max_message: 2MiB } }")
                .sync("bard", List.of("shake"), List.of("topics"))
                .grant();
    }

    /** Rows with a value that is stored out of line. */
    private void write(int from, int to) {
        fixture.run(
                "shake",
                "INSERT INTO work SELECT i, 'Hamlet ' || i, repeat('words ', 1000) FROM generate_series(" + from + ", "
                        + to + ") i");
    }

    private void awaitEqual() {
        await().atMost(Duration.ofSeconds(90))
                .untilAsserted(() -> assertThat(there()).isEqualTo(source()));
    }

    private Set<String> source() {
        return new TreeSet<>(fixture.query("shake", "SELECT id || ':' || title || ':' || length(story) FROM work"));
    }

    private Set<String> there() {
        List<String> columns = List.of("id", "title", "story");
        Set<String> rows = new TreeSet<>();
        kafka.rows(place, WORK, columns).forEach(row -> {
            List<String> values = new ArrayList<>();
            columns.forEach(column -> values.add(String.valueOf(row.get(column))));
            rows.add(values.get(0) + ":" + values.get(1) + ":" + values.get(2).length());
        });
        return rows;
    }

    private String status() {
        ReplicatorProcess.Ended ended = fixture.command("status");
        return ended.out() + ended.err();
    }

    /** What {@code check} asks for makes updates whole that leave a large value as it is. */
    void writesWholeRows() {
        ReplicatorProcess.Ended check = fixture.command("check");
        assertThat(check.out() + check.err())
                .contains("cannot write rows of table public.work to database \"topics\"")
                .contains("ALTER TABLE \"public\".\"work\" REPLICA IDENTITY FULL;");
        fixture.runAsSuperuser("shake", "ALTER TABLE work REPLICA IDENTITY FULL");
        process = fixture.startProcess();
        await().atMost(Duration.ofSeconds(60))
                .until(() -> fixture.command("kick", fixture.syncName("bard")).code() == 0);
        write(1, 50);
        fixture.run("shake", "UPDATE work SET title = 'Othello' WHERE id % 5 = 0", "DELETE FROM work WHERE id % 7 = 0");
        awaitEqual();
    }

    void goesOnAfterAnOutage() {
        kafka.kill();
        write(100, 150);
        fixture.run("shake", "UPDATE work SET id = id + 1000, title = 'Iago' WHERE id % 11 = 0");
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> assertThat(status()).contains("could not"));
        kafka.restart();
        awaitEqual();
    }

    void goesOnAfterAKill() {
        ReplicatorProcess first = Objects.requireNonNull(process);
        for (int round = 0; round < 3; round++) {
            write(2000 + round * 100, 2099 + round * 100);
            if (round == 1) {
                first.kill();
            }
        }
        process = fixture.startProcess();
        fixture.run("shake", "TRUNCATE work");
        write(1, 20);
        awaitEqual();
    }

    void stopsAtARowThatIsNotWhole() {
        fixture.runAsSuperuser("shake", "ALTER TABLE work REPLICA IDENTITY DEFAULT");
        fixture.run("shake", "UPDATE work SET title = 'Portia' WHERE id = 3");
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> assertThat(status())
                        .contains("cannot write a part of a row of table public.work")
                        .contains("REPLICA IDENTITY FULL"));
    }

    void isRemoved() {
        Objects.requireNonNull(process).terminate();
        ReplicatorProcess.Ended removed = fixture.command("remove", fixture.syncName("bard"), "--yes");
        assertThat(removed.code()).as(removed.err()).isZero();
        assertThat(removed.out()).contains("with the progress of sync");
        assertThat(there()).hasSameSizeAs(source());
    }

    @Override
    public void close() {
        fixture.close();
    }
}
