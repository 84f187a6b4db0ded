package dev.replicator.slot;

import dev.replicator.error.ErrorCode;
import dev.replicator.slot.Inspection.Seen;
import java.util.function.Consumer;

/** Version, role of the server, and the settings that decide whether and for how long a log can be read. */
final class ServerChecks implements Preflight.Check {
    static final int OLDEST = 14;
    static final int NEWEST = 18;
    private static final long SHORT_TIMEOUT_MILLIS = 10_000;

    @Override
    public void run(Inspection inspection, Consumer<Finding> findings) {
        for (Seen database : inspection.reached()) {
            version(database.facts(), findings);
            if (database.facts().standby()) {
                findings.accept(Finding.error(
                        ErrorCode.SERVER_SETTING,
                        database.spec().name(),
                        "cannot use database \"" + database.spec().name() + "\": its server is a standby",
                        null,
                        "Connect to the primary."));
            }
        }
        for (Seen source : inspection.sources()) {
            log(source.facts(), inspection, findings);
        }
    }

    private static void version(ServerFacts facts, Consumer<Finding> findings) {
        String has =
                "It runs PostgreSQL " + facts.major() + "; versions " + OLDEST + " to " + NEWEST + " are supported.";
        if (facts.major() < OLDEST) {
            findings.accept(Finding.error(
                    ErrorCode.SERVER_SETTING,
                    facts.database(),
                    "cannot use the server of database \"" + facts.database() + "\": it is too old",
                    has,
                    "Upgrade it."));
        } else if (facts.major() > NEWEST) {
            findings.accept(Finding.warning(
                    ErrorCode.SERVER_SETTING,
                    facts.database(),
                    "the server of database \"" + facts.database() + "\" is newer than what was tested",
                    has,
                    null));
        }
    }

    private static void log(ServerFacts facts, Inspection inspection, Consumer<Finding> findings) {
        String database = facts.database();
        String level = facts.settings().getOrDefault("wal_level", "");
        if (!level.equals("logical")) {
            findings.accept(Finding.error(
                            ErrorCode.SERVER_SETTING,
                            database,
                            "cannot read changes from database \"" + database + "\": wal_level is not logical",
                            "It is \"" + level + "\".",
                            "Set wal_level = logical and restart the server.")
                    .withFix("ALTER SYSTEM SET wal_level = 'logical'; -- then restart the server"));
        }
        long timeout = facts.number("wal_sender_timeout", 60_000);
        if (timeout > 0 && timeout < SHORT_TIMEOUT_MILLIS) {
            findings.accept(Finding.warning(
                    ErrorCode.SERVER_SETTING,
                    database,
                    "wal_sender_timeout is short on database \"" + database + "\"",
                    "It is " + timeout + " ms: a pause of the network ends the stream, which then starts again.",
                    "Set it to 60s."));
        }
        long keep = facts.number("max_slot_wal_keep_size", -1);
        long budget = inspection.sync().slotBudget().bytes();
        if (keep >= 0 && keep < budget) {
            findings.accept(Finding.warning(
                    ErrorCode.SERVER_SETTING,
                    database,
                    "the server of database \"" + database + "\" gives slots up before slot_budget is spent",
                    "max_slot_wal_keep_size is " + keep + " bytes, slot_budget is " + budget + " bytes.",
                    "Raise max_slot_wal_keep_size, or lower slot_budget so that its warning comes first."));
        }
        if (facts.number("idle_replication_slot_timeout", 0) > 0) {
            findings.accept(Finding.warning(
                    ErrorCode.SERVER_SETTING,
                    database,
                    "the server of database \"" + database + "\" gives up slots that nobody reads for a while",
                    "idle_replication_slot_timeout is " + facts.number("idle_replication_slot_timeout", 0) / 1000
                            + " s.",
                    "Set it to 0, or to longer than this program may ever be stopped."));
        }
    }
}
