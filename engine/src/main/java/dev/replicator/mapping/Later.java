package dev.replicator.mapping;

import dev.replicator.model.Operation;
import java.util.AbstractList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A list that is made when it is first looked into. Thread: one. */
final class Later extends AbstractList<Operation> {
    private final Supplier<List<Operation>> making;
    private @Nullable List<Operation> made;

    Later(Supplier<List<Operation>> making) {
        this.making = making;
    }

    private List<Operation> made() {
        List<Operation> list = made;
        if (list == null) {
            list = making.get();
            made = list;
        }
        return list;
    }

    @Override
    public Operation get(int index) {
        return made().get(index);
    }

    @Override
    public int size() {
        return made().size();
    }
}
