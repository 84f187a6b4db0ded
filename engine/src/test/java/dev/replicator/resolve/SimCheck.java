package dev.replicator.resolve;

import dev.replicator.model.Change;
import dev.replicator.model.ChangeKind;
import dev.replicator.model.Conflict;
import dev.replicator.model.Transaction;
import java.math.BigInteger;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

/** What must hold when everything has healed, computed simply and independently from the complete logs. */
final class SimCheck {
    private final Simulation world;

    private final SimReference reference;

    SimCheck(Simulation world) {
        this.world = world;
        this.reference = new SimReference(world);
    }

    void check() {
        SimProcess process = Objects.requireNonNull(world.process);
        if (!world.settings.keepsEach()) {
            equalRows();
        }
        for (int source = 0; source < world.sources; source++) {
            SimNode node = world.nodes.get(source);
            if (!node.log.isEmpty()
                    && process.resolver.readEnd(source)
                            <= node.log.get(node.log.size() - 1).lsn()) {
                throw new SimViolation("STUCK: n" + source + " is not read to its end");
            }
        }
        reference.checkEras();
        if (!world.settings.movesWithGaps) {
            // What is known of a row that moves depends on what is still open, until its master has written it again.
            expectedValues();
        }
        if (world.settings.historyIsChecked()) {
            history();
        } else if (world.settings.historyIsCheckedByColumn()) {
            new SimHistory(world, reference).check();
        }
        if (process.resolver.openKeys() != 0) {
            throw new SimViolation("WINDOW holds " + process.resolver.openKeysInWords());
        }
        for (int source = 0; source < world.sources; source++) {
            acknowledged(world.nodes.get(source));
        }
    }

    private void acknowledged(SimNode node) {
        for (SimNode.Entry entry : node.log) {
            if (entry.transaction() != null && entry.lsn() >= node.state.position()) {
                throw new SimViolation("NOTACKED n" + node.index + ":" + entry.lsn() + ", " + node.state);
            }
        }
    }

    private Map<Integer, Map<String, String>> rows(SimNode node) {
        Map<Integer, Map<String, String>> rows = new HashMap<>();
        node.rows.forEach((key, row) -> {
            if (row.columns() != null) {
                rows.put(key, row.columns());
            }
        });
        return rows;
    }

    private void equalRows() {
        Map<Integer, Map<String, String>> first = rows(world.nodes.get(0));
        for (SimNode node : world.nodes) {
            if (!rows(node).equals(first)) {
                throw new SimViolation("DIVERGED: n" + node.index + " " + rows(node) + ", n0 " + first);
            }
        }
    }

    private void expectedValues() {
        for (SimNode node : world.nodes) {
            Map<Integer, Map<String, String>> expected = reference.rows(node.index);
            Map<Integer, Map<String, String>> found = rows(node);
            if (!found.equals(expected)) {
                throw new SimViolation(
                        "VALUE: rows of n" + node.index + " are " + found + ", the logs say " + expected);
            }
        }
        if (world.settings.bias == SimSettings.Bias.UPDATES) {
            counters();
        }
    }

    /** Rows that live: the counter is where it began, and every increment that was committed anywhere. */
    private void counters() {
        Map<Integer, BigInteger> sums = new HashMap<>();
        for (SimReference.Logged version : reference.versions) {
            Change change = version.change();
            sums.merge(SimTable.keyOf(change.requireKey()), SimTable.increment(change), BigInteger::add);
        }
        rows(world.nodes.get(0)).forEach((key, row) -> {
            if (!sums.getOrDefault(key, BigInteger.ZERO).equals(SimTable.counter(row))) {
                throw new SimViolation("COUNTER of key " + key + " is " + row.get(SimTable.COUNTER)
                        + ", all increments are " + sums.get(key));
            }
        });
    }

    private void history() {
        Set<String> recorded = new HashSet<>();
        for (SimNode node : world.nodes) {
            recorded.addAll(recordedOn(node));
        }
        if (world.settings.processCrash == 0) {
            recordedEverywhere(recorded);
        }
        Set<String> accounted = ancestors(recorded);
        accounted.addAll(ancestors(world.missedDeletes));
        for (SimReference.Logged version : reference.versions) {
            if (version.change().kind() == ChangeKind.DELETE) {
                // A delete that met another delete is no conflict: what it had overwritten is accounted for.
                accounted.addAll(
                        ancestors(SimTable.columns(version.change().row()).values()));
            }
        }
        for (SimNode node : world.nodes) {
            node.rows.forEach((key, row) -> {
                accounted.addAll(ancestors(List.of(row.version())));
            });
        }
        if (!world.settings.keepsEach()) {
            overwritten();
        }
        for (String version : world.versions.keySet()) {
            if (!accounted.contains(version) && survives(version)) {
                throw new SimViolation("HISTORY: " + version + " of key " + world.versions.get(version)
                        + " was discarded and is not recorded");
            }
        }
    }

    private static Set<String> recordedOn(SimNode node) {
        Set<String> recorded = new TreeSet<>();
        for (SimNode.Entry entry : node.log) {
            for (Conflict conflict : entry.conflicts()) {
                recorded.add(
                        String.valueOf(SimTable.columns(conflict.loser().row()).get("a")));
            }
        }
        return recorded;
    }

    /** Every master has the whole history, the one where a discarded change was made included. */
    private void recordedEverywhere(Set<String> recorded) {
        for (SimNode node : world.nodes.subList(0, world.sources)) {
            if (!recordedOn(node).equals(recorded)) {
                throw new SimViolation("RECORD: node " + node.index + " has entries " + recordedOn(node)
                        + ", all masters " + recorded);
            }
        }
    }

    /** No version lost to one that it had itself overwritten. */
    private void overwritten() {
        SimNode first = world.nodes.get(0);
        for (Map.Entry<String, Integer> version : world.versions.entrySet()) {
            SimNode.SimRow row = first.rows.get(version.getValue());
            String standing = row == null ? "" : row.version();
            if (first.has(version.getValue())
                    && !version.getKey().equals(standing)
                    && survives(version.getKey())
                    && ancestors(List.of(version.getKey())).contains(standing)) {
                throw new SimViolation("CAUSAL: " + version.getKey() + " lost to " + standing + ", which it overwrote");
            }
        }
    }

    /** Whether the version was committed and its commit was not lost. */
    private boolean survives(String version) {
        for (SimNode node : world.nodes.subList(0, world.sources)) {
            for (SimNode.Entry entry : node.log) {
                Transaction transaction = entry.transaction();
                if (transaction != null) {
                    for (Change change : transaction.changes()) {
                        if (version.equals(SimTable.columns(change.row()).get("a"))) {
                            return true;
                        }
                    }
                }
            }
        }
        return false;
    }

    private Set<String> ancestors(Collection<String> of) {
        Set<String> found = new HashSet<>();
        Deque<String> open = new ArrayDeque<>(of);
        while (!open.isEmpty()) {
            String version = open.pop();
            if (found.add(version)) {
                open.addAll(world.parents.getOrDefault(version, List.of()));
            }
        }
        return found;
    }
}
