package dev.replicator.debezium;

import java.lang.management.ManagementFactory;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.jspecify.annotations.Nullable;

/**
 * How far Debezium has read the binary log, by its own figures. Where the log has nothing for us Debezium tells nothing, and
 * whoever waits until everything is applied would wait for ever.
 *
 * <p>A place counts once it was seen several times in a row while nothing was on its way: the position is raised after an
 * event has been put into Debezium's queue, and between that queue and us there is one hand-over. Only waiting depends on
 * it: what is read on from is what transactions say. Thread: one.
 */
final class StreamPosition {
    private static final int LOOKS = 3;

    private final MBeanServer beans = ManagementFactory.getPlatformMBeanServer();
    private final ObjectName name;
    private long seen;
    private int times;

    StreamPosition(boolean mariaDb, String topicPrefix) {
        try {
            name = new ObjectName("debezium." + (mariaDb ? "mariadb" : "mysql")
                    + ":type=connector-metrics,context=streaming,server=" + topicPrefix);
        } catch (JMException e) {
            throw new IllegalStateException(e);
        }
    }

    /** To be asked each time that nothing has come for a moment: what has been read and handed on, or 0. */
    long settled() {
        long now = read();
        times = now == seen && now > 0 ? times + 1 : 0;
        seen = now;
        return times >= LOOKS ? now : 0;
    }

    /** Where the log has been read to, or 0; also while something is on its way. */
    long raw() {
        return read(false);
    }

    private long read() {
        return read(true);
    }

    private long read(boolean onlyIdle) {
        try {
            @Nullable Object file = beans.getAttribute(name, "BinlogFilename");
            @Nullable Object position = beans.getAttribute(name, "BinlogPosition");
            @Nullable Object room = beans.getAttribute(name, "QueueRemainingCapacity");
            @Nullable Object total = beans.getAttribute(name, "QueueTotalCapacity");
            boolean idle = !onlyIdle || (room != null && room.equals(total));
            return idle && file instanceof String text && !text.isEmpty() && position instanceof Number number
                    ? BinlogPlace.of(text, number.longValue())
                    : 0;
        } catch (JMException e) {
            return 0;
        }
    }
}
