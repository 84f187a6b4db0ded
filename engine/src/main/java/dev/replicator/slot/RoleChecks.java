package dev.replicator.slot;

import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.TableName;
import dev.replicator.session.Sessions;
import dev.replicator.slot.Inspection.Seen;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** What the role may do that is not about single tables. */
final class RoleChecks implements Preflight.Check {
    @Override
    public void run(Inspection inspection, Consumer<Finding> findings) {
        for (Seen source : inspection.sources()) {
            replication(source, findings);
        }
        for (Seen database : inspection.reached()) {
            schema(
                    database,
                    inspection.isSource(database)
                            && inspection.publication(database).isEmpty(),
                    findings);
        }
        for (Seen database : inspection.written()) {
            origins(database.facts(), findings);
            replicaRole(database, inspection, findings);
        }
    }

    private static void replication(Seen source, Consumer<Finding> findings) {
        ServerFacts facts = source.facts();
        if (!facts.replication()) {
            String role = TableName.quote(facts.role());
            findings.accept(privilege(
                            facts,
                            "cannot use replication slots on database \"" + facts.database() + "\"",
                            "Role " + role + " has not the attribute REPLICATION.")
                    .withFix("ALTER ROLE " + role + " REPLICATION;"));
            return;
        }
        try {
            Sessions.closeQuietly(Sessions.openReplication(source.spec(), "replicator check", Map.of()));
        } catch (ReplicatorException e) {
            findings.accept(Finding.error(
                    e.code() == ErrorCode.CONNECTION ? ErrorCode.SERVER_SETTING : e.code(),
                    facts.database(),
                    "cannot open a replication connection to database \"" + facts.database() + "\"",
                    e.detail(),
                    "Logical replication connections are let in by the same lines of pg_hba.conf as ordinary ones, and"
                            + " each needs a free one of max_wal_senders."));
        }
    }

    /** {@code needsPublication}: whether one has to be made there, too. */
    static void schema(Seen database, boolean needsPublication, Consumer<Finding> findings) {
        ServerFacts facts = database.facts();
        String role = TableName.quote(facts.role());
        boolean needsSchema = facts.ownSchema() == ServerFacts.OwnSchema.MISSING;
        if (!facts.mayCreate() && (needsPublication || needsSchema)) {
            findings.accept(privilege(
                            facts,
                            "cannot create schema or publication on database \"" + facts.database() + "\"",
                            "Role " + role + " has not the privilege CREATE on the database.")
                    .withFix("GRANT CREATE ON DATABASE "
                            + TableName.quote(facts.identity().name()) + " TO " + role + ";"));
        }
        if (facts.ownSchema() == ServerFacts.OwnSchema.REFUSED) {
            findings.accept(privilege(
                            facts,
                            "cannot use schema \"replicator\" of database \"" + facts.database() + "\"",
                            "It belongs to another role than " + role + ".")
                    .withFix("GRANT USAGE, CREATE ON SCHEMA replicator TO " + role + ";"));
        }
    }

    /** Without them the signed message serves alone: a warning. */
    private static void origins(ServerFacts facts, Consumer<Finding> findings) {
        if (facts.lackingFunctions().isEmpty()) {
            return;
        }
        String role = TableName.quote(facts.role());
        findings.accept(new Finding(
                Finding.Severity.WARNING,
                ErrorCode.PRIVILEGE,
                facts.database(),
                "cannot mark what is written to database \"" + facts.database() + "\" with a replication origin",
                "Role " + role + " may not execute " + String.join(", ", facts.lackingFunctions())
                        + ". Signed messages serve alone, at a higher cost; native subscribers of this database cannot"
                        + " tell replicated changes from local ones.",
                "Run \"replicator check --sql\" for the grants that are missing.",
                facts.lackingFunctions().stream()
                        .map(function -> "GRANT EXECUTE ON FUNCTION pg_catalog." + function + " TO " + role + ";")
                        .toList()));
    }

    static void replicaRole(Seen database, Inspection inspection, Consumer<Finding> findings) {
        ServerFacts facts = database.facts();
        if (facts.maySetReplicaRole()) {
            return;
        }
        List<String> affected = inspection.tables().stream()
                .flatMap(table -> database.catalog().table(table.name()).stream())
                .filter(table -> !table.references().isEmpty()
                        || table.triggers().stream().anyMatch(trigger -> !trigger.inReplica()))
                .map(table -> table.name().quoted())
                .toList();
        String role = TableName.quote(facts.role());
        String fix = facts.major() >= 15
                ? "GRANT SET ON PARAMETER session_replication_role TO " + role + ";"
                : "ALTER ROLE " + role + " IN DATABASE "
                        + TableName.quote(facts.identity().name()) + " SET session_replication_role = 'replica';";
        String primary =
                "cannot write to database \"" + facts.database() + "\" with session_replication_role = replica";
        if (affected.isEmpty()) {
            findings.accept(Finding.warning(
                            ErrorCode.PRIVILEGE,
                            facts.database(),
                            primary,
                            "No table of this sync has triggers or foreign keys there now; one that gets some will be"
                                    + " refused.",
                            "Run \"replicator check --sql\" for the grants that are missing.")
                    .withFix(fix));
        } else {
            findings.accept(privilege(
                            facts,
                            primary,
                            "Triggers would fire and foreign keys be checked once more for tables "
                                    + String.join(", ", affected) + ".")
                    .withFix(fix));
        }
    }

    static Finding privilege(ServerFacts facts, String primary, String detail) {
        return Finding.error(
                ErrorCode.PRIVILEGE,
                facts.database(),
                primary,
                detail,
                "Run \"replicator check --sql\" for the grants that are missing.");
    }
}
