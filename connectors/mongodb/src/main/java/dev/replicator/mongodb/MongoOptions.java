package dev.replicator.mongodb;

import dev.replicator.model.DatabaseSpec;
import dev.replicator.model.TableName;
import dev.replicator.spi.TargetOption;
import dev.replicator.spi.TargetOptions;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * What can be set for a MongoDB database.
 *
 * @param nullAbsent whether NULL is a field that is not there, not a null
 * @param times what dates and timestamps are
 * @param unrepresentable {@code stop}, {@code null} or {@code nearest}
 * @param collection template of a table's collection
 * @param progress collection with fence numbers, progress and pauses
 * @param transactionTime how long one transaction may take
 * @param timeout how long the server may take for one answer
 */
record MongoOptions(
        boolean nullAbsent,
        Times times,
        String unrepresentable,
        String collection,
        String progress,
        Duration transactionTime,
        Duration timeout) {
    static final List<TargetOption> ALL = List.of(
            TargetOptions.UNREPRESENTABLE,
            TargetOption.choice(
                    "nulls", List.of("explicit", "absent"), "What NULL is: a null, or a field that is not there."),
            TargetOption.choice(
                    "times",
                    List.of("date", "milliseconds", "text"),
                    "What dates and timestamps are: a Date, and beside it the microseconds that it cannot hold; a Date"
                            + " alone, cut to milliseconds; or PostgreSQL's text."),
            TargetOption.text(
                    "collection", "{table}", "What a table's collection is called, made of {schema} and {table}."),
            TargetOption.text(
                    "progress_collection", "replicator_progress", "Name of the collection that holds the progress."),
            TargetOption.time(
                    "transaction_time",
                    "20s",
                    "How long one transaction may take; a batch that takes longer is written down first and then done in"
                            + " parts. 0s: every batch is."),
            TargetOption.time("timeout", "60s", "How long the server may take for one answer."));

    /** The forms of dates and timestamps. */
    enum Times {
        /** A Date, and a field {@code COLUMN_micros} with the microseconds beyond its milliseconds, where there are any. */
        DATE,
        MILLISECONDS,
        TEXT
    }

    static MongoOptions of(DatabaseSpec database) {
        TargetOptions options = TargetOptions.of(database);
        return new MongoOptions(
                options.text("nulls").equals("absent"),
                Times.valueOf(options.text("times").toUpperCase(Locale.ROOT)),
                options.text(TargetOptions.UNREPRESENTABLE.name()),
                options.text("collection"),
                options.text("progress_collection"),
                options.time("transaction_time"),
                options.time("timeout"));
    }

    String collection(TableName table) {
        return collection.replace("{schema}", table.schema()).replace("{table}", table.name());
    }

    /** The collection for batches that are done in parts. */
    String redo() {
        return progress + "_redo";
    }
}
