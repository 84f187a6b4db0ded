package dev.replicator.cli.config;

import dev.replicator.spi.Target;
import dev.replicator.spi.TargetFactory;
import dev.replicator.spi.TargetOption;
import dev.replicator.spi.TargetRequest;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A connector with an option of every form; found on the class path of these tests. */
public final class PaperConnector implements TargetFactory {
    @Override
    public String kind() {
        return "paper";
    }

    @Override
    public Set<String> schemes() {
        return Set.of("paper");
    }

    @Override
    public List<TargetOption> options() {
        return List.of(
                TargetOption.text("title", "none", "What stands on top."),
                TargetOption.flag("ruled", true, "Whether it has lines."),
                TargetOption.number("sheets", 3, "How many."),
                TargetOption.choice("size", List.of("a4", "a5"), "How large."),
                TargetOption.bytes("ink", "2MiB", "How much."),
                TargetOption.time("dry", "5s", "How long."));
    }

    @Override
    public @Nullable String problemOf(String url) {
        return url.endsWith("//") ? "it names no place" : null;
    }

    @Override
    public Target open(TargetRequest request) {
        throw new UnsupportedOperationException();
    }
}
