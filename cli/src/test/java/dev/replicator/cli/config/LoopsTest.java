package dev.replicator.cli.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.replicator.model.DatabaseSpec;
import dev.replicator.model.SyncSpec;
import dev.replicator.model.SyncSpec.ForeignOrigins;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class LoopsTest {
    private final Map<String, DatabaseSpec> databases = new TreeMap<>();

    @Test
    void thereAndBackIsALoop() {
        assertThat(find(sync("there", "a", "b"), sync("back", "b", "a"))).contains("a (written by back)");
    }

    @Test
    void threeInACircleAreALoop() {
        assertThat(find(sync("x", "a", "b"), sync("y", "b", "c"), sync("z", "c", "a")))
                .isNotNull();
    }

    @Test
    void chainIsNone() {
        assertThat(find(sync("x", "a", "b"), sync("y", "b", "c"))).isNull();
    }

    @Test
    void twoMultiMasterSyncsWithOneCommonDatabaseAreAChain() {
        assertThat(find(sync("x", "a,b", ""), sync("y", "b,c", ""))).isNull();
    }

    @Test
    void twoMultiMasterSyncsWithTwoCommonDatabasesAreALoop() {
        assertThat(find(sync("x", "a,b", ""), sync("y", "a,b", ""))).isNotNull();
    }

    @Test
    void ignoringForeignOriginsCutsTheLoop() {
        assertThat(find(sync("there", "a", "b", ForeignOrigins.IGNORE, null), sync("back", "b", "a")))
                .isNull();
    }

    @Test
    void differentTablesAreNoLoop() {
        assertThat(find(
                        sync("there", "a", "b", ForeignOrigins.FORWARD, List.of("public.x*")),
                        sync("back", "b", "a", ForeignOrigins.FORWARD, List.of("y", "other.*"))))
                .isNull();
    }

    @Test
    void patternsThatMayMeetAreALoop() {
        assertThat(find(
                        sync("there", "a", "b", ForeignOrigins.FORWARD, List.of("public.*x")),
                        sync("back", "b", "a", ForeignOrigins.FORWARD, List.of("y?*"))))
                .isNotNull();
    }

    private static @Nullable String find(SyncSpec... syncs) {
        return new Loops(List.of(syncs)).find();
    }

    private SyncSpec sync(String name, String sources, String targets) {
        return sync(name, sources, targets, ForeignOrigins.FORWARD, null);
    }

    private SyncSpec sync(
            String name, String sources, String targets, ForeignOrigins origins, @Nullable List<String> tables) {
        return new SyncSpec(
                name,
                named(sources),
                named(targets),
                tables,
                origins,
                SyncReader.DEFAULT_BUDGET,
                SyncReader.DEFAULT_CLOCK);
    }

    private List<DatabaseSpec> named(String names) {
        return Stream.of(names.split(","))
                .filter(name -> !name.isEmpty())
                .map(name -> databases.computeIfAbsent(
                        name,
                        n -> new DatabaseSpec(n, "postgres", "jdbc:postgresql://" + n + "/d", null, null, Map.of())))
                .toList();
    }
}
