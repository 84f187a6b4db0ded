package dev.replicator.it.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.replicator.it.harness.Fixture;
import dev.replicator.it.harness.MortalServer;
import dev.replicator.it.harness.ReplicatorProcess;
import dev.replicator.it.harness.ReplicatorProcess.Ended;
import dev.replicator.it.harness.Servers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** {@code replicator explain} of one row: while its changes are open, and afterwards. */
class ExplainIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final List<String> MASTERS = List.of("m1", "m2", "m3");
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String ODD = "\"Odd Table\"";
    private static final String[] TABLES = {
        "CREATE TABLE " + ODD + " (\"a=b\" text, n numeric(6,2), v text, PRIMARY KEY (\"a=b\", n))",
        "CREATE TABLE plain (id int PRIMARY KEY, v text)",
    };
    private static final String WHERE = " WHERE n = 1.5 AND \"a=b\" = 'it''s \"x=y\"'";
    private static final String[] ROW = {"Odd Table", "\"a=b\"=it's \"x=y\"", "n=1.50"};

    @Test
    void everyChangeOfARowIsShownWithWhereWhenAndWhyItStands() throws Exception {
        try (MortalServer second = new MortalServer(Servers.of(Servers.NEWEST, 1));
                MortalServer third = new MortalServer(Servers.of(Servers.NEWEST, 2));
                Fixture fixture = new Fixture()) {
            fixture.database("m1", Servers.of(Servers.OLDEST, 1), TABLES)
                    .database("m2", second, TABLES)
                    .database("m3", third, TABLES)
                    .sync("told", MASTERS, List.of(), "tables: all")
                    .grant();
            String sync = fixture.syncName("told");
            ReplicatorProcess process = fixture.startProcess();
            await().atMost(LIMIT)
                    .failFast(process::assertRunning)
                    .until(() -> fixture.command("kick", sync).code() == 0);
            fixture.run("m1", "INSERT INTO " + ODD + " VALUES ('it''s \"x=y\"', 1.5, 'first'), ('other', 1.5, 'x')");
            assertThat(fixture.command("kick", sync).code()).isZero();

            JsonNode quiet = explain(fixture, ROW);
            assertThat(quiet.path("history")).isEmpty();
            assertThat(quiet.path("databases"))
                    .hasSize(3)
                    .allSatisfy(each ->
                            assertThat(each.path("row").path("v").asText()).isEqualTo("first"));

            third.killHard();
            second.killHard();
            fixture.runAsSuperuser("m1", "UPDATE " + ODD + " SET v = 'one'" + WHERE);
            fixture.runAsSuperuser("m2", "UPDATE " + ODD + " SET v = 'two'" + WHERE);
            second.start();
            await().atMost(LIMIT).failFast(process::assertRunning).until(() -> held(explain(fixture, ROW)) == 4);
            open(explain(fixture, ROW));
            String text = fixture.command(words(ROW)).out();
            assertThat(text)
                    .contains("open changes", "v=two", "latest: of concurrent changes the one that was committed last");

            third.start();
            await().atMost(LIMIT)
                    .failFast(process::assertRunning)
                    .until(() -> fixture.command("kick", sync).code() == 0);
            await().atMost(LIMIT)
                    .failFast(process::assertRunning)
                    .until(() ->
                            explain(fixture, ROW).path("open").path("changes").isEmpty());
            afterwards(fixture, explain(fixture, ROW));
            wrongWords(fixture);
        }
    }

    private static int held(JsonNode explanation) {
        int held = 0;
        for (JsonNode change : explanation.path("open").path("changes")) {
            held += change.path("held_by").size();
        }
        return held;
    }

    private static void open(JsonNode explanation) {
        JsonNode open = explanation.path("open");
        assertThat(open.path("policy").asText()).isEqualTo("latest");
        assertThat(open.path("changes")).hasSize(2);
        JsonNode lost = open.path("changes").get(0);
        JsonNode won = open.path("changes").get(1);
        assertThat(lost.path("database").asText()).isEqualTo("m1");
        assertThat(lost.path("stands").asBoolean()).isFalse();
        assertThat(won.path("database").asText()).isEqualTo("m2");
        assertThat(won.path("stands").asBoolean()).isTrue();
        for (JsonNode change : List.of(lost, won)) {
            assertThat(change.path("operation").asText()).isEqualTo("update");
            assertThat(change.path("commit_time").asText()).startsWith("20");
            assertThat(change.path("commit_lsn").asText()).contains("/");
            assertThat(change.path("seen_by")).isEmpty();
            assertThat(change.path("held_by")).extracting(JsonNode::asText).containsExactly("m1", "m2");
        }
        assertThat(explanation.path("databases").get(2).path("failure").asText())
                .contains("m3");
    }

    private static void afterwards(Fixture fixture, JsonNode explanation) {
        assertThat(explanation.path("databases"))
                .allSatisfy(
                        each -> assertThat(each.path("row").path("v").asText()).isEqualTo("two"));
        assertThat(explanation.path("history")).hasSize(1);
        JsonNode entry = explanation.path("history").get(0);
        assertThat(entry.path("loser").path("row").path("v").asText()).isEqualTo("one");
        assertThat(entry.path("winner").path("database").asText()).isEqualTo("m2");
        assertThat(entry.path("reason").asText()).isNotEmpty();
        // The other row with the same number has nothing to tell.
        assertThat(fixture.command("explain", "Odd Table", "\"a=b\"=other", "n=1.50", "--json")
                        .out())
                .contains("\"history\" : [ ]");
    }

    private static void wrongWords(Fixture fixture) {
        Ended half = fixture.command("explain", "Odd Table", "n=1.50");
        assertThat(half.code()).isEqualTo(2);
        assertThat(half.err()).contains("are not the key of table public.Odd Table", "Its key is (a=b, n).");
        Ended unknown = fixture.command("explain", "plane", "id=1");
        assertThat(unknown.code()).isEqualTo(2);
        assertThat(unknown.err()).contains("table public.plane is not replicated", "public.plain");
        Ended bare = fixture.command("explain", "plain", "1");
        assertThat(bare.code()).isEqualTo(2);
        assertThat(bare.err()).contains("\"1\" names no key column", "Write column=value");
    }

    private static String[] words(String... row) {
        List<String> words = new ArrayList<>(List.of("explain"));
        words.addAll(List.of(row));
        return words.toArray(String[]::new);
    }

    private static JsonNode explain(Fixture fixture, String... row) throws JsonProcessingException {
        List<String> words = new ArrayList<>(List.of(words(row)));
        words.add("--json");
        Ended ended = fixture.command(words.toArray(String[]::new));
        assertThat(ended.code()).as(ended.err()).isZero();
        return JSON.readTree(ended.out());
    }
}
