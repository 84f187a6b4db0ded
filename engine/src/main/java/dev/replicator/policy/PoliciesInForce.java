package dev.replicator.policy;

import dev.replicator.model.StoredPolicies;
import dev.replicator.model.TableName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Which policies decide: those that are in force, which are not always those that are configured.
 *
 * <p>Whoever starts asks every master what is in force there. Another policy takes effect only when nothing is open any
 * more that the old one decided or might have to decide again; who knows when that is calls {@link #change}. Then the new
 * policies are stored on every master, and only after the last has them is anything decided by them: by a new resolver,
 * which asks again. So no transaction is ever decided by one policy in one process and by another one in the next.
 *
 * <p>A change that was interrupted is on some masters and not on others. That is why generations count: whoever starts
 * while a master is away makes what it found the highest generation before it decides anything, so that what the absent one
 * may hold counts no more. As long as another policy is configured than is in force, more than half of the masters have to
 * answer, so that two such starts cannot miss each other.
 *
 * <p>Has no threads. Masters are numbered as nodes are.
 */
public final class PoliciesInForce {
    /** More than one change that was interrupted can have raised it by. */
    private static final int STEP = 2;

    private final List<String> masters;
    private final Map<Integer, StoredPolicies> answers = new HashMap<>();
    private final Set<Integer> away = new TreeSet<>();
    /** To be stored there. */
    private final Set<Integer> due = new TreeSet<>();
    /** Being stored there. */
    private final Set<Integer> asked = new TreeSet<>();

    private final Map<TableName, Resolution> resolutions = new HashMap<>();
    private TablePolicies policies;
    private @Nullable StoredPolicies inForce;
    private @Nullable StoredPolicies next;
    private boolean begun;
    private boolean over;

    /** {@code masters}: their names; of a sync with one source none, and nothing is stored. */
    public PoliciesInForce(List<String> masters, TablePolicies policies) {
        this.masters = List.copyOf(masters);
        this.policies = policies;
        if (masters.isEmpty()) {
            inForce = new StoredPolicies(0, policies.configured());
            begun = true;
        }
    }

    /** A master's session has started. */
    public void connected(int master, StoredPolicies stored) {
        away.remove(master);
        answers.put(master, stored);
        asked.remove(master);
        due.remove(master);
        StoredPolicies present = inForce;
        if (present == null) {
            find();
        } else if (stored.generation() > present.generation()) {
            over = true;
        } else if (!stored.equals(present)) {
            due.add(master);
        }
    }

    /** A master's session is gone, or cannot be had. */
    public void lost(int master) {
        away.add(master);
        answers.remove(master);
        due.remove(master);
        asked.remove(master);
        if (next != null) {
            over = true;
        } else if (inForce == null) {
            find();
        } else {
            begin();
        }
    }

    /** What is in force; only while something {@link #mayDecide}. */
    public StoredPolicies inForce() {
        return Objects.requireNonNull(inForce, "asked too early");
    }

    /** Whether a master has not said yet what is in force there. */
    public boolean isAsking() {
        return inForce == null;
    }

    /** Finds what is in force, once every master has answered or is known to be away. */
    private void find() {
        if (answers.size() + away.size() < masters.size() || lacksAnswers()) {
            return;
        }
        StoredPolicies newest = newest();
        Map<TableName, String> definitions = new HashMap<>(policies.configured());
        definitions.replaceAll((table, configured) -> {
            String before = newest.definitions().getOrDefault(table, configured);
            return before.equals(configured) ? before : policies.successor().apply(before, configured);
        });
        boolean everywhere = away.isEmpty()
                && newest.definitions().equals(definitions)
                && answers.values().stream().allMatch(newest::equals);
        if (everywhere) {
            inForce = newest;
        } else {
            inForce = new StoredPolicies(newest.generation() + STEP, definitions);
            due.addAll(answers.keySet());
        }
        begin();
    }

    private StoredPolicies newest() {
        StoredPolicies newest = StoredPolicies.NONE;
        for (StoredPolicies answer : answers.values()) {
            newest = answer.generation() > newest.generation() ? answer : newest;
        }
        return newest;
    }

    private boolean lacksAnswers() {
        boolean enough = 2 * answers.size() > masters.size();
        return answers.isEmpty() || (!enough && !answers.values().stream().allMatch(this::isConfigured));
    }

    private boolean isConfigured(StoredPolicies stored) {
        return policies.configured().entrySet().stream()
                .allMatch(entry -> stored.definitions()
                        .getOrDefault(entry.getKey(), entry.getValue())
                        .equals(entry.getValue()));
    }

    private void begin() {
        begun |= inForce != null && due.isEmpty() && asked.isEmpty();
    }

    /** What is to be stored on a master now; it is said once. */
    public @Nullable StoredPolicies toStore(int master) {
        StoredPolicies present = next == null ? inForce : next;
        if (present == null || !due.remove(master)) {
            return null;
        }
        asked.add(master);
        return present;
    }

    /** It is stored there durably. */
    public void stored(int master, StoredPolicies stored) {
        asked.remove(master);
        answers.put(master, stored);
        StoredPolicies coming = next;
        if (coming == null) {
            begin();
        } else if (answers.size() == masters.size() && answers.values().stream().allMatch(coming::equals)) {
            over = true;
        }
    }

    /** Whether it is known what is in force, and nothing is being changed: transactions may be resolved. */
    public boolean mayDecide() {
        return begun && next == null && !over;
    }

    /** Whether what is known here is of no use any more: a new resolver has to begin, and to ask again. */
    public boolean isOver() {
        return over;
    }

    /** Other policies are configured from now on. They take effect when they can. */
    public void configure(TablePolicies fresh) {
        policies = fresh;
        if (next != null) {
            // Not begun with what is stored by now: the next resolver finds out.
            over = true;
        }
    }

    /** Tables whose policy in force is not the configured one. */
    public Set<TableName> waiting() {
        StoredPolicies present = inForce;
        Set<TableName> tables = new TreeSet<>();
        if (begun && present != null) {
            policies.configured().forEach((table, definition) -> {
                if (!definition.equals(present.definitions().getOrDefault(table, definition))) {
                    tables.add(table);
                }
            });
        }
        return tables;
    }

    /** Nothing is open any more under the old policies: the configured ones are stored everywhere, and then count. */
    public void change() {
        if (mayDecide() && answers.size() == masters.size()) {
            next = new StoredPolicies(Objects.requireNonNull(inForce).generation() + 1, policies.configured());
            due.addAll(IntStream.range(0, masters.size()).boxed().toList());
        }
    }

    /** How conflicts of a table are decided; only while something {@link #mayDecide}. */
    public Resolution resolution(TableName table) {
        return resolutions.computeIfAbsent(table, this::make);
    }

    private Resolution make(TableName table) {
        String definition =
                Objects.requireNonNull(inForce, "asked too early").definitions().get(table);
        return definition == null ? Resolution.LATEST : policies.meaning().apply(table, definition);
    }

    /** Why nothing is decided, or what waits, in words; null: nothing waits. */
    public @Nullable String waitReason() {
        if (next != null) {
            return "the new policies are being stored on " + names(due, asked);
        }
        if (!begun) {
            return inForce != null
                    ? "which policies are in force is being stored on " + names(due, asked)
                    : away.isEmpty() || !lacksAnswers() || answers.size() + away.size() < masters.size()
                            ? null
                            : "waits for " + names(away, Set.of())
                                    + ": another policy is configured than is in force, and more than half of the"
                                    + " databases have to say which that is";
        }
        Set<TableName> waiting = waiting();
        return waiting.isEmpty() ? null : waits(waiting);
    }

    private static String waits(Set<TableName> tables) {
        List<String> named = new ArrayList<>();
        tables.stream().limit(5).forEach(table -> named.add(table.toString()));
        String rest = tables.size() > named.size() ? " and " + (tables.size() - named.size()) + " more" : "";
        return "the new conflict policy of " + String.join(", ", named) + rest
                + " waits until all changes under the old one have reached every database, which takes a few seconds"
                + " without changes of " + (tables.size() == 1 ? "that table" : "those tables");
    }

    private String names(Set<Integer> some, Set<Integer> more) {
        Set<Integer> all = new TreeSet<>(some);
        all.addAll(more);
        return String.join(", ", all.stream().map(masters::get).toList());
    }
}
