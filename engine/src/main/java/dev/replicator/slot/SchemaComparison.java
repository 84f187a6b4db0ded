package dev.replicator.slot;

import dev.replicator.error.ErrorCode;
import dev.replicator.model.SyncSpec;
import dev.replicator.model.Table;
import dev.replicator.model.TableMapping;
import dev.replicator.model.TableName;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Compares the tables of a sync from each source to every other database: whether what the source sends can be written
 * there. One finding per pair of databases and table, whose DETAIL names each difference.
 *
 * <p>Rules: a column that is sent must exist, be of the same type, and be no generated one; a column that is not sent
 * must fill itself or allow null; a narrower modifier and a missing default are warnings. Same type means same wire
 * form: text and varchar are one, a domain is its base, user types are compared by name, enums by their labels.
 */
public final class SchemaComparison {
    private final SyncSpec sync;
    private final Map<String, Catalog> catalogs;
    private final List<Finding> findings = new ArrayList<>();

    private SchemaComparison(SyncSpec sync, Map<String, Catalog> catalogs) {
        this.sync = sync;
        this.catalogs = catalogs;
    }

    /** Compares; {@code catalogs} by short name, of the databases that could be read. */
    public static List<Finding> compare(SyncSpec sync, List<Table> tables, Map<String, Catalog> catalogs) {
        SchemaComparison comparison = new SchemaComparison(sync, catalogs);
        tables.forEach(comparison::compare);
        return comparison.findings;
    }

    private void compare(Table table) {
        for (int from = 0; from < sync.sourceCount(); from++) {
            for (int to = 0; to < sync.nodeCount(); to++) {
                @Nullable CatalogTable source = find(from, table);
                @Nullable CatalogTable target = from == to ? null : find(to, table);
                if (source != null && target != null) {
                    compare(table, sync.node(from).name(), source, to, target);
                }
            }
        }
    }

    private @Nullable CatalogTable find(int node, Table table) {
        @Nullable Catalog catalog = catalogs.get(sync.node(node).name());
        return catalog == null ? null : catalog.tables().get(table.name());
    }

    private void compare(Table table, String from, CatalogTable source, int node, CatalogTable target) {
        String to = sync.node(node).name();
        TableMapping.Columns carried = sync.mapping(node, table.name()).columns();
        List<String> errors = new ArrayList<>();
        List<String> warnings = new ArrayList<>();
        List<String> fixes = new ArrayList<>();
        for (CatalogColumn sent : source.columns()) {
            if (!sent.generated()) {
                Optional<String> addition = SchemaChanges.addition(sync, sent, carried, target);
                addition.ifPresent(sql -> added(table, from, to, sent, sql));
                carried.nameOf(sent.name())
                        .filter(name -> addition.isEmpty())
                        .ifPresent(name -> compareSent(target, sent, name, errors, warnings, fixes));
            }
        }
        for (String computed : carried.computed().keySet()) {
            if (target.column(computed).filter(column -> !column.generated()).isEmpty()) {
                errors.add("column \"" + computed + "\", which is computed for it, is missing, or generated there");
            }
        }
        for (CatalogColumn there : target.columns()) {
            boolean isSent = carried.computed().containsKey(there.name())
                    || source.columns().stream()
                            .filter(column -> !column.generated())
                            .anyMatch(column -> carried.nameOf(column.name())
                                    .filter(there.name()::equals)
                                    .isPresent());
            if (!isSent && !there.mayBeLeftOut()) {
                errors.add("column \"" + there.name() + "\" exists only on \"" + to
                        + "\", is NOT NULL and has no default");
            }
        }
        report(table, from, to, errors, warnings, fixes);
    }

    private void added(Table table, String from, String to, CatalogColumn column, String sql) {
        findings.add(Finding.notice(
                ErrorCode.SCHEMA_DIFFERS,
                to,
                "column \"" + column.name() + "\" of table " + table.name().quoted() + " is only on \"" + from
                        + "\", and will be added to \"" + to + "\"",
                "schema_changes is additive: " + sql,
                null));
    }

    private static void compareSent(
            CatalogTable target,
            CatalogColumn sent,
            String called,
            List<String> errors,
            List<String> warnings,
            List<String> fixes) {
        String name = "column \"" + called + "\" ";
        Optional<CatalogColumn> found = target.column(called);
        if (found.isEmpty()) {
            errors.add(name + "of type " + sent.declared() + " is missing");
            fixes.add("ALTER TABLE " + target.name().quoted() + " ADD COLUMN " + TableName.quote(called) + " "
                    + sent.declared() + ";");
            return;
        }
        CatalogColumn there = found.get();
        if (there.generated()) {
            errors.add(name + "is generated there and cannot be written");
        } else if (sent.typeOid() == 0) {
            // Of a source that is no PostgreSQL: its values come as text, and go into whatever type reads them.
            return;
        } else if (!sameType(sent, there)) {
            errors.add(name + "is " + there.declared() + " there instead of " + sent.declared());
        } else if (!there.enumLabels().containsAll(sent.enumLabels())) {
            Set<String> missing = new HashSet<>(sent.enumLabels());
            there.enumLabels().forEach(missing::remove);
            errors.add(name + "lacks the enum label"
                    + (missing.size() == 1 ? " " : "s ")
                    + String.join(
                            ", ",
                            missing.stream().sorted().map(l -> "'" + l + "'").toList()));
        } else if (there.typmod() != sent.typmod() && there.typmod() != -1) {
            warnings.add(name + "is " + there.declared() + " there instead of " + sent.declared()
                    + ", which may refuse or round values");
        }
        if (there.notNull() && !sent.notNull()) {
            warnings.add(name + "is NOT NULL there only");
        }
    }

    private static boolean sameType(CatalogColumn a, CatalogColumn b) {
        String x = plain(a);
        String y = plain(b);
        return x.equals(y) || (isText(x) && isText(y));
    }

    private static String plain(CatalogColumn column) {
        String base = column.baseType();
        // Extensions put their types into whichever schema they were created in.
        return base.substring(base.lastIndexOf('.') + 1);
    }

    private static boolean isText(String type) {
        return type.equals("text") || type.equals("varchar");
    }

    private void report(
            Table table, String from, String to, List<String> errors, List<String> warnings, List<String> fixes) {
        String what = "table " + table.name().quoted() + " differs between \"" + from + "\" and \"" + to + "\"";
        if (!errors.isEmpty()) {
            List<String> all = new ArrayList<>(errors);
            all.addAll(warnings);
            findings.add(Finding.error(
                            ErrorCode.SCHEMA_DIFFERS,
                            to,
                            what,
                            "On \"" + to + "\" " + String.join("; ", all) + ".",
                            "Make the columns equal on both, or leave the table out of the sync.")
                    .withFix(fixes));
        } else if (!warnings.isEmpty()) {
            findings.add(Finding.warning(
                    ErrorCode.SCHEMA_DIFFERS,
                    to,
                    what,
                    "On \"" + to + "\" " + String.join("; ", warnings) + ".",
                    null));
        }
    }
}
