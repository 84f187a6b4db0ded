package dev.replicator.slot;

import dev.replicator.connector.Connectors;
import dev.replicator.model.DatabaseSpec;
import dev.replicator.model.ServerNames;
import dev.replicator.model.SyncSpec;
import dev.replicator.model.Table;
import dev.replicator.model.TableName;
import dev.replicator.session.Endpoint;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One SQL script for a database administrator: makes the role where it is missing and grants everything that a sync
 * needs, and nothing else. Each database has its own section, which runs on every version, any number of times, and
 * asks nothing of the database beforehand.
 *
 * <p>Publishing, and adding columns, needs the owner's rights, so the script makes the role a member of the tables' owners. Where the owner is
 * a superuser it does not: it makes the publication itself, and gives that to the role. Where no database could be
 * reached, the tables are found by the script as the configuration names them; only those of superusers then wait for a
 * second script.
 */
public final class GrantScript {
    private static final String DEFAULT_ROLE = "replicator";
    private static final String TO_WRITE = "SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON TABLE";

    private GrantScript() {}

    /**
     * The part for one database.
     *
     * @param databases its short names
     * @param endpoint where to run it, as a superuser
     * @param sql plain SQL, no psql commands
     */
    public record Section(List<String> databases, Endpoint endpoint, String sql) {
        public Section {
            databases = List.copyOf(databases);
        }
    }

    /** What one database needs for one sync; neither source nor written: its tables are copied. */
    private record Need(SyncSpec sync, int node, boolean source, boolean written, List<Table> tables) {
        /** To publish tables, and to add columns to them. */
        boolean needsOwner() {
            return source || (written && sync.schemaChanges() == SyncSpec.SchemaChange.ADDITIVE);
        }

        /** Which tables, as a condition on n.nspname and c.relname; where none was seen, as the configuration says. */
        String condition() {
            if (!tables.isEmpty()) {
                return "(n.nspname, c.relname) IN (" + list(names()) + ")";
            }
            String own = "c.relkind IN ('r', 'p') AND n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', '"
                    + ServerNames.SCHEMA + "')";
            if (sync.tables() == null) {
                return own;
            }
            return own + like(sync.tables());
        }

        /** Which sequences, as a condition on n.nspname and c.relname; null: none. */
        @Nullable
        String sequences() {
            String own = "c.relkind = 'S' AND n.nspname !~ '^pg_' AND n.nspname <> '" + ServerNames.SCHEMA + "'";
            if (sync.sequences().isNone()) {
                return null;
            }
            return sync.sequences().all() ? own : own + like(sync.sequences().names());
        }

        private static String like(List<String> names) {
            return names.stream()
                    .map(TablePattern::parse)
                    .map(pattern -> "n.nspname LIKE " + literal(pattern.schemaLike()) + " AND c.relname LIKE "
                            + literal(pattern.nameLike()))
                    .collect(Collectors.joining(" OR ", " AND (", ")"));
        }

        SortedSet<TableName> names() {
            return tables.stream()
                    .map(table -> sync.mapping(node, table.name()).nameOf(table.name()))
                    .collect(Collectors.toCollection(TreeSet::new));
        }
    }

    /** The sections for the reports of a {@link Preflight}, one per database. */
    public static List<Section> sections(List<Preflight.Report> reports) {
        Map<DatabaseSpec, List<Need>> needs = new LinkedHashMap<>();
        for (Preflight.Report report : reports) {
            SyncSpec sync = report.sync();
            for (int node = 0; node < sync.nodeCount(); node++) {
                boolean source = node < sync.sourceCount();
                DatabaseSpec spec = sync.node(node);
                if (spec.kind().equals(Connectors.POSTGRES)) {
                    needs.computeIfAbsent(spec, key -> new ArrayList<>())
                            .add(new Need(
                                    sync,
                                    node,
                                    source && !sync.copiesWhole(),
                                    !source || sync.isMultiMaster(),
                                    report.tables()));
                }
            }
        }
        List<Section> sections = new ArrayList<>();
        needs.forEach((spec, list) ->
                sections.add(new Section(List.of(spec.name()), Endpoint.of(spec), section(spec, list))));
        return sections;
    }

    /** The whole script, for psql. */
    public static String text(List<Section> sections) {
        StringBuilder text = new StringBuilder(
                "-- Grants for replicator. Run with psql as a superuser; it may be run any number of times.\n"
                        + "-- A role made here has no password yet: set one with \\password.\n");
        for (Section section : sections) {
            String first = section.endpoint().hosts().split(",", -1)[0];
            int colon = first.lastIndexOf(':');
            String dsn = "dbname=" + conninfo(section.endpoint().database()) + " host="
                    + conninfo(first.substring(0, colon)) + " port=" + first.substring(colon + 1);
            text.append("\n\\connect -reuse-previous=on \"")
                    .append(dsn.replace("\"", "\"\""))
                    .append("\"\n");
            text.append(section.sql());
        }
        return text.toString();
    }

    private static String conninfo(String value) {
        return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'";
    }

    private static String section(DatabaseSpec spec, List<Need> needs) {
        String role = Objects.requireNonNullElse(spec.user(), DEFAULT_ROLE);
        String quoted = TableName.quote(role);
        boolean source = needs.stream().anyMatch(Need::source);
        boolean written = needs.stream().anyMatch(Need::written);
        StringBuilder body = new StringBuilder();
        body.append(roleSql(role, quoted, source, source || written));
        if (written) {
            body.append(writerSql(quoted));
        }
        condition(needs.stream().filter(Need::written).toList())
                .ifPresent(where -> body.append(grantsSql(where, TO_WRITE, quoted)));
        condition(needs.stream()
                        .filter(need -> !need.source() && !need.written())
                        .toList())
                .ifPresent(where -> body.append(grantsSql(where, "SELECT ON TABLE", quoted)));
        condition(needs.stream().filter(Need::needsOwner).toList())
                .ifPresent(where -> body.append(ownersSql(where, role, quoted)));
        for (Need need : needs) {
            String sequences = need.sequences();
            if (sequences != null) {
                body.append(grantsSql(
                        sequences, need.source() ? "SELECT ON SEQUENCE" : "SELECT, UPDATE ON SEQUENCE", quoted));
            }
            if (need.source() && !need.tables().isEmpty()) {
                body.append(publicationSql(need, quoted));
            }
        }
        String what = source && written ? "read and written" : written ? "written" : "read";
        return "-- Database \"" + comment(spec.name()) + "\" is " + what + " by sync "
                + needs.stream()
                        .map(need -> "\"" + comment(need.sync().name()) + "\"")
                        .collect(Collectors.joining(", "))
                + ".\nDO $replicator$\nDECLARE\n    t record;\n    names text[];\nBEGIN\n" + body
                + "END\n$replicator$;\n";
    }

    private static String comment(String text) {
        return text.replaceAll("\\R", " ");
    }

    private static Optional<String> condition(List<Need> needs) {
        return needs.stream()
                .map(need -> "(" + need.condition() + ")")
                .distinct()
                .reduce((some, more) -> some + " OR " + more);
    }

    private static String roleSql(String role, String quoted, boolean source, boolean creates) {
        return """
                    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = %1$s) THEN
                        CREATE ROLE %2$s LOGIN;
                    END IF;
                %3$s    EXECUTE pg_catalog.format('GRANT %5$s ON DATABASE %%I TO %4$s', pg_catalog.current_database());
                """.formatted(
                        literal(role),
                        quoted,
                        source ? "    ALTER ROLE " + quoted + " REPLICATION;\n" : "",
                        quoted.replace("'", "''").replace("%", "%%"),
                        creates ? "CONNECT, CREATE" : "CONNECT");
    }

    /** Writing without triggers and foreign keys; the origin functions of whatever version this is. */
    private static String writerSql(String quoted) {
        String inFormat = quoted.replace("'", "''").replace("%", "%%");
        return """
                    IF pg_catalog.current_setting('server_version_num')::int >= 150000 THEN
                        EXECUTE 'GRANT SET ON PARAMETER session_replication_role TO %1$s';
                    ELSE
                        -- 14 cannot grant the parameter; it can be set for the role.
                        EXECUTE pg_catalog.format('ALTER ROLE %2$s IN DATABASE %%I SET session_replication_role = ''replica''',
                            pg_catalog.current_database());
                    END IF;
                    FOR t IN SELECT oid::regprocedure AS f FROM pg_catalog.pg_proc
                        WHERE pronamespace = 'pg_catalog'::regnamespace AND proname IN (%3$s)
                    LOOP
                        EXECUTE pg_catalog.format('GRANT EXECUTE ON FUNCTION %%s TO %2$s', t.f);
                    END LOOP;
                """.formatted(
                quoted.replace("'", "''"),
                inFormat,
                ServerFacts.ORIGIN_FUNCTIONS.stream().map(GrantScript::literal).collect(Collectors.joining(", ")));
    }

    /** {@code privileges}: with the kind of object, {@code SELECT ON SEQUENCE}. */
    private static String grantsSql(String where, String privileges, String quoted) {
        String to = " TO " + quoted.replace("%", "%%");
        return """
                    FOR t IN SELECT n.nspname, c.relname
                        FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                        WHERE %s
                    LOOP
                        EXECUTE pg_catalog.format(%s, t.nspname);
                        EXECUTE pg_catalog.format(%s, t.nspname, t.relname);
                    END LOOP;
                """.formatted(
                where, literal("GRANT USAGE ON SCHEMA %I" + to), literal("GRANT " + privileges + " %I.%I" + to));
    }

    private static String ownersSql(String where, String role, String quoted) {
        return """
                    FOR t IN SELECT DISTINCT o.rolname
                        FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                        JOIN pg_catalog.pg_roles o ON o.oid = c.relowner
                        WHERE (%s) AND NOT o.rolsuper AND o.rolname <> %s
                    LOOP
                        EXECUTE pg_catalog.format(%s, t.rolname);
                    END LOOP;
                """.formatted(where, literal(role), literal("GRANT %I TO " + quoted.replace("%", "%%")));
    }

    /** Only where tables belong to a superuser: then the role cannot make or extend the publication itself. */
    private static String publicationSql(Need need, String quoted) {
        String name = ServerNames.publication(need.sync().name());
        SortedSet<TableName> tables = need.names();
        return """
                    SELECT pg_catalog.array_agg(pg_catalog.format('%%I.%%I', n.nspname, c.relname)) INTO names
                        FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                        JOIN pg_catalog.pg_roles o ON o.oid = c.relowner
                        WHERE (n.nspname, c.relname) IN (%1$s) AND o.rolsuper
                          AND NOT EXISTS (SELECT FROM pg_catalog.pg_publication_rel r
                            JOIN pg_catalog.pg_publication p ON p.oid = r.prpubid
                            WHERE p.pubname = %2$s AND r.prrelid = c.oid);
                    IF names IS NOT NULL THEN
                        IF NOT EXISTS (SELECT FROM pg_catalog.pg_publication WHERE pubname = %2$s) THEN
                            EXECUTE %3$s;
                            ALTER PUBLICATION %4$s OWNER TO %5$s;
                        ELSE
                            EXECUTE 'ALTER PUBLICATION %4$s ADD TABLE ONLY '
                                || pg_catalog.array_to_string(names, ', ONLY ');
                        END IF;
                    END IF;
                """.formatted(
                        list(tables),
                        literal(name),
                        literal(Publications.createSql(name, tables)),
                        TableName.quote(name),
                        quoted);
    }

    private static String list(SortedSet<TableName> tables) {
        return tables.stream()
                .map(table -> "(" + literal(table.schema()) + ", " + literal(table.name()) + ")")
                .collect(Collectors.joining(", "));
    }

    private static String literal(String text) {
        String quoted = "'" + text.replace("'", "''") + "'";
        return text.indexOf('\\') < 0 ? quoted : "E" + quoted.replace("\\", "\\\\");
    }
}
