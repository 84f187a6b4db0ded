package dev.replicator.debezium;

import java.util.Map;
import java.util.Set;
import org.apache.kafka.connect.runtime.WorkerConfig;
import org.apache.kafka.connect.storage.MemoryOffsetBackingStore;

/** Where Debezium begins to read; it leaves no file. Made by Debezium. */
public final class KeptOffsets extends MemoryOffsetBackingStore {
    /** The name under which it is kept. */
    static final String NAME = "offset.storage.kept.name";

    private String name = "";
    private String topicPrefix = "";

    @Override
    public void configure(WorkerConfig config) {
        super.configure(config);
        name = String.valueOf(config.originals().get(NAME));
        topicPrefix = String.valueOf(config.originals().get("topic.prefix"));
    }

    @Override
    public void start() {
        super.start();
        data.putAll(Kept.named(name).offsets(topicPrefix));
    }

    @Override
    public Set<Map<String, Object>> connectorPartitions(String connectorName) {
        return Set.of();
    }

    /** What is stored is stored by the targets. */
    @Override
    protected void save() {}
}
