package dev.replicator.model;

import java.util.Map;

/**
 * The policies that are in force, as it stands on one master.
 *
 * @param generation rises whenever it is stored anew: of several masters the highest is right; 0: nothing is stored
 * @param definitions by table: everything that decides its conflicts, as text. Two texts that are equal decide alike
 */
public record StoredPolicies(long generation, Map<TableName, String> definitions) {
    public static final StoredPolicies NONE = new StoredPolicies(0, Map.of());

    public StoredPolicies {
        definitions = Map.copyOf(definitions);
    }
}
