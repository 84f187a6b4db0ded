package dev.replicator.spi;

import dev.replicator.model.Column;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The rows of one range as PostgreSQL's COPY sends them. {@link #open} may be called again when the rows are needed once
 * more; one reading at a time.
 */
public interface CopyRows {
    /** The columns of a row, in order. */
    List<Column> columns();

    /** Whether they come in COPY's binary form, else as its text. */
    boolean isBinary();

    /** Begins to read, from the first row. */
    Reading open();

    /** One pass over the rows. */
    interface Reading extends AutoCloseable {
        /**
         * The next bytes: one row, in binary form with the header before the first and the trailer after the last; null:
         * there is no more.
         */
        byte @Nullable [] next();

        /** Ends it, at the end or before. */
        @Override
        void close();
    }
}
