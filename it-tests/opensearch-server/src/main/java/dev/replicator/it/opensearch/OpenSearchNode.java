package dev.replicator.it.opensearch;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.opensearch.common.settings.Settings;
import org.opensearch.env.Environment;
import org.opensearch.node.InternalSettingsPreparer;
import org.opensearch.node.Node;
import org.opensearch.node.NodeValidationException;
import org.opensearch.transport.Netty4Plugin;

/**
 * One OpenSearch node that is a cluster by itself, on loopback, without access control. Arguments: its folder, and the port
 * for HTTP. It runs until its standard input ends.
 */
public final class OpenSearchNode extends Node {
    private OpenSearchNode(Settings settings) {
        super(environment(settings), List.of(Netty4Plugin.class), true);
    }

    private static Environment environment(Settings settings) {
        return InternalSettingsPreparer.prepareEnvironment(settings, Map.of(), null, () -> "node");
    }

    /** The program. */
    public static void main(String[] arguments) throws NodeValidationException, IOException {
        Settings settings = Settings.builder()
                .put("path.home", Path.of(arguments[0]).toString())
                .put("cluster.name", "it")
                .put("discovery.type", "single-node")
                .put("network.host", "127.0.0.1")
                .put("http.port", arguments[1])
                .put("http.type", "netty4")
                .put("transport.type", "netty4")
                .put("transport.port", "0")
                .put("action.destructive_requires_name", false)
                // A machine for tests may have a full disk.
                .put("cluster.routing.allocation.disk.threshold_enabled", false)
                .build();
        new OpenSearchNode(settings).start();
        // It ends when whoever has started it is gone, even if that was killed.
        int end = System.in.read();
        System.exit(end < 0 ? 0 : 1);
    }
}
