package dev.replicator.cli.config;

import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.nodes.Node;

/** Collects every mistake of one file, so that all can be shown at once. For one thread. */
final class Problems {
    private final String file;
    private final List<Problem> found = new ArrayList<>();

    Problems(String file) {
        this.file = file;
    }

    void at(Node node, String message) {
        at(node.getStartMark(), message);
    }

    void at(@Nullable Mark mark, String message) {
        if (mark == null) {
            found.add(new Problem(1, 1, message));
        } else {
            found.add(new Problem(mark.getLine() + 1, mark.getColumn() + 1, message));
        }
    }

    boolean isEmpty() {
        return found.isEmpty();
    }

    /** In the order of the file. */
    List<Problem> list() {
        return found.stream()
                .sorted(Comparator.comparingInt(Problem::line).thenComparingInt(Problem::column))
                .distinct()
                .toList();
    }

    /** All of them as one error. */
    ReplicatorException toException() {
        List<Problem> all = list();
        String detail = all.stream()
                .map(problem -> file + ":" + problem.line() + ":" + problem.column() + ": " + problem.message())
                .collect(Collectors.joining("\n         "));
        return ReplicatorException.fatal(
                ErrorCode.CONFIGURATION,
                "cannot use configuration file \"" + file + "\": "
                        + (all.size() == 1 ? "1 problem" : all.size() + " problems"),
                detail,
                "conf/sync.yaml shows every key, with its unit, range and default.");
    }
}
