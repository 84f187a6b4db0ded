package dev.replicator.redis;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A script in Lua that runs in the server.
 *
 * @param name for messages
 * @param text its source
 * @param sha1 what the server knows it by once it has run
 */
record Script(String name, String text, String sha1) {

    /** {@code files}: resources beside this class, one behind the other. */
    static Script of(String name, String... files) {
        StringBuilder text = new StringBuilder();
        for (String file : files) {
            try (InputStream in = Script.class.getResourceAsStream(file)) {
                if (in == null) {
                    throw new IllegalStateException("there is no resource " + file);
                }
                text.append(new String(in.readAllBytes(), StandardCharsets.UTF_8));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return new Script(name, text.toString(), sha1(text.toString()));
    }

    private static String sha1(String text) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-1");
            return HexFormat.of().formatHex(digest.digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-1", e);
        }
    }
}
