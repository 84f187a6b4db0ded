package dev.replicator.policy;

import java.nio.charset.StandardCharsets;
import java.util.List;

/** The policies that need no code of the user's. Pure, any thread. */
public final class Policies {
    private Policies() {}

    /** The change that was committed first. */
    public static Policy first() {
        return frontier -> new Decision.Winner(0, "first: it was committed before the others");
    }

    /**
     * The change of the database that stands first in {@code databases}; of several there, and among databases that are
     * not listed, the newest.
     */
    public static Policy priority(List<String> databases) {
        List<String> order = List.copyOf(databases);
        return frontier -> {
            int best = -1;
            int bestRank = Integer.MAX_VALUE;
            for (int i = 0; i < frontier.members().size(); i++) {
                int rank = order.indexOf(frontier.members().get(i).database());
                rank = rank < 0 ? order.size() : rank;
                if (rank <= bestRank) {
                    best = i;
                    bestRank = rank;
                }
            }
            String winner = frontier.members().get(best).database();
            return new Decision.Winner(
                    best,
                    bestRank < order.size()
                            ? "priority: " + winner + " comes before the other databases"
                            : "priority: none of the databases is listed; the change on " + winner + " is the newest");
        };
    }

    /** The change of {@code database}; where it made none, the newest. */
    public static Policy source(String database) {
        return frontier -> {
            int newest = frontier.members().size() - 1;
            for (int i = newest; i >= 0; i--) {
                if (frontier.members().get(i).database().equals(database)) {
                    return new Decision.Winner(i, "source: " + database + " decides");
                }
            }
            return new Decision.Winner(newest, "source: " + database + " made no such change; the newest stands");
        };
    }

    /** Any, but always the same: by a hash of what identifies the changes. */
    public static Policy random() {
        return frontier -> {
            long hash = 0xcbf29ce484222325L ^ frontier.key().hash();
            // A sum, so that the order in which the members stand does not matter.
            long sum = 0;
            for (Frontier.Member member : frontier.members()) {
                sum += mix(identity(member));
            }
            int index = (int)
                    Long.remainderUnsigned(mix(hash + sum), frontier.members().size());
            return new Decision.Winner(index, "random: drawn by a hash of the changes concerned");
        };
    }

    private static long identity(Frontier.Member member) {
        long hash = 0xcbf29ce484222325L;
        for (byte b : member.database().getBytes(StandardCharsets.UTF_8)) {
            hash = (hash ^ (b & 0xFF)) * 0x100000001b3L;
        }
        return hash ^ mix(member.commitLsn());
    }

    /** Finalizer of SplitMix64 (Steele, Lea, Flood 2014). */
    private static long mix(long value) {
        long z = value + 0x9e3779b97f4a7c15L;
        z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }

    /** A person has to decide. */
    public static Policy stop() {
        return frontier -> new Decision.Stop("stop: concurrent changes on "
                + String.join(
                        " and ",
                        frontier.members().stream()
                                .map(Frontier.Member::database)
                                .distinct()
                                .toList()));
    }
}
