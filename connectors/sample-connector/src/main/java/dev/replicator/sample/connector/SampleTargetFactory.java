package dev.replicator.sample.connector;

import dev.replicator.spi.Target;
import dev.replicator.spi.TargetFactory;
import dev.replicator.spi.TargetRequest;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Serves databases whose url is {@code sample:/path/of/a.properties}. */
public final class SampleTargetFactory implements TargetFactory {
    @Override
    public String kind() {
        return "sample";
    }

    @Override
    public Set<String> schemes() {
        return Set.of("sample");
    }

    @Override
    public @Nullable String problemOf(String url) {
        return url.startsWith("sample:/") ? null : "write sample:/path/of/a.properties";
    }

    @Override
    public Target open(TargetRequest request) {
        return new SampleTarget(request);
    }
}
