package dev.replicator.cli.daemon;

import dev.replicator.error.ReplicatorException;
import dev.replicator.slot.Preflight;
import dev.replicator.slot.SchemaChanges;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Has databases given the columns that they lack, and logs it. Any thread. */
final class AddedColumns {
    private static final Logger LOG = LoggerFactory.getLogger(AddedColumns.class);

    private AddedColumns() {}

    /** What was checked, where that is asked for; says whether anything was added. Never throws. */
    static boolean carry(Preflight.Report report) {
        List<SchemaChanges.Addition> due = SchemaChanges.due(report);
        if (due.isEmpty()) {
            return false;
        }
        try {
            SchemaChanges.run(due);
        } catch (ReplicatorException e) {
            LOG.warn("{}: {}", report.sync().name(), e.formatted().replaceFirst("^ERROR: +", ""));
            return false;
        }
        due.forEach(addition -> LOG.info(
                "{}: {} gets a column that it lacked: {}",
                report.sync().name(),
                addition.database().name(),
                addition.sql()));
        return true;
    }
}
