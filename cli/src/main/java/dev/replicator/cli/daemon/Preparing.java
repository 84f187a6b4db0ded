package dev.replicator.cli.daemon;

import dev.replicator.connector.Connectors;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.DatabaseSpec;
import dev.replicator.model.SyncSpec;
import dev.replicator.slot.Preflight;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes on the databases of a sync what it needs there, before it starts; on those that cannot be reached, or that alone are
 * not as they should be, later. Thread: that of the start.
 */
final class Preparing {
    private static final Logger LOG = LoggerFactory.getLogger(Preparing.class);

    private final Connectors connectors;
    private final LatePreparation late;

    Preparing(Connectors connectors, LatePreparation late) {
        this.connectors = connectors;
        this.late = late;
    }

    /** {@code then}: done for each database that is prepared later, once it is. Throws what keeps the sync from starting. */
    void prepare(Preflight.Report report, Runnable then) {
        SyncSpec sync = report.sync();
        Setup setup = new Setup(sync, report.tables(), connectors, LOG::info);
        for (int node = 0; node < sync.nodeCount(); node++) {
            DatabaseSpec database = sync.node(node);
            if (!database.kind().equals(Connectors.POSTGRES)) {
                continue;
            }
            boolean reached = report.catalogs().containsKey(database.name());
            try {
                if (reached) {
                    setup.database(database, false);
                }
            } catch (ReplicatorException e) {
                boolean others = sync.nodeCount() > 2 || sync.isMultiMaster();
                if (e.kind() != ReplicatorException.Kind.RETRYABLE
                        && !(others && Admission.concernsOneDatabase(e.code()))) {
                    throw e.within("sync \"" + sync.name() + "\"");
                }
                late.tell(e);
                reached = false;
            }
            if (!reached) {
                late.add(setup, database, then);
            }
        }
    }
}
