package dev.replicator.resolve;

import static org.assertj.core.api.Assertions.assertThat;

import dev.replicator.model.Operation;
import dev.replicator.model.Positions;
import dev.replicator.model.Table;
import dev.replicator.model.TableName;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CopiedTest {
    private static final Table A = table(0, "a");
    private static final Table B = table(1, "b");
    private final Copied copied = new Copied(Map.of(A.name(), Positions.of(100)));

    private static Table table(int id, String name) {
        return new Table(id, new TableName("public", name), List.of("id"), List.of("int4"));
    }

    private List<Table> lacking(int source, long lsn) {
        List<Operation> operations = List.of(Operation.truncate(A), Operation.truncate(B), Operation.truncate(A));
        List<Table> tables = new ArrayList<>();
        copied.lacking(operations.iterator(), source, lsn).forEachRemaining(operation -> tables.add(operation.table()));
        return tables;
    }

    @Test
    void whatTheCopiedRowsHoldIsLeftOutForThatTableOnly() {
        assertThat(lacking(0, 99)).containsExactly(B);
    }

    @Test
    void whatCommittedAtOrBehindTheSnapshotIsWritten() {
        assertThat(lacking(0, 100)).containsExactly(A, B, A);
    }

    @Test
    void aTableHoldsWhatTheNodeHoldsAndWhatWasCopied() {
        assertThat(copied.held(A, Positions.of(50))).isEqualTo(Positions.of(100));
        assertThat(copied.held(A, Positions.of(150))).isEqualTo(Positions.of(150));
        assertThat(copied.held(B, Positions.of(50))).isEqualTo(Positions.of(50));
        assertThat(copied.most(Positions.of(50))).isEqualTo(Positions.of(100));
    }
}
