package dev.replicator.slot;

import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.error.ReplicatorException.Kind;
import dev.replicator.model.Lsn;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Whether a slot found at the start is the one that belongs to what we hold, and may be streamed from.
 *
 * <p>A slot <em>behind</em> the stored position is normal: the server saves its position at checkpoints only. One ahead
 * of it may have skipped changes that nobody has: it was made anew, advanced, or read by somebody else.
 */
public final class SlotChecks {
    private SlotChecks() {}

    /**
     * Returns the slot, or throws the one failure that applies: SLOT_MISSING, SLOT_INVALIDATED, SLOT_AHEAD, SLOT_BUSY
     * (retryable), or CONFIGURATION for a slot of another plugin or database.
     *
     * @param sync the sync's name, for hints
     * @param database the database's short name
     * @param databaseOnServer its name on the server
     * @param storedPosition up to where everything is stored; 0 when nothing was ever read
     */
    public static Slot verify(
            Optional<Slot> found,
            String slotName,
            String sync,
            String database,
            String databaseOnServer,
            long storedPosition) {
        if (found.isEmpty()) {
            throw missing(slotName, sync, database, storedPosition);
        }
        Slot slot = found.get();
        if (!Slots.PLUGIN.equals(slot.plugin()) || !databaseOnServer.equals(slot.database())) {
            throw foreign(slot, database, databaseOnServer);
        }
        if (slot.isInvalidated()) {
            throw invalidated(slot, sync, database, storedPosition);
        }
        if (storedPosition != 0 && Long.compareUnsigned(slot.confirmedFlush(), storedPosition) > 0) {
            throw ahead(slot, sync, database, storedPosition);
        }
        if (slot.isActive()) {
            throw busy(slot, database);
        }
        return slot;
    }

    static ReplicatorException missing(String slot, String sync, String database, long stored) {
        String detail = stored == 0
                ? "The slot does not exist."
                : "The slot does not exist any more. The last stored position was " + Lsn.format(stored)
                        + "; changes made after it cannot be read.";
        return failure(
                ErrorCode.SLOT_MISSING,
                slot,
                database,
                detail,
                "Run \"replicator slot create " + sync + " --database " + database + "\"" + compare(sync, database));
    }

    private static ReplicatorException invalidated(Slot slot, String sync, String database, long stored) {
        String gone = slot.restartLsn() == 0
                ? "The WAL it needs is gone"
                : "WAL before " + Lsn.format(slot.restartLsn()) + " is gone";
        String detail = "The slot was invalidated (" + slot.invalidation() + "). " + gone
                + (stored == 0 ? "." : "; the last stored position was " + Lsn.format(stored) + ".");
        String cause = String.valueOf(slot.invalidation());
        String prevention = cause.equals("idle_timeout")
                ? "raise idle_replication_slot_timeout."
                : cause.equals("wal_level_insufficient")
                        ? "keep wal_level = logical."
                        : "raise max_slot_wal_keep_size or lower slot_budget.";
        return failure(
                ErrorCode.SLOT_INVALIDATED,
                slot.name(),
                database,
                detail,
                again(sync, database) + " To prevent it, " + prevention);
    }

    private static ReplicatorException ahead(Slot slot, String sync, String database, long stored) {
        return failure(
                ErrorCode.SLOT_AHEAD,
                slot.name(),
                database,
                "The slot stands at " + Lsn.format(slot.confirmedFlush()) + ", ahead of the last stored position "
                        + Lsn.format(stored) + ": it was made again, advanced or read by somebody else. Changes between"
                        + " the two cannot be read.",
                again(sync, database));
    }

    private static ReplicatorException foreign(Slot slot, String database, String databaseOnServer) {
        @Nullable String plugin = slot.plugin();
        String detail = plugin == null
                ? "It is a physical slot."
                : !Slots.PLUGIN.equals(plugin)
                        ? "It uses the output plugin \"" + plugin + "\" instead of \"" + Slots.PLUGIN + "\"."
                        : "It belongs to database \"" + slot.database() + "\" of the server instead of \""
                                + databaseOnServer + "\".";
        return failure(
                ErrorCode.CONFIGURATION,
                slot.name(),
                database,
                detail,
                "Drop that slot if nobody needs it, or give the sync another name.");
    }

    /** Somebody streams from it. */
    static ReplicatorException busy(Slot slot, String database) {
        return new ReplicatorException(
                        Kind.RETRYABLE,
                        ErrorCode.SLOT_BUSY,
                        "could not use replication slot \"" + slot.name() + "\" on database \"" + database + "\"",
                        "It is in use by server process " + slot.activePid()
                                + (slot.holder() == null ? "" : " (" + slot.holder() + ")") + ".",
                        "Another replicator process runs this sync: stop that one, or let this one stand by.",
                        null)
                .within("database \"" + database + "\"");
    }

    private static String compare(String sync, String database) {
        return "; then \"replicator compare " + sync + " --with " + database + "\" and \"replicator repair " + sync
                + " --from DB\", with the database whose rows shall stand.";
    }

    private static String again(String sync, String database) {
        return "Run \"replicator slot drop " + sync + " --database " + database + "\" and \"replicator slot create "
                + sync + " --database " + database + "\"" + compare(sync, database);
    }

    private static ReplicatorException failure(
            ErrorCode code, String slot, String database, String detail, String hint) {
        return ReplicatorException.fatal(
                        code,
                        "cannot stream from replication slot \"" + slot + "\" on database \"" + database + "\"",
                        detail,
                        hint)
                .within("database \"" + database + "\"");
    }
}
