package dev.replicator.opensearch;

import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.DatabaseSpec;
import dev.replicator.spi.Target;
import dev.replicator.spi.TargetFactory;
import dev.replicator.spi.TargetOption;
import dev.replicator.spi.TargetRequest;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Serves OpenSearch, and Elasticsearch from version 7 on, by their REST interface; kind {@code opensearch}. */
public final class OpenSearchTargetFactory implements TargetFactory {
    private static final int ELASTICSEARCH = 7;

    @Override
    public String kind() {
        return "opensearch";
    }

    @Override
    public Set<String> schemes() {
        return RestUrl.SCHEMES;
    }

    @Override
    public List<TargetOption> options() {
        return OpenSearchOptions.ALL;
    }

    @Override
    public @Nullable String problemOf(String url) {
        return RestUrl.problemOf(url);
    }

    /** A version of a document replaces it; a part of one could not be told from what it was made of. */
    @Override
    public boolean takesWholeRowsOnly(DatabaseSpec database) {
        return true;
    }

    @Override
    public Target open(TargetRequest request) {
        OpenSearchOptions options = OpenSearchOptions.of(request.database());
        try {
            checkOptions(request, options);
            RestSession rest = new RestSession(request.database(), options);
            Indices indices = new Indices(rest, options, request.database().name(), flat(request, rest));
            indices.check(request);
            return new OpenSearchTarget(rest, request, options, indices);
        } catch (ReplicatorException e) {
            throw e.within(request.context());
        }
    }

    private static void checkOptions(TargetRequest request, OpenSearchOptions options) {
        String option = "index";
        String problem = IndexNames.problemOf(options.index());
        if (problem == null && !options.progressIndex().matches("[a-z0-9][a-z0-9_.-]*")) {
            option = "progress_index";
            problem = "It may hold small letters, digits, _, - and . only, and begins with a letter or digit.";
        }
        if (problem != null) {
            throw ReplicatorException.fatal(
                    ErrorCode.CONFIGURATION,
                    "cannot use option " + option + " of database \""
                            + request.database().name() + "\"",
                    problem,
                    null);
        }
    }

    /** The server's name of a field for any JSON object. */
    private static String flat(TargetRequest request, RestSession rest) {
        String connecting = "connect to database \"" + request.database().name() + "\"";
        RestAnswer answer = rest.get("/");
        if (!answer.isGood()) {
            throw RestErrors.of(connecting, answer);
        }
        String number = answer.body().path("version").path("number").asText("");
        if (!number.matches("[0-9]+\\..*")) {
            throw ReplicatorException.fatal(
                    ErrorCode.SERVER_SETTING,
                    "cannot " + connecting,
                    "What answers at its url is no OpenSearch.",
                    "Look at its url.");
        }
        if ("opensearch"
                .equals(answer.body().path("version").path("distribution").asText())) {
            return "flat_object";
        }
        if (Integer.parseInt(number.substring(0, number.indexOf('.'))) < ELASTICSEARCH) {
            throw ReplicatorException.fatal(
                    ErrorCode.SERVER_SETTING,
                    "cannot " + connecting,
                    "It is Elasticsearch " + number + ".",
                    "OpenSearch, and Elasticsearch 7 and newer, are supported.");
        }
        return "flattened";
    }
}
