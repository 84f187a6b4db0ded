package dev.replicator.it.harness;

import static org.junit.platform.engine.discovery.ClassNameFilter.includeClassNamePatterns;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectPackage;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.TagFilter;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/**
 * Says at the end of a run on which servers it stood, what was left out and what was not exercised: to a file in the
 * directory that the system property {@code replicator.it.summaries} names, which the build then prints, else to the standard
 * output.
 *
 * <p>Tests of one run may be in several processes, each of which ends many times, once after each class. So each keeps a
 * {@link RunRecord} in that directory, and every time the summary is made anew of all of them.
 */
public final class RunSummary implements TestExecutionListener {
    private static final String DIRECTORY_PROPERTY = "replicator.it.summaries";
    private static final int OLDEST_SUPPORTED = 14;
    private static final int NEWEST_SUPPORTED = 18;
    private static final String LONG = "full";
    private static final String RULE = "-".repeat(72);
    private static final SortedSet<String> LONG_TESTS = longTests();

    private final Set<String> ran = ConcurrentHashMap.newKeySet();
    private final Set<String> skipped = ConcurrentHashMap.newKeySet();

    @Override
    public void executionStarted(TestIdentifier test) {
        String name = name(test);
        if (name != null) {
            ran.add(name);
        }
    }

    @Override
    public void executionSkipped(TestIdentifier test, String reason) {
        skipped.add(test.getDisplayName() + ": " + reason);
    }

    @Override
    public void testPlanExecutionFinished(TestPlan plan) {
        RunRecord mine = new RunRecord(ServerBuilder.started(), new TreeSet<>(ran), new TreeSet<>(skipped));
        String directory = System.getProperty(DIRECTORY_PROPERTY);
        if (directory == null) {
            if (mine.tellsSomething()) {
                System.out.print(summary(mine));
            }
            return;
        }
        String versions = Servers.versions().stream().map(String::valueOf).collect(Collectors.joining("-"));
        Path summaries = Path.of(directory);
        RunRecord all = mine.amongAll(summaries.resolve("records-" + versions));
        if (all.tellsSomething()) {
            RunRecord.replace(summaries.resolve("postgres-" + versions + ".txt"), summary(all));
        }
    }

    private static String summary(RunRecord run) {
        SortedMap<Integer, Integer> started = run.started();
        String why = Containers.whyNot();
        List<String> lines = new ArrayList<>();
        lines.add(RULE);
        lines.add("PostgreSQL " + (why == null ? "in containers" : "from binaries") + ": "
                + started.entrySet().stream()
                        .map(version -> "version %d (%d started)".formatted(version.getKey(), version.getValue()))
                        .collect(Collectors.joining(", ")));
        lines.add(
                why == null
                        ? "NOT EXERCISED: PostgreSQL from binaries"
                        : "NOT EXERCISED: PostgreSQL in containers; " + why);
        String versions = IntStream.rangeClosed(OLDEST_SUPPORTED, NEWEST_SUPPORTED)
                .filter(version -> !started.containsKey(version))
                .mapToObj(Integer::toString)
                .collect(Collectors.joining(", "));
        if (!versions.isEmpty()) {
            lines.add("NOT EXERCISED in this run: PostgreSQL " + versions);
        }
        run.skipped().forEach(test -> lines.add("NOT TESTED: " + test));
        LONG_TESTS.stream()
                .filter(test -> !run.ran().contains(test))
                .forEach(test -> lines.add("LEFT OUT, tag \"" + LONG + "\": " + test));
        lines.add(RULE);
        return String.join("\n", lines) + "\n";
    }

    /** What is tagged as long. */
    private static SortedSet<String> longTests() {
        TestPlan all = LauncherFactory.create()
                .discover(LauncherDiscoveryRequestBuilder.request()
                        .selectors(selectPackage("dev.replicator.it"))
                        .filters(includeClassNamePatterns(".*IT"), TagFilter.includeTags(LONG))
                        .build());
        SortedSet<String> names = new TreeSet<>();
        for (TestIdentifier root : all.getRoots()) {
            for (TestIdentifier test : all.getDescendants(root)) {
                String name = name(test);
                if (name != null) {
                    names.add(name);
                }
            }
        }
        return names;
    }

    private static @Nullable String name(TestIdentifier test) {
        return test.getSource()
                .filter(MethodSource.class::isInstance)
                .map(MethodSource.class::cast)
                .map(method -> method.getClassName()
                                .substring(method.getClassName().lastIndexOf('.') + 1) + "." + method.getMethodName())
                .orElse(null);
    }
}
