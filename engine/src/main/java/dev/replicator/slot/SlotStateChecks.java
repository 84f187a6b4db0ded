package dev.replicator.slot;

import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.ServerNames;
import dev.replicator.slot.Inspection.Seen;
import java.util.Optional;
import java.util.function.Consumer;

/** The slots and publications that are there already. */
final class SlotStateChecks implements Preflight.Check {
    @Override
    public void run(Inspection inspection, Consumer<Finding> findings) {
        for (Seen source : inspection.sources()) {
            Optional<Slot> slot = inspection.slot(source);
            if (slot.isPresent()) {
                check(slot.get(), source, inspection, findings);
            }
        }
    }

    private static void check(Slot slot, Seen source, Inspection inspection, Consumer<Finding> findings) {
        String database = source.spec().name();
        String sync = inspection.sync().name();
        try {
            SlotChecks.verify(
                    Optional.of(slot),
                    slot.name(),
                    sync,
                    database,
                    source.facts().identity().name(),
                    0);
        } catch (ReplicatorException e) {
            findings.accept(
                    e.code() == ErrorCode.SLOT_BUSY
                            ? Finding.notice(
                                    e.code(),
                                    database,
                                    "replication slot \"" + slot.name() + "\" on database \"" + database
                                            + "\" is in use",
                                    e.detail(),
                                    null)
                            : Finding.of(database, e));
        }
        if (inspection.publication(source).isEmpty()) {
            findings.accept(Finding.of(
                    database, new Publications(source.connection(), database).gone(ServerNames.publication(sync))));
        }
        long budget = inspection.sync().slotBudget().bytes();
        if (slot.retainedBytes() > budget) {
            findings.accept(Finding.warning(
                    ErrorCode.DISK,
                    database,
                    "replication slot \"" + slot.name() + "\" on database \"" + database + "\" has spent its budget",
                    "It keeps " + slot.retainedBytes() + " bytes of WAL; slot_budget is " + budget + " bytes.",
                    "Run the sync, or drop the slot."));
        }
    }
}
