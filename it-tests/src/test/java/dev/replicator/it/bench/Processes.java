package dev.replicator.it.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/** What Linux says of processes: {@code /proc}. Elsewhere everything is NaN or 0. Thread: any. */
final class Processes {
    /** Linux counts in hundredths of a second for every program. */
    private static final double TICKS_PER_SECOND = 100;

    private static final int USER_TIME = 11;
    private static final int CHILDREN_SYSTEM_TIME = 14;
    private static final int SYSTEM_TIME = 12;

    private Processes() {}

    /** Of a server: its first process, those that it has waited for, and those that live. */
    static double cpuSecondsOfTree(long pid) {
        double children = ProcessHandle.of(pid).stream()
                .flatMap(ProcessHandle::children)
                .mapToDouble(child -> ticks(child.pid(), SYSTEM_TIME))
                .sum();
        return (ticks(pid, CHILDREN_SYSTEM_TIME) + children) / TICKS_PER_SECOND;
    }

    static double cpuSeconds(long pid) {
        return ticks(pid, SYSTEM_TIME) / TICKS_PER_SECOND;
    }

    /** The most memory it had resident so far. */
    static long peakMemoryBytes(long pid) {
        return lines(Path.of("/proc", Long.toString(pid), "status")).stream()
                .filter(line -> line.startsWith("VmHWM:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
                .findFirst()
                .orElse(0);
    }

    /** The sum of the fields from its user time to {@code last}, counted behind the command's name. */
    private static double ticks(long pid, int last) {
        List<String> stat = lines(Path.of("/proc", Long.toString(pid), "stat"));
        if (stat.isEmpty()) {
            return 0;
        }
        String[] fields =
                stat.get(0).substring(stat.get(0).lastIndexOf(')') + 2).split(" ", -1);
        double sum = 0;
        for (int field = USER_TIME; field <= last; field++) {
            sum += Double.parseDouble(fields[field]);
        }
        return sum;
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (NoSuchFileException e) {
            return List.of();
        } catch (IOException e) {
            if (ProcessHandle.of(Long.parseLong(file.getName(1).toString())).isEmpty()) {
                return List.of();
            }
            throw new UncheckedIOException(e);
        }
    }
}
