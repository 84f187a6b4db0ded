package dev.replicator.observe;

import java.util.List;

/**
 * What there is to say of single tables of a sync.
 *
 * @param diverging those whose policy keeps each side of a conflict, so that databases may differ
 * @param handlers code of the user's that has failed, so that the fallback decided
 */
public record TablesStatus(List<String> diverging, List<Handler> handlers) {
    public static final TablesStatus NONE = new TablesStatus(List.of(), List.of());

    public TablesStatus {
        diverging = List.copyOf(diverging);
        handlers = List.copyOf(handlers);
    }

    /**
     * How often the handler of a table failed since the process started.
     *
     * @param handler its name
     * @param last the last failure, in words
     */
    public record Handler(String table, String handler, long failures, String last) {}
}
