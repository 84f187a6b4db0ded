package dev.replicator.cli.config;

import dev.replicator.model.Secret;
import org.jspecify.annotations.Nullable;

/**
 * Where the running process serves its admin API.
 *
 * @param place none, only to this user on this machine, or at an address
 * @param host for an address, else empty
 * @param port for an address, else 0
 * @param token what callers must present; null: a random one, kept in a file that only this user can read
 */
public record AdminSpec(
        Place place, String host, int port, @Nullable Secret token) {

    /** Where it is served. */
    public enum Place {
        NONE,
        PRIVATE,
        ADDRESS
    }

    /** The default: loopback, a free port, a token file. */
    public static AdminSpec privately() {
        return new AdminSpec(Place.PRIVATE, "", 0, null);
    }
}
