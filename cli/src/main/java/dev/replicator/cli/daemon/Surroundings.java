package dev.replicator.cli.daemon;

import dev.replicator.cli.command.StoredPause;
import dev.replicator.cli.config.Configuration;
import dev.replicator.cli.conflict.HandlerFailures;
import dev.replicator.cli.status.SlotWatch;
import dev.replicator.connector.Connectors;
import dev.replicator.error.ReplicatorException;
import dev.replicator.observe.Listener;
import java.nio.file.Path;
import java.util.function.Consumer;

/**
 * What a running sync shares with the others of this process.
 *
 * @param connectors those of the configuration it was read from
 * @param plugins the folder of that configuration's jars
 * @param onFailure hears of a broken invariant, which ends the process
 */
record Surroundings(
        Connectors connectors,
        Path plugins,
        StoredPause pauses,
        Spool spool,
        HandlerFailures handlerFailures,
        SlotWatch slots,
        Listener listener,
        Consumer<ReplicatorException> onFailure) {

    /** The same, for syncs of another reading of the configuration. */
    Surroundings of(Configuration configuration) {
        return new Surroundings(
                configuration.connectors(),
                configuration.plugins(),
                StoredPause.of(configuration),
                spool,
                handlerFailures,
                slots,
                listener,
                onFailure);
    }
}
