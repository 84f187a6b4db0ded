package dev.replicator.cli.daemon;

import dev.replicator.connector.Connectors;
import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.Batch;
import dev.replicator.model.DatabaseSpec;
import dev.replicator.model.Lsn;
import dev.replicator.model.Positions;
import dev.replicator.model.ServerNames;
import dev.replicator.model.SourceState;
import dev.replicator.model.SyncSpec;
import dev.replicator.model.Table;
import dev.replicator.postgres.ReplicatorSchema;
import dev.replicator.session.DatabaseIdentity;
import dev.replicator.session.Sessions;
import dev.replicator.session.SqlErrors;
import dev.replicator.slot.Blocker;
import dev.replicator.slot.Publications;
import dev.replicator.slot.Slot;
import dev.replicator.slot.Slots;
import dev.replicator.spi.Target;
import dev.replicator.spi.TargetState;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Makes on a database what a sync needs there: schema {@code replicator}, publication, slot. May run any number of times,
 * in several processes at once.
 *
 * <p>A slot that is missing where the sync has already read is never made again in silence: what was committed in between
 * would be lost.
 */
public final class Setup {
    private final SyncSpec sync;
    private final List<Table> tables;
    private final Connectors connectors;
    private final Consumer<String> said;

    /** {@code said}: hears what was made, and what a slot waits for. */
    public Setup(SyncSpec sync, List<Table> tables, Connectors connectors, Consumer<String> said) {
        this.sync = sync;
        this.tables = List.copyOf(tables);
        this.connectors = connectors;
        this.said = said;
    }

    /** Whether a finding of this kind is what {@link #database} puts right when asked to by a person. */
    public static boolean mendedByCreating(ErrorCode code) {
        return code == ErrorCode.SLOT_MISSING || code == ErrorCode.PUBLICATION || code == ErrorCode.SLOT_BUSY;
    }

    /** Whether the sync has been prepared on this source before, as far as can be told. */
    static boolean hasSlot(SyncSpec sync, DatabaseSpec source) {
        try (Connection connection = Sessions.open(source, "replicator setup " + sync.name())) {
            return new Slots(connection, source.name())
                    .find(ServerNames.slot(sync.name(), source.name()))
                    .isPresent();
        } catch (SQLException | ReplicatorException e) {
            return false;
        }
    }

    /**
     * One database of the sync.
     *
     * @param again whether a person asks for it: then a slot is made even where there was one before
     */
    public void database(DatabaseSpec database, boolean again) {
        boolean source = sync.sources().contains(database);
        String name = database.name();
        try (Connection connection = Sessions.open(database, "replicator setup " + sync.name())) {
            if (!source || sync.isMultiMaster()) {
                ReplicatorSchema.install(connection, name);
            }
            Optional<Slot> slot =
                    source ? new Slots(connection, name).find(ServerNames.slot(sync.name(), name)) : Optional.empty();
            if (slot.isEmpty() || !slot.get().isActive()) {
                DatabaseIdentity.verify(connection, name, sync.name(), source, slot.isPresent());
            }
            if (source) {
                source(connection, name, slot, again);
            }
        } catch (SQLException e) {
            throw SqlErrors.doing("prepare database \"" + name + "\"", e);
        }
    }

    private void source(Connection connection, String name, Optional<Slot> slot, boolean again) throws SQLException {
        String publication = ServerNames.publication(sync.name());
        Publications publications = new Publications(connection, name);
        if (slot.isPresent() && publications.find(publication).isEmpty()) {
            throw publications.gone(publication);
        }
        if (publications.ensure(publication, tables)) {
            said.accept(name + ": publication \"" + publication + "\" lists " + tables.size()
                    + (tables.size() == 1 ? " table" : " tables"));
        }
        if (slot.isPresent()) {
            return;
        }
        String slotName = ServerNames.slot(sync.name(), name);
        if (!again && (hasBeenRead(connection) || isHeldByTargets())) {
            throw ReplicatorException.fatal(
                            ErrorCode.SLOT_MISSING,
                            "cannot find replication slot \"" + slotName + "\" on database \"" + name + "\"",
                            "The sync has read from this database before, but the slot is gone: changes made since cannot be"
                                    + " read.",
                            "Run \"replicator slot create " + sync.name() + " --database " + name
                                    + "\", \"replicator compare " + sync.name() + " --with " + name
                                    + "\", and \"replicator repair "
                                    + sync.name() + " --from DB\", with the database whose rows shall stand.")
                    .within("sync \"" + sync.name() + "\", database \"" + name + "\"");
        }
        Slot made = new Slots(connection, name).create(slotName, blockers -> waiting(name, blockers));
        if (again && sync.isMultiMaster()) {
            acceptGap(connection, made.confirmedFlush());
        } else if (again && !sync.isMultiMaster()) {
            acceptGapAtTargets(name, made.confirmedFlush());
        }
        said.accept(name + ": slot \"" + slotName + "\" is made");
    }

    private boolean waiting(String name, List<Blocker> blockers) {
        said.accept(
                name + ": making the slot waits for the end of running transactions: " + Blocker.describe(blockers));
        return !Thread.currentThread().isInterrupted();
    }

    /** Whether a position has been stored on this master. */
    private boolean hasBeenRead(Connection connection) throws SQLException {
        if (!ReplicatorSchema.isInstalled(connection)) {
            return false;
        }
        try (PreparedStatement select =
                connection.prepareStatement("SELECT EXISTS (SELECT FROM replicator.state WHERE sync = ?)")) {
            select.setString(1, sync.name());
            try (ResultSet row = select.executeQuery()) {
                return row.next() && row.getBoolean(1);
            }
        }
    }

    /** Of a sync with a single source: whether a target that can be reached has anything of it. */
    private boolean isHeldByTargets() {
        if (sync.isMultiMaster()) {
            return false;
        }
        for (int node = sync.sourceCount(); node < sync.nodeCount(); node++) {
            try (Target target = connectors.open(sync, node, List.of())) {
                Positions held = target.held();
                if (held != null && held.get(0) > 0) {
                    return true;
                }
            } catch (ReplicatorException e) {
                // A target that is away cannot say; the others can.
            }
        }
        return false;
    }

    /** As {@link #acceptGap}, of a sync with one source: what is stored of it stands at the targets. */
    private void acceptGapAtTargets(String source, long position) throws SQLException {
        for (int node = sync.sourceCount(); node < sync.nodeCount(); node++) {
            DatabaseSpec target = sync.node(node);
            if (!target.kind().equals(Connectors.POSTGRES)) {
                acceptGapAt(node, position);
                continue;
            }
            try (Connection connection = Sessions.open(target, "replicator setup " + sync.name())) {
                if (!ReplicatorSchema.isInstalled(connection)) {
                    continue;
                }
                try (PreparedStatement update = connection.prepareStatement("UPDATE replicator.progress"
                        + " SET states = jsonb_set(states, ARRAY[?, 'position'], to_jsonb(?::text))"
                        + " WHERE sync = ? AND states ->> ? IS NOT NULL")) {
                    update.setString(1, source);
                    update.setString(2, Lsn.format(position));
                    update.setString(3, sync.name());
                    update.setString(4, source);
                    update.executeUpdate();
                }
            }
        }
    }

    /** By an empty batch that brings the later state. A process that runs loses the fence, and takes it again. */
    private void acceptGapAt(int node, long position) {
        try (Target target = connectors.open(sync, node, List.of())) {
            if (target.held() == null) {
                return;
            }
            TargetState held = target.start();
            SourceState state = held.states().get(0);
            if (state.position() != 0) {
                SourceState later =
                        new SourceState(position, state.highest(), state.held(), state.lastMark(), state.done());
                target.write(new Batch(1, List.of(), held.held(), 0, List.of(), List.of(later), 0));
            }
        }
    }

    /**
     * A person has decided to go on without what was committed between the stored position and the new slot. A process
     * that runs may not have stored a position yet: then one is made, so that its later store cannot lie below.
     */
    private void acceptGap(Connection connection, long position) throws SQLException {
        try (PreparedStatement update = connection.prepareStatement("""
                INSERT INTO replicator.state AS s (sync, state)
                SELECT sync, '{"highest": 0, "held": {}, "done": {}}'::jsonb || jsonb_build_object('position', ?::text)
                FROM (SELECT sync FROM replicator.progress WHERE fence > 0 UNION SELECT sync FROM replicator.state) known
                WHERE sync = ?
                ON CONFLICT (sync) DO UPDATE SET
                  state = jsonb_set(s.state, '{position}', excluded.state -> 'position'), updated_at = now()
                """)) {
            update.setString(1, Lsn.format(position));
            update.setString(2, sync.name());
            update.executeUpdate();
        }
    }
}
