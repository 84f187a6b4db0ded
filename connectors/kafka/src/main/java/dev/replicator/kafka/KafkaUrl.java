package dev.replicator.kafka;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * {@code kafka://host:port,host:port}: the brokers that are asked first; {@code kafkas} for TLS.
 *
 * @param brokers {@code host:port}
 * @param tls whether connections are encrypted, and the brokers' certificates checked
 */
record KafkaUrl(List<String> brokers, boolean tls) {
    static final Set<String> SCHEMES = Set.of("kafka", "kafkas");
    private static final String PORT = "9092";
    private static final Pattern BROKER = Pattern.compile("([A-Za-z0-9._-]+|\\[[0-9A-Fa-f:.]+])(:[0-9]{1,5})?");

    KafkaUrl {
        brokers = List.copyOf(brokers);
    }

    private static List<String> hosts(String url) {
        return Arrays.asList(
                url.replaceFirst("^kafkas?://", "").replaceFirst("/$", "").split(",", -1));
    }

    /** Why it is none, as a sentence; null if it is one. */
    static @Nullable String problemOf(String url) {
        boolean good = url.matches("kafkas?://.*")
                && hosts(url).stream().allMatch(broker -> BROKER.matcher(broker).matches() && port(broker) <= 0xFFFF);
        return good ? null : "It has to be kafka://HOST[:PORT][,HOST[:PORT]...], or kafkas:// for TLS.";
    }

    private static int port(String broker) {
        return Integer.parseInt(withPort(broker).replaceFirst("^.*:", ""));
    }

    private static String withPort(String broker) {
        return broker.matches(".*:[0-9]+") && !broker.endsWith("]") ? broker : broker + ":" + PORT;
    }

    static KafkaUrl parse(String url) {
        List<String> brokers = new ArrayList<>();
        hosts(url).forEach(broker -> brokers.add(withPort(broker)));
        return new KafkaUrl(brokers, url.startsWith("kafkas:"));
    }

    /** Whether the name of any broker can be resolved now. */
    boolean isResolvable() {
        return brokers.stream().anyMatch(broker -> {
            String host = broker.substring(0, broker.lastIndexOf(':'));
            return !new InetSocketAddress(host.replaceAll("[\\[\\]]", ""), port(broker)).isUnresolved();
        });
    }
}
