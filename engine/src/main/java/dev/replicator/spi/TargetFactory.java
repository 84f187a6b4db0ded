package dev.replicator.spi;

import dev.replicator.model.Batch;
import dev.replicator.model.DatabaseSpec;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Makes the targets of one kind. A connector is a jar that names its implementation in
 * {@code META-INF/services/dev.replicator.spi.TargetFactory}; it has a constructor without parameters. The engine names no
 * connector. Thread: any; keeps no state.
 */
public interface TargetFactory {
    /** The kind it serves, one word, as it stands in messages and in {@link dev.replicator.model.DatabaseSpec#kind()}. */
    String kind();

    /**
     * The URL schemes it serves, for instance {@code mysql}: what stands in front of the first colon of a database's url;
     * for {@code jdbc:h2:...} it is {@code jdbc:h2}, and whoever serves {@code jdbc} gets what nobody names more exactly.
     */
    Set<String> schemes();

    /** What {@code options:} of such a database may hold. Others are refused, with the line. */
    default List<TargetOption> options() {
        return List.of();
    }

    /** Why a URL (without user and password) cannot be used, as a sentence; null if it can. Does not connect. */
    default @Nullable String problemOf(String url) {
        return null;
    }

    /**
     * Whether that database can be given whole rows only. Then an update gets what it lacks from the old row, where the log
     * has it (REPLICA IDENTITY FULL, with one source), and {@code check} tells of tables of which the log may lack values.
     */
    default boolean takesWholeRowsOnly(DatabaseSpec database) {
        return false;
    }

    /**
     * Connects a session, and checks that every table can be written there, or created where that is asked for. Changes
     * nothing, and does not take the fence. What is wrong is one exception; FATAL if a person must act.
     */
    Target open(TargetRequest request);

    /**
     * What {@code check} says of the database, everything at once; throws when it cannot be reached. Changes nothing. By
     * default: what {@link #open} throws.
     */
    default List<Remark> examine(TargetRequest request) {
        open(request).close();
        return List.of();
    }

    /**
     * Takes batches of made-up rows, encodes them as {@link Target#write} does with real ones, and throws the result away:
     * so that the JVM has compiled that by the time it matters. Touches no database.
     */
    default Consumer<Batch> rehearsal() {
        return batch -> {};
    }
}
