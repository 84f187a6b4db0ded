package dev.replicator.slot;

import dev.replicator.error.ErrorCode;
import dev.replicator.model.Table;
import dev.replicator.model.TableName;
import dev.replicator.slot.Inspection.Seen;
import dev.replicator.slot.Publications.Publication;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Consumer;

/** Ownership of the tables to be published, and the rights to write them. One finding per database and kind. */
final class TablePrivilegeChecks implements Preflight.Check {
    private static final List<String> TO_WRITE = List.of("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE");

    @Override
    public void run(Inspection inspection, Consumer<Finding> findings) {
        for (Seen source : inspection.sources()) {
            ownership(source, inspection, findings);
        }
        for (Seen database : inspection.written()) {
            writing(database, inspection, findings);
        }
    }

    private static void ownership(Seen source, Inspection inspection, Consumer<Finding> findings) {
        Optional<Publication> publication = inspection.publication(source);
        SortedSet<TableName> published = publication.map(Publication::tables).orElseGet(TreeSet::new);
        ServerFacts facts = source.facts();
        String role = TableName.quote(facts.role());
        List<String> notOwned = new ArrayList<>();
        SortedSet<String> fixes = new TreeSet<>();
        boolean changes = publication.isPresent()
                && published.size() != inspection.tables().size();
        for (Table table : inspection.tables()) {
            CatalogTable found = source.catalog().tables().get(table.name());
            if (found == null || published.contains(table.name())) {
                continue;
            }
            changes = publication.isPresent();
            if (!found.owned()) {
                notOwned.add(found.name().quoted() + " (owner " + TableName.quote(found.owner()) + ")");
                fixes.add("GRANT " + TableName.quote(found.owner()) + " TO " + role + ";");
            }
        }
        if (!notOwned.isEmpty()) {
            findings.accept(RoleChecks.privilege(
                            facts,
                            "cannot publish tables of database \"" + facts.database() + "\"",
                            "Role " + role + " has not the rights of the owner of " + String.join(", ", notOwned) + ".")
                    .withFix(List.copyOf(fixes)));
        }
        if (changes && publication.isPresent() && !publication.get().owned()) {
            findings.accept(RoleChecks.privilege(
                    facts,
                    "cannot alter publication \"" + publication.get().name() + "\" of database \"" + facts.database()
                            + "\"",
                    "It belongs to another role than " + role + "."));
        }
    }

    private static void writing(Seen database, Inspection inspection, Consumer<Finding> findings) {
        ServerFacts facts = database.facts();
        String role = TableName.quote(facts.role());
        MissingPrivileges.of(database, inspection.tables(), TO_WRITE)
                .finding(database, "cannot write to tables of database \"" + facts.database() + "\"")
                .ifPresent(findings);
        List<String> secured = inspection.tables().stream()
                .flatMap(table -> database.catalog().table(table.name()).stream())
                .filter(CatalogTable::rowSecurity)
                .map(found -> found.name().quoted())
                .toList();
        if (!secured.isEmpty()) {
            findings.accept(Finding.error(
                            ErrorCode.PRIVILEGE,
                            facts.database(),
                            "cannot write past row security on database \"" + facts.database() + "\"",
                            "It is in force for role " + role + " on " + String.join(", ", secured) + ".",
                            "Give the role BYPASSRLS.")
                    .withFix("ALTER ROLE " + role + " BYPASSRLS;"));
        }
    }
}
