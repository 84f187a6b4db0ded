package dev.replicator.handlers;

import static dev.replicator.handlers.Conflicts.frontier;
import static dev.replicator.handlers.Conflicts.row;
import static dev.replicator.handlers.Conflicts.value;
import static dev.replicator.handlers.Conflicts.winner;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.replicator.error.ReplicatorException;
import dev.replicator.handlers.plugin.BadHandlers;
import dev.replicator.model.CustomCode;
import dev.replicator.model.Row;
import dev.replicator.policy.Decision;
import dev.replicator.policy.Policy;
import dev.replicator.sample.FillNulls;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PluginTest {
    private static final Row OLDER = row("12.50", "7", null, "old");
    private static final Row NEWER = row(null, "9", null, "new");

    @TempDir
    private Path plugins;

    private final Conflicts conflicts = new Conflicts();

    /** A jar of the classes under a folder, or the jar itself where they are in one. */
    private void install(String name, Class<?> of, String... services) throws IOException, URISyntaxException {
        Path place =
                Path.of(of.getProtectionDomain().getCodeSource().getLocation().toURI());
        if (Files.isRegularFile(place)) {
            Files.copy(place, plugins.resolve(name));
            return;
        }
        try (JarOutputStream jar = new JarOutputStream(Files.newOutputStream(plugins.resolve(name)));
                Stream<Path> files = Files.walk(place)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                jar.putNextEntry(new JarEntry(place.relativize(file).toString()));
                jar.write(Files.readAllBytes(file));
            }
            if (services.length > 0) {
                jar.putNextEntry(new JarEntry("META-INF/services/dev.replicator.spi.ConflictHandler"));
                jar.write(String.join("\n", services).getBytes(java.nio.charset.StandardCharsets.UTF_8));
            }
        }
    }

    private Policy policy(String className) {
        return conflicts.policy(new CustomCode.PluginClass(plugins, className));
    }

    @Test
    void theSampleFillsNullsFromTheOlderRow() throws Exception {
        install("sample.jar", FillNulls.class);
        Policy policy = policy("dev.replicator.sample.FillNulls");
        Decision decision = policy.decide(frontier(OLDER, NEWER));
        assertThat(decision.reason()).isEqualTo("class dev.replicator.sample.FillNulls: it merged the changes");
        assertThat(value(decision, "price")).isEqualTo("12.50");
        assertThat(value(decision, "name")).isEqualTo("new");
        assertThat(value(decision, "updated_at")).isNull();
        assertThat(winner(policy.decide(frontier(NEWER, OLDER)))).isEqualTo(1);
        assertThat(winner(policy.decide(frontier(null, OLDER)))).isZero();
        assertThat(conflicts.failures).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Throws|it threw java.lang.IllegalStateException",
                "Nosy|it threw java.lang.NoClassDefFoundError",
                "Miscounts|it chose change 2 of 2",
            })
    void whatGoesWrongIsContainedAndTheFallbackDecides(String handler, String what) throws Exception {
        String name = BadHandlers.class.getName() + "$" + handler;
        install("bad.jar", BadHandlers.class, name);
        Decision decision = policy(name).decide(frontier(OLDER, NEWER));
        assertThat(winner(decision)).isEqualTo(1);
        assertThat(decision.reason()).contains(what).doesNotContain("secret");
        assertThat(conflicts.failures).containsExactly("class " + name + " on public.stock: " + what);
    }

    @Test
    void oneThatDoesNotAnswerInTimeStopsTheSync() {
        TimedHandler timed = new TimedHandler("slow", new BadHandlers.Hangs(), Duration.ofMillis(50));
        Policy policy = new HandlerPolicy("slow", timed, Conflicts.STOCK, Conflicts.LATEST, (h, t, w) -> {});
        List<Decision> decisions =
                List.of(policy.decide(frontier(OLDER, NEWER)), policy.decide(frontier(OLDER, NEWER)));
        assertThat(decisions).containsOnly(new Decision.Stop("slow: it did not answer within 0.050 s"));
    }

    @Test
    void aClassThatNoJarProvidesIsRefusedWithThoseThereAre() throws Exception {
        assertThatThrownBy(() -> policy("com.example.Missing"))
                .asInstanceOf(InstanceOfAssertFactories.type(ReplicatorException.class))
                .satisfies(e -> assertThat(e.detail()).contains("there is none at all"));
        install("bad.jar", BadHandlers.class, BadHandlers.Throws.class.getName());
        assertThatThrownBy(() -> policy("com.example.Missing"))
                .asInstanceOf(InstanceOfAssertFactories.type(ReplicatorException.class))
                .satisfies(e -> {
                    assertThat(e.detail())
                            .contains("com.example.Missing", "there are: " + BadHandlers.Throws.class.getName());
                    assertThat(e.hint()).contains("META-INF/services/dev.replicator.spi.ConflictHandler");
                });
    }

    @Test
    void aBrokenJarIsRefusedByName() throws Exception {
        install("bad.jar", BadHandlers.class, "no.such.Class");
        assertThatThrownBy(() -> policy("no.such.Class"))
                .asInstanceOf(InstanceOfAssertFactories.type(ReplicatorException.class))
                .satisfies(e -> assertThat(e.detail()).contains("bad.jar", "cannot be used"));
    }
}
