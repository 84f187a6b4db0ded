package dev.replicator.it.rules;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What a compiler does not see: the length of files, the names of packages, and that every package is null-marked. */
final class SourceStyleTest {

    /** Most files stay below 400; what grows beyond this has a second subject. */
    private static final int LONGEST_FILE_LINES = 600;

    private static final Pattern VAGUE_PACKAGE =
            Pattern.compile("(.*/)?(util|utils|common|helper|helpers|manager|service|impl|misc)(/.*)?");

    @Test
    void filesStayShort() throws IOException {
        Map<Path, Integer> tooLong = new java.util.TreeMap<>();
        for (Path file : mainSources()) {
            int lines = Files.readAllLines(file).size();
            if (lines > LONGEST_FILE_LINES) {
                tooLong.put(file, lines);
            }
        }
        assertThat(tooLong)
                .as("files of more than %d lines", LONGEST_FILE_LINES)
                .isEmpty();
    }

    @Test
    void packagesAreStepsOrNouns() throws IOException {
        assertThat(mainSources())
                .as("packages named for nothing in particular")
                .noneMatch(file -> VAGUE_PACKAGE.matcher(packageOf(file)).matches());
    }

    @Test
    void everyPackageIsNullMarked() throws IOException {
        assertThat(mainSources().stream().map(Path::getParent).distinct())
                .as("packages without a null-marked package-info.java")
                .allSatisfy(directory -> assertThat(directory.resolve("package-info.java"))
                        .content()
                        .contains("NullMarked"));
    }

    private static String packageOf(Path file) {
        String path = file.getParent().toString().replace('\\', '/');
        return path.substring(path.indexOf("src/main/java/") + "src/main/java/".length());
    }

    private static List<Path> mainSources() throws IOException {
        Path root = Path.of("..").toRealPath();
        try (Stream<Path> modules = Stream.of("engine", "connectors", "cli").map(root::resolve)) {
            List<Path> sources = modules.flatMap(SourceStyleTest::walk)
                    .filter(file -> file.toString().endsWith(".java"))
                    .filter(file -> file.toString().replace('\\', '/').contains("src/main/java/"))
                    .toList();
            assertThat(sources).isNotEmpty();
            return sources;
        }
    }

    private static Stream<Path> walk(Path module) {
        try (Stream<Path> files = Files.walk(module)) {
            return files.toList().stream();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
