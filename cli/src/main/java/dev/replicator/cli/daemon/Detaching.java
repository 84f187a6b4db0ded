package dev.replicator.cli.daemon;

import dev.replicator.connector.Connectors;
import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.DatabaseSpec;
import dev.replicator.model.ServerNames;
import dev.replicator.model.SyncSpec;
import dev.replicator.observe.DatabaseStatus;
import dev.replicator.observe.Listener.State;
import dev.replicator.observe.SourceStatus;
import dev.replicator.observe.SyncStatus;
import dev.replicator.observe.TargetStatus;
import dev.replicator.postgres.DetachMarks;
import dev.replicator.postgres.DetachMarks.Mark;
import dev.replicator.postgres.ReplicatorSchema;
import dev.replicator.session.Sessions;
import dev.replicator.session.SqlErrors;
import dev.replicator.slot.Finding;
import dev.replicator.slot.Preflight;
import dev.replicator.slot.Removal;
import dev.replicator.slot.Slots;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Gives up one database of a sync for now, and takes it back. That it is given up stands in the other PostgreSQL databases of
 * the sync, so that every process that starts knows it; nothing of the sync stays on the database itself.
 *
 * <p>May be repeated, also after it was interrupted. No process may run the sync meanwhile. Thread: any.
 */
public final class Detaching {
    private static final Duration READER_ENDS = Duration.ofSeconds(10);

    private final SyncSpec sync;
    private final int node;
    private final String database;
    private final Connectors connectors;
    private final Consumer<String> said;

    /** {@code sync}: as it is configured; {@code said}: hears what was done. */
    public Detaching(SyncSpec sync, String database, Connectors connectors, Consumer<String> said) {
        this.sync = sync;
        this.node = IntStream.range(0, sync.nodeCount())
                .filter(candidate -> sync.node(candidate).name().equals(database))
                .findFirst()
                .orElseThrow();
        this.database = database;
        this.connectors = connectors;
        this.said = said;
    }

    /** Whether a database is one that a sync reads or writes all the time. */
    public static boolean concerns(SyncSpec sync, String database) {
        return sync.replicates()
                && IntStream.range(0, sync.nodeCount())
                        .anyMatch(node -> sync.node(node).name().equals(database));
    }

    /** What the databases of a sync that can be reached know to be detached, by name. */
    public static List<Mark> detached(SyncSpec sync) {
        return latest(sync).values().stream().filter(Mark::detached).toList();
    }

    /**
     * Whether something has been said of a database since {@code known} was read. Databases that cannot be reached say
     * nothing, which is no news.
     */
    static boolean isNews(SyncSpec sync, List<Mark> known) {
        Map<String, Mark> before = known.stream().collect(Collectors.toMap(Mark::database, mark -> mark));
        return latest(sync).values().stream().anyMatch(mark -> {
            Mark old = before.get(mark.database());
            return mark.detached() != (old != null) && (old == null || mark.number() > old.number());
        });
    }

    /** A sync as it runs while they are detached. */
    public static SyncSpec without(SyncSpec sync, List<Mark> detached) {
        return sync.without(detached.stream().map(Mark::database).collect(Collectors.toSet()));
    }

    /** A status with those that are detached. */
    public static SyncStatus shown(SyncStatus status, List<Mark> detached) {
        if (detached.isEmpty()) {
            return status;
        }
        List<DatabaseStatus> databases = new ArrayList<>(status.databases());
        for (Mark mark : detached) {
            databases.add(new DatabaseStatus(
                    mark.database(),
                    new SourceStatus(State.DETACHED, "", 0, 0, 0, 0, 0, 0),
                    new TargetStatus(State.DETACHED, "", 0, 0, 0, 0, 0, 0),
                    said(mark) + "; \"replicator attach " + mark.database() + "\" takes it back",
                    null,
                    null,
                    null));
        }
        return new SyncStatus(
                status.sync(),
                status.paused(),
                status.waitReason(),
                databases,
                status.conflicts(),
                status.tables(),
                status.fullCopies());
    }

    private static String said(Mark mark) {
        return "detached by " + mark.by() + " at " + mark.since();
    }

    /** What there is to say of it to somebody who has a sync checked. */
    public static Finding remark(Mark mark) {
        return Finding.notice(
                ErrorCode.CONFIGURATION,
                mark.database(),
                "the sync does without this database: " + said(mark),
                null,
                "\"replicator attach " + mark.database() + "\" takes it back.");
    }

    private static Map<String, Mark> latest(SyncSpec sync) {
        Map<String, Mark> latest = new TreeMap<>();
        for (DatabaseSpec keeper : keepers(sync)) {
            try (Connection connection = Sessions.open(keeper, "replicator detached")) {
                for (Mark mark : new DetachMarks(connection).read(sync.name())) {
                    latest.merge(
                            mark.database(),
                            mark,
                            (a, b) -> Mark.later(Optional.of(a), Optional.of(b)).orElseThrow());
                }
            } catch (SQLException | ReplicatorException e) {
                // The others tell; this one is reported by whoever works on it.
            }
        }
        return latest;
    }

    /** Where marks are kept: where something is written anyway. */
    private static List<DatabaseSpec> keepers(SyncSpec sync) {
        return IntStream.range(sync.isMultiMaster() ? 0 : sync.sourceCount(), sync.nodeCount())
                .mapToObj(sync::node)
                .filter(keeper -> keeper.kind().equals(Connectors.POSTGRES))
                .toList();
    }

    private List<DatabaseSpec> otherKeepers() {
        return keepers(sync).stream()
                .filter(keeper -> !keeper.name().equals(database))
                .toList();
    }

    private SyncSpec rest() {
        Set<String> leaving = new TreeSet<>(Set.of(database));
        detached(sync).forEach(mark -> leaving.add(mark.database()));
        return sync.without(leaving);
    }

    /** Throws what speaks against giving it up. */
    public void check() {
        SyncSpec rest = rest();
        if (rest.sourceCount() == 0) {
            throw refused(
                    "It is the only source.",
                    "\"replicator pause " + sync.name() + "\" stops the sync, and keeps the log.");
        }
        if (otherKeepers().isEmpty()) {
            throw refused(
                    "No other PostgreSQL database of the sync is written, where this could be kept.",
                    "Take it out of the file, and run \"replicator reload\".");
        }
        if (sync.isMultiMaster() && !rest.isMultiMaster() && !rest.targets().isEmpty()) {
            throw refused(
                    "One source and targets would be left, and a sync with one source keeps its progress in another way.",
                    "\"replicator pause " + sync.name()
                            + "\" stops the sync; or let another sync with another name go on"
                            + " from the source that is left.");
        }
    }

    private ReplicatorException refused(String detail, String hint) {
        return ReplicatorException.fatal(
                ErrorCode.USAGE,
                "cannot detach database \"" + database + "\" from sync \"" + sync.name() + "\"",
                detail,
                hint);
    }

    /** Whether the sync does without it now. */
    public boolean isDetached() {
        return detached(sync).stream().anyMatch(mark -> mark.database().equals(database));
    }

    /** Gives it up; fails, with nothing done, when no other database can keep that. */
    public void detach() {
        mark(true);
        Removal.Outcome outcome = Removal.remove(sync, node, connectors);
        outcome.removed().forEach(removed -> said.accept(database + ": removed " + removed));
        outcome.remaining()
                .forEach(left -> said.accept(database + ": still there: " + left.what() + " ("
                        + left.failure().primary() + "); \"replicator attach " + database
                        + "\" removes it, or by hand: "
                        + left.sql()));
        SyncSpec rest = rest();
        if (!rest.replicates()) {
            rest.sources().forEach(this::dropSlot);
        }
    }

    /** Where nobody is left to replicate to, nothing reads the log any more. */
    private void dropSlot(DatabaseSpec source) {
        String slot = ServerNames.slot(sync.name(), source.name());
        try (Connection connection = Sessions.open(source, "replicator detach")) {
            if (new Slots(connection, source.name()).drop(slot, READER_ENDS)) {
                said.accept(
                        source.name() + ": removed replication slot \"" + slot + "\", as nobody is left to read for");
            }
        } catch (SQLException e) {
            throw SqlErrors.doing("drop the slot on database \"" + source.name() + "\"", e);
        }
    }

    /**
     * Takes it back, as one that joins anew: what the others knew of its log is forgotten, and what is committed there before
     * its new slot stands reaches nobody by itself. All PostgreSQL databases of the sync have to answer.
     */
    public void attach() {
        if (!isDetached()) {
            said.accept("sync \"" + sync.name() + "\": database " + database + " is not detached");
            return;
        }
        Set<String> alsoDetached = detached(sync).stream()
                .map(Mark::database)
                .filter(name -> !name.equals(database))
                .collect(Collectors.toSet());
        for (DatabaseSpec other : otherKeepers()) {
            if (!alsoDetached.contains(other.name())) {
                forgetAt(other);
            }
        }
        for (Removal.Remainder left : Removal.remove(sync, node, connectors).remaining()) {
            throw left.failure();
        }
        SyncSpec whole = sync.without(alsoDetached);
        Preflight.Report report = Preflight.runPart(whole, connectors);
        for (Finding finding : report.findings()) {
            boolean mended = Setup.mendedByCreating(finding.code()) && !database.equals(finding.database());
            if (finding.isError() && !mended) {
                throw finding.toException();
            }
        }
        Setup setup = new Setup(whole, report.tables(), connectors, said);
        for (DatabaseSpec source : whole.sources()) {
            if (source.kind().equals(Connectors.POSTGRES) && !source.name().equals(database)) {
                setup.database(source, true);
            }
        }
        mark(false);
    }

    private void forgetAt(DatabaseSpec other) {
        try (Connection connection = Sessions.open(other, "replicator attach")) {
            ReplicatorSchema.install(connection, other.name());
            new DetachMarks(connection).forget(sync.name(), database);
        } catch (SQLException e) {
            throw SqlErrors.doing("prepare database \"" + other.name() + "\"", e);
        }
    }

    private void mark(boolean detached) {
        long number = Optional.ofNullable(latest(sync).get(database))
                .map(Mark::number)
                .orElse(0L);
        Mark mark =
                new Mark(database, number + 1, detached, Instant.now(), System.getProperty("user.name", "somebody"));
        List<ReplicatorException> failures = new ArrayList<>();
        List<DatabaseSpec> keepers = otherKeepers();
        for (DatabaseSpec keeper : keepers) {
            try (Connection connection = Sessions.open(keeper, "replicator detach")) {
                ReplicatorSchema.install(connection, keeper.name());
                new DetachMarks(connection).write(sync.name(), mark);
            } catch (SQLException e) {
                failures.add(SqlErrors.doing("write to database \"" + keeper.name() + "\"", e));
            } catch (ReplicatorException e) {
                failures.add(e);
            }
        }
        if (failures.size() == keepers.size() || (!detached && !failures.isEmpty())) {
            throw failures.get(0);
        }
        failures.forEach(failure -> said.accept("not told: " + failure.primary()));
        said.accept("sync \"" + sync.name() + "\": database " + database
                + (detached ? " is detached" : " is attached again, and joins anew"));
    }

    /** What a person does next, so that it has the rows of the others. */
    public List<String> afterAttach() {
        String from = sync.sources().stream()
                .map(DatabaseSpec::name)
                .filter(name -> !name.equals(database))
                .findFirst()
                .orElse("DB");
        return List.of(
                "What was committed meanwhile on either side is not carried by itself. Next:",
                "  replicator compare " + sync.name() + " --with " + from + " --database " + database,
                "  replicator repair " + sync.name() + " --from " + from + " --database " + database);
    }
}
