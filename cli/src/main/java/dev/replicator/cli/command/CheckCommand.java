package dev.replicator.cli.command;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.replicator.cli.config.Configuration;
import dev.replicator.cli.config.TimeSpan;
import dev.replicator.cli.conflict.ConflictChecks;
import dev.replicator.cli.daemon.Detaching;
import dev.replicator.model.DatabaseSpec;
import dev.replicator.model.SyncSpec;
import dev.replicator.postgres.DetachMarks;
import dev.replicator.slot.Finding;
import dev.replicator.slot.GrantScript;
import dev.replicator.slot.Preflight;
import dev.replicator.slot.ServerFacts;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code replicator check}. */
@Command(
        name = "check",
        description = {
            "Checks the configuration and every database: connections, versions, wal_level, free slots, privileges, tables"
                    + " and their keys, differences between the schemas, state of the slots, clocks, and tables that are"
                    + " filled on one side only.",
            "Everything found is reported at once. Nothing is changed."
        },
        footer = {
            "",
            "Examples:",
            "  replicator check",
            "  replicator check --sql > grants.sql && psql -f grants.sql      as a superuser",
            "Exit code 0 when the syncs can run (warnings may remain), else the code of the first error."
        },
        mixinStandardHelpOptions = true)
public final class CheckCommand implements Callable<Integer> {
    @Mixin
    private ConfigOption config = new ConfigOption();

    @Parameters(arity = "0..1", paramLabel = "SYNC", description = "Only this sync. Default: all.")
    private @Nullable String sync;

    @Option(names = "--sql", description = "Print one script of grants for the database administrator instead.")
    private boolean sql;

    @Option(names = "--json", description = "JSON for machines.")
    private boolean json;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        Configuration configuration = config.read();
        List<SyncSpec> syncs = sync == null ? configuration.syncs() : List.of(configuration.sync(sync));
        List<Preflight.Report> reports = reports(syncs, configuration);
        PrintWriter out = spec.commandLine().getOut();
        if (sql) {
            out.print(GrantScript.text(GrantScript.sections(reports)));
        } else if (json) {
            out.println(json(reports).toPrettyString());
        } else {
            out.print(text(reports));
        }
        out.flush();
        return reports.stream()
                .flatMap(report -> report.findings().stream())
                .filter(Finding::isError)
                .findFirst()
                .map(finding -> finding.code().exitCode())
                .orElse(0);
    }

    /** Of what is detached it is only said that it is. */
    private static List<Preflight.Report> reports(List<SyncSpec> syncs, Configuration configuration) {
        Map<String, List<DetachMarks.Mark>> detached = new HashMap<>();
        syncs.forEach(sync -> detached.put(sync.name(), Detaching.detached(sync)));
        List<SyncSpec> running = syncs.stream()
                .map(sync -> Detaching.without(sync, detached.getOrDefault(sync.name(), List.of())))
                .toList();
        return ConflictChecks.with(Preflight.run(running, configuration.connectors())).stream()
                .map(report -> report.with(detached.getOrDefault(report.sync().name(), List.of()).stream()
                        .map(Detaching::remark)
                        .toList()))
                .toList();
    }

    static String text(List<Preflight.Report> reports) {
        StringBuilder text = new StringBuilder();
        Set<String> shown = new LinkedHashSet<>();
        for (Preflight.Report report : reports) {
            SyncSpec sync = report.sync();
            text.append(text.isEmpty() ? "" : "\n")
                    .append("sync ")
                    .append(sync.name())
                    .append(": ")
                    .append(sync.isMultiMaster() ? "masters " : "source ")
                    .append(names(sync.sources()))
                    .append(
                            sync.targets().isEmpty()
                                    ? ""
                                    : (sync.copiesWhole() ? ", copied whole to " : ", targets ")
                                            + names(sync.targets()))
                    .append(", ")
                    .append(report.tables().size())
                    .append(report.tables().size() == 1 ? " table" : " tables")
                    .append('\n');
            clocks(report, text);
            for (Finding finding : report.findings()) {
                String formatted = finding.formatted();
                if (shown.add(formatted)) {
                    text.append('\n').append(formatted).append('\n');
                }
            }
            if (!report.hasErrors()) {
                text.append(report.findings().isEmpty() ? "" : "\n").append("It can run.\n");
            }
        }
        boolean fixable = reports.stream()
                .flatMap(report -> report.findings().stream())
                .anyMatch(finding -> finding.isError() && !finding.fix().isEmpty());
        return fixable
                ? text.append("\n\"replicator check --sql\" prints the grants that are missing.\n")
                        .toString()
                : text.toString();
    }

    /** What the servers' clocks say, minus this machine's. */
    private static void clocks(Preflight.Report report, StringBuilder text) {
        List<String> clocks = new ArrayList<>();
        for (int node = 0; node < report.sync().nodeCount(); node++) {
            String name = report.sync().node(node).name();
            ServerFacts facts = report.facts().get(name);
            if (facts != null) {
                Duration offset = facts.clockOffset();
                clocks.add(name + " " + (offset.isNegative() ? "" : "+") + TimeSpan.format(offset) + " (within "
                        + TimeSpan.format(facts.clockError()) + ")");
            }
        }
        if (!clocks.isEmpty()) {
            text.append("clocks: ").append(String.join(", ", clocks)).append('\n');
        }
    }

    private static String names(List<DatabaseSpec> databases) {
        return String.join(", ", databases.stream().map(DatabaseSpec::name).toList());
    }

    private static ArrayNode json(List<Preflight.Report> reports) {
        ArrayNode array = JsonNodeFactory.instance.arrayNode();
        for (Preflight.Report report : reports) {
            ObjectNode node = array.addObject();
            node.put("sync", report.sync().name());
            node.put("ok", !report.hasErrors());
            ArrayNode tables = node.putArray("tables");
            report.tables().forEach(table -> tables.add(table.name().toString()));
            ObjectNode clocks = node.putObject("clock_offset_seconds");
            new TreeMap<>(report.facts())
                    .forEach((name, facts) ->
                            clocks.put(name, facts.clockOffset().toNanos() / 1e9));
            ArrayNode findings = node.putArray("findings");
            for (Finding finding : report.findings()) {
                ObjectNode one = findings.addObject();
                one.put("severity", finding.severity().name())
                        .put("code", finding.code().name())
                        .put("database", finding.database())
                        .put("primary", finding.primary())
                        .put("detail", finding.detail())
                        .put("hint", finding.hint());
                ArrayNode fix = one.putArray("fix");
                finding.fix().forEach(fix::add);
            }
        }
        return array;
    }
}
