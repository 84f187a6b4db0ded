package dev.replicator.slot;

import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.Lsn;
import dev.replicator.model.ServerNames;
import dev.replicator.session.DatabaseIdentity;
import dev.replicator.session.SqlErrors;
import dev.replicator.slot.Inspection.Seen;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import java.util.function.Consumer;

/** The slots and publications that are there already. */
final class SlotStateChecks implements Preflight.Check {
    @Override
    public void run(Inspection inspection, Consumer<Finding> findings) {
        for (Seen source : inspection.sources()) {
            try {
                checkSource(source, inspection, findings);
            } catch (ReplicatorException e) {
                findings.accept(Finding.of(source.spec().name(), e));
            }
        }
        for (Seen reached : inspection.reached()) {
            boolean source = inspection.isSource(reached);
            try {
                DatabaseIdentity.check(
                        reached.connection(),
                        reached.spec().name(),
                        inspection.sync().name(),
                        source,
                        source && inspection.slot(reached).isPresent());
            } catch (ReplicatorException e) {
                findings.accept(Finding.of(reached.spec().name(), e));
            }
        }
    }

    private static void checkSource(Seen source, Inspection inspection, Consumer<Finding> findings) {
        Optional<Slot> slot = inspection.slot(source);
        String database = source.spec().name();
        String sync = inspection.sync().name();
        long stored = inspection.sync().isMultiMaster() ? storedPosition(source, sync) : 0;
        if (stored == 0) {
            stored = copied(source, inspection);
        }
        if (slot.isPresent()) {
            check(slot.get(), stored, source, inspection, findings);
        } else if (stored != 0) {
            findings.accept(
                    Finding.of(database, SlotChecks.missing(ServerNames.slot(sync, database), sync, database, stored)));
        }
    }

    /** Up to where a master has been read and everything is stored; 0 when it never was. */
    private static long storedPosition(Seen source, String sync) {
        String database = source.spec().name();
        try (Statement exists = source.connection().createStatement();
                ResultSet installed = exists.executeQuery("SELECT to_regclass('replicator.state') IS NOT NULL")) {
            if (!installed.next() || !installed.getBoolean(1)) {
                return 0;
            }
            try (PreparedStatement select = source.connection()
                    .prepareStatement("SELECT state ->> 'position' FROM replicator.state WHERE sync = ?")) {
                select.setString(1, sync);
                try (ResultSet row = select.executeQuery()) {
                    return row.next() && row.getString(1) != null
                            ? Lsn.parse(row.getString(1)).value()
                            : 0;
                }
            }
        } catch (SQLException e) {
            throw SqlErrors.doing("read the stored position of database \"" + database + "\"", e);
        }
    }

    /**
     * The furthest position that is stored at a target that could be reached, or, before anything was stored, the end of
     * the last change that one holds: no slot was acknowledged further. 0 when the source was never read.
     */
    private static long copied(Seen source, Inspection inspection) {
        long furthest = 0;
        for (Seen target : inspection.written()) {
            try (Statement exists = target.connection().createStatement();
                    ResultSet installed =
                            exists.executeQuery("SELECT to_regclass('replicator.progress') IS NOT NULL")) {
                if (!installed.next() || !installed.getBoolean(1)) {
                    continue;
                }
                try (PreparedStatement select = target.connection()
                        .prepareStatement(
                                "SELECT coalesce(states -> ? ->> 'position', held ->> ?) FROM replicator.progress"
                                        + " WHERE sync = ?")) {
                    select.setString(1, source.spec().name());
                    select.setString(2, source.spec().name());
                    select.setString(3, inspection.sync().name());
                    try (ResultSet row = select.executeQuery()) {
                        if (row.next() && row.getString(1) != null) {
                            furthest = Math.max(
                                    furthest, Lsn.parse(row.getString(1)).value());
                        }
                    }
                }
            } catch (SQLException e) {
                throw SqlErrors.doing(
                        "read the progress of database \"" + target.spec().name() + "\"", e);
            }
        }
        return furthest;
    }

    private static void check(Slot slot, long stored, Seen source, Inspection inspection, Consumer<Finding> findings) {
        String database = source.spec().name();
        String sync = inspection.sync().name();
        try {
            SlotChecks.verify(
                    Optional.of(slot),
                    slot.name(),
                    sync,
                    database,
                    source.facts().identity().name(),
                    stored);
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
