package dev.replicator.slot;

import dev.replicator.model.Table;
import dev.replicator.model.TableName;
import dev.replicator.slot.Inspection.Seen;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which privileges a role lacks on tables of one database, in words, and the statements that grant them. Any thread.
 *
 * @param lacking tables and schemas, with what is missing
 * @param fixes one statement each
 */
record MissingPrivileges(List<String> lacking, List<String> fixes) {
    static MissingPrivileges of(Seen database, List<Table> tables, List<String> needed) {
        String role = TableName.quote(database.facts().role());
        Set<String> lacking = new LinkedHashSet<>();
        Set<String> fixes = new TreeSet<>();
        for (Table table : tables) {
            database.catalog().table(table.name()).ifPresent(found -> {
                String missing = String.join(
                        ", ",
                        needed.stream()
                                .filter(privilege -> !found.privileges().contains(privilege))
                                .toList());
                if (!missing.isEmpty()) {
                    lacking.add(found.name().quoted() + " (" + missing + ")");
                    fixes.add("GRANT " + missing + " ON TABLE " + found.name().quoted() + " TO " + role + ";");
                }
                if (!found.privileges().contains("USAGE")) {
                    String schema = TableName.quote(found.name().schema());
                    lacking.add("schema " + schema + " (USAGE)");
                    fixes.add("GRANT USAGE ON SCHEMA " + schema + " TO " + role + ";");
                }
            });
        }
        return new MissingPrivileges(new ArrayList<>(lacking), new ArrayList<>(fixes));
    }

    /** As an error, if there are any: {@code primary} is what cannot be done. */
    Optional<Finding> finding(Seen database, String primary) {
        return lacking.isEmpty()
                ? Optional.empty()
                : Optional.of(RoleChecks.privilege(
                                database.facts(),
                                primary,
                                "Role " + TableName.quote(database.facts().role()) + " lacks privileges on "
                                        + String.join(", ", lacking) + ".")
                        .withFix(fixes));
    }
}
