package dev.replicator.connector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.replicator.error.ReplicatorException;
import dev.replicator.spi.Target;
import dev.replicator.spi.TargetFactory;
import dev.replicator.spi.TargetRequest;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ConnectorsTest {
    @TempDir
    private Path folder;

    /** Serves what its name says. */
    public static class Paper implements TargetFactory {
        @Override
        public String kind() {
            return "paper";
        }

        @Override
        public Set<String> schemes() {
            return Set.of("paper", "jdbc");
        }

        @Override
        public Target open(TargetRequest request) {
            throw new UnsupportedOperationException();
        }
    }

    /** Serves one kind of JDBC URL. */
    private static final class Ink extends Paper {
        @Override
        public String kind() {
            return "ink";
        }

        @Override
        public Set<String> schemes() {
            return Set.of("jdbc:ink");
        }
    }

    @Test
    void theSchemeOfTheUrlSaysWhoServesIt() {
        Connectors connectors = Connectors.of(new Paper(), new Ink());

        assertThat(connectors.forUrl("paper://a/b")).get().isInstanceOf(Paper.class);
        assertThat(connectors.forUrl("jdbc:ink:x")).get().isInstanceOf(Ink.class);
        assertThat(connectors.forUrl("jdbc:stone:x"))
                .get()
                .extracting(TargetFactory::kind)
                .isEqualTo("paper");
        assertThat(connectors.forUrl("stone://a")).isEmpty();
        assertThat(connectors.forUrl("stone")).isEmpty();
    }

    @Test
    void twoConnectorsForOneKindAreRefused() {
        assertThatThrownBy(() -> Connectors.of(new Paper(), new Paper()))
                .isInstanceOf(ReplicatorException.class)
                .hasMessage("cannot use two connectors for databases of kind \"paper\"");
    }

    @Test
    void aJarInThePluginsFolderIsAConnector() throws IOException {
        Path plugins = Files.createDirectory(folder.resolve("plugins"));
        try (OutputStream file = Files.newOutputStream(plugins.resolve("paper.jar"));
                JarOutputStream jar = new JarOutputStream(file)) {
            String name = Paper.class.getName();
            jar.putNextEntry(new JarEntry(name.replace('.', '/') + ".class"));
            try (InputStream bytes = Paper.class.getResourceAsStream("ConnectorsTest$Paper.class")) {
                bytes.transferTo(jar);
            }
            jar.putNextEntry(new JarEntry("META-INF/services/" + TargetFactory.class.getName()));
            jar.write(name.getBytes(StandardCharsets.UTF_8));
        }

        TargetFactory found = Connectors.find(plugins).forUrl("paper://a").orElseThrow();

        assertThat(found.kind()).isEqualTo("paper");
        assertThat(found).isNotInstanceOf(Paper.class);
        assertThat(Connectors.find(folder.resolve("none")).forUrl("paper://a")).isEmpty();
    }
}
