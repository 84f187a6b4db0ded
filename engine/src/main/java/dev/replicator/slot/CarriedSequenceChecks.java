package dev.replicator.slot;

import dev.replicator.error.ErrorCode;
import dev.replicator.model.ServerNames;
import dev.replicator.model.SyncSpec;
import dev.replicator.model.TableName;
import dev.replicator.session.SqlErrors;
import dev.replicator.slot.Inspection.Seen;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** Whether the sequences that are to be brought to targets are there, and can be read and set. */
final class CarriedSequenceChecks implements Preflight.Check {
    private static final String READABLE = privileges("SELECT");
    private static final String SETTABLE = privileges("SELECT") + " AND " + privileges("UPDATE");

    private static String privileges(String privilege) {
        return "pg_catalog.has_sequence_privilege(c.oid, '" + privilege + "')";
    }

    @Override
    public void run(Inspection inspection, Consumer<Finding> findings) {
        SyncSpec sync = inspection.sync();
        if (sync.sequences().isNone()) {
            return;
        }
        Set<TableName> known = new HashSet<>();
        for (Seen database : inspection.sources()) {
            known.addAll(lookInto(database, sync, true, findings));
        }
        for (Seen database : inspection.reached()) {
            if (!inspection.isSource(database)) {
                Set<TableName> there = lookInto(database, sync, false, findings);
                List<String> missing = known.stream()
                        .filter(name -> !there.contains(name))
                        .sorted()
                        .map(TableName::quoted)
                        .toList();
                if (!missing.isEmpty() && !sync.sequences().all()) {
                    findings.accept(Finding.error(
                            ErrorCode.SCHEMA_DIFFERS,
                            database.spec().name(),
                            "cannot set sequences of database \""
                                    + database.spec().name() + "\"",
                            "It has no sequence " + String.join(", ", missing) + ".",
                            "Create it there, or take it off the list \"sequences\"."));
                }
            }
        }
    }

    /** The sequences that are there; those that cannot be used are reported. */
    private static Set<TableName> lookInto(Seen database, SyncSpec sync, boolean source, Consumer<Finding> findings) {
        Predicate<TableName> named = TablePattern.any(sync.sequences().names());
        Set<TableName> found = new HashSet<>();
        List<String> lacking = new ArrayList<>();
        List<String> fixes = new ArrayList<>();
        String role = TableName.quote(database.facts().role());
        try (Statement statement = database.connection().createStatement();
                ResultSet row = statement.executeQuery("SELECT n.nspname, c.relname, " + (source ? READABLE : SETTABLE)
                        + " FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
                        + " WHERE c.relkind = 'S' AND n.nspname <> '" + ServerNames.SCHEMA + "' ORDER BY 1, 2")) {
            while (row.next()) {
                TableName name = new TableName(row.getString(1), row.getString(2));
                if (sync.sequences().all() || named.test(name)) {
                    found.add(name);
                    if (!row.getBoolean(3)) {
                        lacking.add(name.quoted());
                        fixes.add("GRANT " + (source ? "SELECT" : "SELECT, UPDATE") + " ON SEQUENCE " + name.quoted()
                                + " TO " + role + ";");
                    }
                }
            }
        } catch (SQLException e) {
            throw SqlErrors.doing(
                    "look at the sequences of database \"" + database.spec().name() + "\"", e);
        }
        if (!lacking.isEmpty()) {
            findings.accept(RoleChecks.privilege(
                            database.facts(),
                            "cannot " + (source ? "read" : "set") + " sequences of database \""
                                    + database.spec().name() + "\"",
                            "Role " + role + " lacks privileges on " + String.join(", ", lacking) + ".")
                    .withFix(fixes));
        }
        return found;
    }
}
