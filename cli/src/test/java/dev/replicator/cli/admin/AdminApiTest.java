package dev.replicator.cli.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.replicator.cli.config.AdminSpec;
import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.ChangeKind;
import dev.replicator.model.Column;
import dev.replicator.model.Lsn;
import dev.replicator.model.Relation;
import dev.replicator.model.Row;
import dev.replicator.model.RowExplanation;
import dev.replicator.model.Secret;
import dev.replicator.model.Table;
import dev.replicator.model.TableName;
import dev.replicator.observe.DatabaseStatus;
import dev.replicator.observe.Listener.State;
import dev.replicator.observe.SourceStatus;
import dev.replicator.observe.SyncStatus;
import dev.replicator.observe.TargetStatus;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AdminApiTest {
    @TempDir
    Path folder;

    private final Recorder syncs = new Recorder();
    private final List<AutoCloseable> open = new ArrayList<>();
    private AdminPlace place = AdminPlace.in(Path.of("unset"), Path.of("unset"));

    @BeforeEach
    void placeInTheFolder() {
        place = AdminPlace.in(folder.resolve("run"), folder.resolve("sync.yaml"));
    }

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable closeable : open) {
            closeable.close();
        }
    }

    @Test
    void requestWithoutTheTokenIsRefused() throws Exception {
        AdminServer server = start(AdminSpec.privately());

        for (String path : List.of("/status", "/health", "/metrics", "/nothing")) {
            assertThat(get(server, path, null).statusCode()).isEqualTo(401);
            assertThat(get(server, path, "wrong").statusCode()).isEqualTo(401);
        }
        assertThat(syncs.calls).isEmpty();
    }

    @Test
    void fileWithTheTokenIsReadableOnlyByItsUserAndGoesWithTheProcess() throws Exception {
        AdminServer server = start(AdminSpec.privately());
        Path file = place.find().get(0).file();

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("run"))))
                .isEqualTo("rwx------");
        server.close();
        assertThat(file).doesNotExist();
        assertThat(AdminClient.find(place)).isEmpty();
    }

    @Test
    void directoryThatOthersMayEnterIsRefused() throws IOException {
        Files.createDirectory(folder.resolve("run"));
        Files.setPosixFilePermissions(folder.resolve("run"), PosixFilePermissions.fromString("rwxrwxrwx"));

        assertThatThrownBy(() -> start(AdminSpec.privately()))
                .isInstanceOfSatisfying(
                        ReplicatorException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.ADMIN));
    }

    @Test
    void commandsReachTheProcess() {
        start(AdminSpec.privately());
        AdminClient client = AdminClient.find(place).orElseThrow();

        client.pause("bard", Duration.ofSeconds(1));
        client.resume("bard");
        client.restart("bard", Duration.ofSeconds(5));
        client.release("bard", Duration.ofSeconds(6));
        client.kick("bard", Duration.ofSeconds(7));
        client.copyWhole("bard", Duration.ofDays(1));
        client.await("bard", null, Duration.ofSeconds(8));
        client.await("bard", Map.of("shake1", Lsn.parse("1/2")), Duration.ofSeconds(9));

        assertThat(syncs.calls)
                .containsExactly(
                        "pause bard",
                        "resume bard",
                        "restart bard",
                        "release bard",
                        "kick bard PT7S",
                        "fullcopy bard PT24H",
                        "wait bard null PT8S",
                        "wait bard {shake1=4294967298} PT9S");
        assertThat(client.status()).isEqualTo(syncs.status());
    }

    @Test
    void whatAReloadChangesArrives() {
        start(AdminSpec.privately());
        AdminClient client = AdminClient.find(place).orElseThrow();

        assertThat(client.reload(true, Duration.ofSeconds(5))).isEqualTo(syncs.reload(true));
        assertThat(client.reload(false, Duration.ofSeconds(5))).hasSize(2);
        assertThat(syncs.calls).containsExactly("reload true", "reload true", "reload false");
    }

    @Test
    void aDatabaseIsDetachedAndAttached() {
        start(AdminSpec.privately());
        AdminClient client = AdminClient.find(place).orElseThrow();

        assertThat(client.database("shake1", "detach", Duration.ofSeconds(5))).containsExactly("gone");
        assertThat(client.database("shake1", "attach", Duration.ofSeconds(5))).containsExactly("back", "again");
        assertThat(syncs.calls).containsExactly("detach shake1", "attach shake1");
    }

    @Test
    void failureArrivesAsIfItHadHappenedHere() {
        start(AdminSpec.privately());
        AdminClient client = AdminClient.find(place).orElseThrow();

        assertThatThrownBy(() -> client.resume("brad")).isInstanceOfSatisfying(ReplicatorException.class, e -> {
            assertThat(e.code()).isEqualTo(ErrorCode.USAGE);
            assertThat(e.formatted())
                    .isEqualTo("ERROR:   there is no sync \"brad\"\nDETAIL:  There is bard.\nCONTEXT: test");
        });
    }

    @Test
    void healthSaysWhatIsWrong() throws Exception {
        AdminServer server = start(AdminSpec.privately());
        String token = place.find().get(0).token();

        assertThat(get(server, "/health", token).statusCode()).isEqualTo(200);
        syncs.state = State.FAILED;
        assertThat(get(server, "/health", token).statusCode()).isEqualTo(503);
        assertThat(get(server, "/health", token).body()).isEqualTo("sync \"bard\", database \"shake1\": not running\n");
    }

    @Test
    void metricsFollowTheStatus() throws Exception {
        AdminServer server = start(AdminSpec.privately());
        String token = place.find().get(0).token();

        String series = "replicator_target_rows_total{database=\"shake1\",sync=\"bard\"} ";
        assertThat(get(server, "/metrics", token).body()).contains(series + "20.0");
        syncs.rows = 21;
        assertThat(get(server, "/metrics", token).body())
                .contains(series + "21.0")
                .contains("replicator_source_lag_bytes{database=\"shake1\",sync=\"bard\"} 2.0");
    }

    @Test
    void configuredTokenIsTheOneThatCounts() throws Exception {
        AdminServer server =
                start(new AdminSpec(AdminSpec.Place.ADDRESS, "127.0.0.1", 0, new Secret("a token of my own, long")));

        assertThat(get(server, "/health", "a token of my own, long").statusCode())
                .isEqualTo(200);
        assertThat(AdminClient.find(place)).isPresent();
    }

    @Test
    void noneServesNothing() {
        assertThat(AdminServer.start(new AdminSpec(AdminSpec.Place.NONE, "", 0, null), place, syncs))
                .isNull();
        assertThat(place.find()).isEmpty();
    }

    @Test
    void daemonsWithDifferentFilesDoNotMeet() {
        start(AdminSpec.privately());

        assertThat(AdminClient.find(AdminPlace.in(folder.resolve("run"), folder.resolve("other.yaml"))))
                .isEmpty();
    }

    @Test
    void fileOfAProcessThatIsGoneCountsForNothing() throws IOException {
        start(AdminSpec.privately());
        Path live = place.find().get(0).file();
        String name = String.valueOf(live.getFileName()).replaceAll("-\\d+$", "-999999999");
        Path stale = Files.writeString(live.resolveSibling(name), "http://127.0.0.1:1\nx\n");

        assertThat(place.find()).hasSize(1);
        assertThat(stale).doesNotExist();
    }

    private AdminServer start(AdminSpec spec) {
        AdminServer server = Objects.requireNonNull(AdminServer.start(spec, place, syncs));
        open.add(server);
        return server;
    }

    private static HttpResponse<String> get(AdminServer server, String path, @Nullable String token) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(server.address() + path));
        Optional.ofNullable(token).ifPresent(t -> request.header("Authorization", "Bearer " + t));
        return HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void explainTellsTheOpenChangesOfARow() {
        start(AdminSpec.privately());
        JsonNode answer = AdminClient.find(place)
                .orElseThrow()
                .explain("bard", new TableName("public", "work"), Map.of("id", "7"));
        assertThat(syncs.calls).containsExactly("explain bard public.work {id=7}");
        assertThat(answer.toString())
                .isEqualTo(
                        "{\"policy\":\"first\",\"reason\":\"first: it was committed before the others\",\"changes\":["
                                + "{\"database\":\"shake1\",\"commit_lsn\":\"1/2\",\"commit_time\":\"2023-11-14T22:13:20.000001Z\","
                                + "\"operation\":\"update\",\"stands\":true,\"seen_by\":[],\"held_by\":[\"shake1\"],"
                                + "\"row\":{\"id\":\"7\",\"title\":null}},"
                                + "{\"database\":\"shake2\",\"commit_lsn\":\"0/10\",\"commit_time\":\"1970-01-01T00:00:00Z\","
                                + "\"operation\":\"delete\",\"stands\":false,\"seen_by\":[\"shake1 at 0/20\"],\"held_by\":[],"
                                + "\"row\":null}],\"on_their_way\":{\"shake2\":1}}");
    }

    private static final class Recorder implements RunningSyncs {
        private final List<String> calls = new ArrayList<>();
        private volatile State state = State.STREAMING;
        private volatile long rows = 20;

        @Override
        public void restart(String sync) {
            call(sync, "restart " + sync);
        }

        @Override
        public void release(String sync) {
            call(sync, "release " + sync);
        }

        @Override
        public List<String> detach(String database) {
            calls.add("detach " + database);
            return List.of("gone");
        }

        @Override
        public List<String> attach(String database) {
            calls.add("attach " + database);
            return List.of("back", "again");
        }

        @Override
        public List<SyncChange> reload(boolean apply) {
            calls.add("reload " + apply);
            return List.of(
                    new SyncChange("bard", SyncChange.Kind.SAME, List.of()),
                    new SyncChange("work", SyncChange.Kind.CHANGED, List.of("conflict: first, was latest")));
        }

        @Override
        public List<SyncStatus> status() {
            DatabaseStatus database = new DatabaseStatus(
                    "shake1",
                    new SourceStatus(state, "", 1, 3, 1, 5, 17, 1),
                    new TargetStatus(state, "", 7, rows, 3, 2, 300, 0),
                    null,
                    null,
                    null,
                    null);
            return List.of(new SyncStatus("bard", false, null, List.of(database), Map.of("insert_exists", 2L)));
        }

        @Override
        public void pause(String sync) {
            call(sync, "pause " + sync);
        }

        @Override
        public void resume(String sync) {
            call(sync, "resume " + sync);
        }

        @Override
        public void copyWhole(String sync, Duration limit) {
            call(sync, "fullcopy " + sync + " " + limit);
        }

        @Override
        public void kick(String sync, Duration limit) {
            call(sync, "kick " + sync + " " + limit);
        }

        @Override
        public void await(String sync, @Nullable Map<String, Long> positions, Duration limit) {
            call(sync, "wait " + sync + " " + positions + " " + limit);
        }

        @Override
        public RowExplanation explain(String sync, TableName table, Map<String, String> key) {
            call(sync, "explain " + sync + " " + table + " " + key);
            Table work = new Table(0, table, List.of("id"), List.of("int4"));
            Relation relation =
                    new Relation(work, List.of(new Column("id", 23, "int4", -1), new Column("title", 25, "text", -1)));
            Row row = new Row.Builder(relation)
                    .binary(new byte[] {0, 0, 0, 7})
                    .nil()
                    .build();
            return new RowExplanation(
                    "first",
                    "first: it was committed before the others",
                    List.of(
                            new RowExplanation.Change(
                                    "shake1",
                                    0x1_0000_0002L,
                                    1_700_000_000_000_001L,
                                    ChangeKind.UPDATE,
                                    true,
                                    List.of(),
                                    List.of("shake1"),
                                    row),
                            new RowExplanation.Change(
                                    "shake2",
                                    16,
                                    0,
                                    ChangeKind.DELETE,
                                    false,
                                    List.of("shake1 at 0/20"),
                                    List.of(),
                                    null)),
                    Map.of("shake2", 1));
        }

        private synchronized void call(String sync, String text) {
            if (!sync.equals("bard")) {
                throw ReplicatorException.fatal(
                                ErrorCode.USAGE, "there is no sync \"" + sync + "\"", "There is bard.", null)
                        .within("test");
            }
            calls.add(text);
        }
    }
}
