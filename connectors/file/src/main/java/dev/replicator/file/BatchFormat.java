package dev.replicator.file;

import dev.replicator.codec.RowReader;
import dev.replicator.model.Operation;
import dev.replicator.model.Table;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How changes look in a file. Everything is UTF-8 and takes whole lines, whatever is in a value, so that the end of the last
 * whole batch can be found after a crash: it is the last line that {@link #progressOf} knows. Keeps no state.
 */
interface BatchFormat {
    /** The end of file names, without a dot. */
    String suffix();

    /** The first lines of a file. */
    void header(OutputStream out, String sync, String progress) throws IOException;

    /** What stands before the changes of a batch. */
    void begin(OutputStream out) throws IOException;

    /** Empties tables. */
    void truncate(OutputStream out, List<Table> tables) throws IOException;

    /** An operation that is no TRUNCATE. */
    void change(OutputStream out, RowReader reader, Operation operation) throws IOException;

    /** The last line of a batch; from it on the batch counts. */
    void commit(OutputStream out, long rows, String progress) throws IOException;

    /** The progress that a line tells, if it is a header's or a commit's; else null. {@code line} has no line feed. */
    @Nullable
    String progressOf(String line);
}
