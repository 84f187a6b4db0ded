package dev.replicator.opensearch;

import dev.replicator.model.DatabaseSpec;
import dev.replicator.spi.TargetOption;
import dev.replicator.spi.TargetOptions;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * What can be set for an OpenSearch database.
 *
 * @param index template of a table's index
 * @param createIndices whether indices and fields that are missing are made
 * @param progressIndex index with fence numbers, progress and pauses
 * @param refreshes whether readers see a batch before it counts
 * @param gcDeletes how long indices that are made remember the versions of deleted documents
 * @param keywords whether texts are keyword fields only
 * @param json what json and jsonb are
 * @param exact whether numeric that a double cannot hold is a text
 * @param datesAsText whether dates and timestamps are PostgreSQL's text
 * @param nullAbsent whether NULL is a field that is not there, not a null
 * @param unrepresentable {@code stop}, {@code null} or {@code nearest}
 * @param apiKey whether the password is an API key
 * @param authorities file with certificates to trust; empty: those that Java trusts
 * @param timeout how long the server may take for one answer
 */
record OpenSearchOptions(
        String index,
        boolean createIndices,
        String progressIndex,
        boolean refreshes,
        Duration gcDeletes,
        boolean keywords,
        Json json,
        boolean exact,
        boolean datesAsText,
        boolean nullAbsent,
        String unrepresentable,
        boolean apiKey,
        String authorities,
        Duration timeout) {
    static final List<TargetOption> ALL = List.of(
            TargetOptions.UNREPRESENTABLE,
            TargetOption.text("index", "{table}", "What a table's index is called, made of {schema} and {table}."),
            TargetOption.flag("create_indices", true, "Make indices and fields that are missing, with mapped types."),
            TargetOption.text("progress_index", "replicator_progress", "Name of the index that holds the progress."),
            TargetOption.choice(
                    "refresh",
                    List.of("interval", "batch"),
                    "When readers see what was written: as the index's refresh_interval says; or each batch before it"
                            + " counts, which costs the server more."),
            TargetOption.time(
                    "gc_deletes",
                    "5min",
                    "How long indices that are made remember the versions of deleted documents (index.gc_deletes)."),
            TargetOption.choice(
                    "strings",
                    List.of("text", "keyword"),
                    "What texts are: text, searched by words, with a subfield keyword; or keyword alone."),
            TargetOption.choice(
                    "json",
                    List.of("stored", "flat", "object", "text"),
                    "What json and jsonb are: kept and not searched; searched as one flat field; objects whose fields the"
                            + " server maps itself; or a text."),
            TargetOption.choice(
                    "numerics",
                    List.of("exact", "double"),
                    "What numeric is that neither a long nor a double holds exactly: a keyword with its text, or a"
                            + " double."),
            TargetOption.choice(
                    "times", List.of("date", "text"), "What dates and timestamps are: a date, or PostgreSQL's text."),
            TargetOption.choice(
                    "nulls", List.of("explicit", "absent"), "What NULL is: a null, or a field that is not there."),
            TargetOption.choice(
                    "auth",
                    List.of("basic", "api_key"),
                    "What the password is: that of the user, or an API key, encoded as the server gave it."),
            TargetOption.text(
                    "ca_file",
                    "",
                    "File with the certificates, in PEM, that are trusted; empty: those that Java trusts."),
            TargetOption.time("timeout", "60s", "How long the server may take for one answer."));

    /** The forms of json and jsonb. */
    enum Json {
        STORED,
        FLAT,
        OBJECT,
        TEXT
    }

    static OpenSearchOptions of(DatabaseSpec database) {
        TargetOptions options = TargetOptions.of(database);
        return new OpenSearchOptions(
                options.text("index"),
                options.flag("create_indices"),
                options.text("progress_index"),
                options.text("refresh").equals("batch"),
                options.time("gc_deletes"),
                options.text("strings").equals("keyword"),
                Json.valueOf(options.text("json").toUpperCase(Locale.ROOT)),
                options.text("numerics").equals("exact"),
                options.text("times").equals("text"),
                options.text("nulls").equals("absent"),
                options.text(TargetOptions.UNREPRESENTABLE.name()),
                options.text("auth").equals("api_key"),
                options.text("ca_file"),
                options.time("timeout"));
    }
}
