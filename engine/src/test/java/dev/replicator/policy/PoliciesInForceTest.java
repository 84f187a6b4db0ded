package dev.replicator.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.replicator.model.StoredPolicies;
import dev.replicator.model.TableName;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class PoliciesInForceTest {
    private static final TableName STOCK = new TableName("public", "stock");

    private static TablePolicies configured(String definition) {
        return new TablePolicies(
                Map.of(STOCK, definition),
                (before, after) -> before.equals("stop") ? after : before,
                (table, of) -> new Resolution.Decided(of, Policies.first()));
    }

    private static StoredPolicies stored(long generation, String definition) {
        return new StoredPolicies(generation, Map.of(STOCK, definition));
    }

    private static PoliciesInForce ofTwo(String definition) {
        return new PoliciesInForce(List.of("m1", "m2"), configured(definition));
    }

    /** Stores what is due on these masters, and says what that was. */
    private static List<StoredPolicies> store(PoliciesInForce policies, int... masters) {
        List<StoredPolicies> all = new ArrayList<>();
        for (int master : masters) {
            StoredPolicies due = policies.toStore(master);
            if (due != null) {
                all.add(due);
                policies.stored(master, due);
            }
        }
        return all;
    }

    @Test
    void nothingIsDecidedBeforeEveryMasterHasAnsweredOrIsAway() {
        PoliciesInForce policies = ofTwo("first");
        policies.connected(0, stored(2, "first"));
        assertThat(policies.mayDecide()).isFalse();
        policies.connected(1, stored(2, "first"));
        assertThat(policies.mayDecide()).isTrue();
        assertThat(policies.waitReason()).isNull();
        assertThat(store(policies, 0, 1)).isEmpty();
    }

    @Test
    void atTheFirstStartWhatIsConfiguredIsStoredBeforeItDecides() {
        PoliciesInForce policies = ofTwo("first");
        policies.connected(0, StoredPolicies.NONE);
        policies.connected(1, StoredPolicies.NONE);
        assertThat(store(policies, 0)).isNotEmpty();
        assertThat(policies.mayDecide()).isFalse();
        assertThat(store(policies, 1)).isNotEmpty();
        assertThat(policies.mayDecide()).isTrue();
        assertThat(policies.resolution(STOCK).name()).isEqualTo("first");
    }

    @Test
    void anotherPolicyWaitsAndIsStoredOnEveryMasterBeforeANewResolverDecidesByIt() {
        PoliciesInForce policies = ofTwo("latest");
        policies.connected(0, stored(2, "first"));
        policies.connected(1, stored(2, "first"));
        assertThat(policies.resolution(STOCK).name()).isEqualTo("first");
        assertThat(policies.waiting()).containsExactly(STOCK);
        assertThat(policies.waitReason()).contains("public.stock", "waits until");

        policies.change();
        assertThat(policies.mayDecide()).isFalse();
        assertThat(store(policies, 0)).containsExactly(stored(3, "latest"));
        assertThat(policies.isOver()).isFalse();
        store(policies, 1);
        assertThat(policies.isOver()).isTrue();

        PoliciesInForce next = ofTwo("latest");
        next.connected(0, stored(3, "latest"));
        next.connected(1, stored(3, "latest"));
        assertThat(next.resolution(STOCK).name()).isEqualTo("latest");
        assertThat(next.waiting()).isEmpty();
    }

    @Test
    void aChangeThatWasInterruptedIsFinished() {
        PoliciesInForce policies = ofTwo("latest");
        policies.connected(0, stored(2, "first"));
        policies.connected(1, stored(3, "latest"));
        assertThat(store(policies, 0, 1))
                .hasSize(2)
                .allSatisfy(each -> assertThat(each.definitions()).containsEntry(STOCK, "latest"));
        assertThat(policies.mayDecide()).isTrue();
    }

    @Test
    void whatAnAbsentMasterMayHoldCountsNoMore() {
        PoliciesInForce policies = ofTwo("first");
        policies.connected(0, stored(2, "first"));
        policies.lost(1);
        assertThat(policies.mayDecide()).isFalse();
        List<StoredPolicies> raised = store(policies, 0);
        assertThat(policies.mayDecide()).isTrue();

        policies.connected(1, stored(3, "latest"));
        assertThat(policies.isOver()).isFalse();
        assertThat(store(policies, 1)).isEqualTo(raised);
        assertThat(raised.get(0).generation()).isGreaterThan(3);
    }

    @Test
    void aMasterThatComesWithAHigherGenerationIsRight() {
        PoliciesInForce policies = ofTwo("first");
        policies.connected(0, stored(2, "first"));
        policies.lost(1);
        store(policies, 0);
        policies.connected(1, stored(9, "latest"));
        assertThat(policies.isOver()).isTrue();
        assertThat(policies.mayDecide()).isFalse();
    }

    @Test
    void whileAnotherPolicyIsConfiguredMoreThanHalfOfTheMastersHaveToAnswer() {
        PoliciesInForce policies = new PoliciesInForce(List.of("m1", "m2", "m3", "m4"), configured("latest"));
        policies.connected(0, stored(2, "first"));
        policies.connected(1, stored(2, "first"));
        policies.lost(2);
        policies.lost(3);
        assertThat(policies.mayDecide()).isFalse();
        assertThat(policies.waitReason()).contains("waits for m3, m4");
        policies.connected(3, stored(2, "first"));
        store(policies, 0, 1, 3);
        assertThat(policies.mayDecide()).isTrue();
        assertThat(policies.resolution(STOCK).name()).isEqualTo("first");
    }

    @Test
    void aMasterThatIsLostWhileANewPolicyIsStoredMakesItBeAskedAgain() {
        PoliciesInForce policies = ofTwo("latest");
        policies.connected(0, stored(2, "first"));
        policies.connected(1, stored(2, "first"));
        policies.change();
        store(policies, 0);
        policies.lost(1);
        assertThat(policies.isOver()).isTrue();
    }

    @Test
    void aPolicyUnderWhichNothingWasDecidedIsReplacedAtOnce() {
        PoliciesInForce policies = ofTwo("latest");
        policies.connected(0, stored(2, "stop"));
        policies.connected(1, stored(2, "stop"));
        store(policies, 0, 1);
        assertThat(policies.resolution(STOCK).name()).isEqualTo("latest");
        assertThat(policies.waiting()).isEmpty();
    }

    @Test
    void otherPoliciesMayBeConfiguredWhileItRuns() {
        PoliciesInForce policies = ofTwo("first");
        policies.connected(0, stored(2, "first"));
        policies.connected(1, stored(2, "first"));
        policies.configure(configured("latest"));
        assertThat(policies.resolution(STOCK).name()).isEqualTo("first");
        assertThat(policies.waiting()).containsExactly(STOCK);
        policies.configure(configured("first"));
        assertThat(policies.waiting()).isEmpty();
    }
}
