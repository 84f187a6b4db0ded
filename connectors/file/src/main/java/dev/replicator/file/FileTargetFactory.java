package dev.replicator.file;

import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.spi.Target;
import dev.replicator.spi.TargetFactory;
import dev.replicator.spi.TargetOption;
import dev.replicator.spi.TargetOptions;
import dev.replicator.spi.TargetRequest;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Serves folders, kind {@code file}: {@code file:///var/spool/changes}. What a sync writes goes into a folder of its own in
 * it. Thread: any.
 */
public final class FileTargetFactory implements TargetFactory {
    static final TargetOption FORMAT = TargetOption.choice(
            "format", List.of("jsonl", "sql"), "What a file holds: JSON lines, or SQL statements for PostgreSQL.");
    static final TargetOption ROTATE_BYTES =
            TargetOption.bytes("rotate_bytes", "64MiB", "A file that has grown to this size is finished.");
    static final TargetOption ROTATE_AGE =
            TargetOption.time("rotate_age", "60s", "A file that holds changes and is this old is finished; 0s: never.");
    static final TargetOption COMPRESSION =
            TargetOption.choice("compression", List.of("none", "gzip"), "How files that are finished are compressed.");

    @Override
    public String kind() {
        return "file";
    }

    @Override
    public Set<String> schemes() {
        return Set.of("file");
    }

    @Override
    public List<TargetOption> options() {
        return List.of(FORMAT, ROTATE_BYTES, ROTATE_AGE, COMPRESSION);
    }

    @Override
    public @Nullable String problemOf(String url) {
        try {
            path(url);
            return null;
        } catch (IllegalArgumentException e) {
            return "it names no absolute path on this machine, as file:///var/spool/changes does";
        }
    }

    private static Path path(String url) {
        return Path.of(URI.create(url)).toAbsolutePath().normalize();
    }

    @Override
    public Target open(TargetRequest request) {
        TargetOptions options = TargetOptions.of(request.database());
        Path parent = path(request.database().url());
        requireWritable(parent, request);
        BatchFormat format = options.text(FORMAT.name()).equals("sql") ? new SqlStatements() : new JsonLines();
        boolean gzip = options.text(COMPRESSION.name()).equals("gzip");
        Folder folder = new Folder(parent.resolve(request.sync().name()), format, gzip);
        return new FileTarget(request, folder, options.number(ROTATE_BYTES.name()), options.time(ROTATE_AGE.name()));
    }

    /** The folder, or the nearest one above it that is there. */
    private static void requireWritable(Path parent, TargetRequest request) {
        Path nearest = parent;
        while (!Files.exists(nearest) && nearest.getParent() != null) {
            nearest = nearest.getParent();
        }
        if (!Files.isDirectory(nearest) || !Files.isWritable(nearest)) {
            throw ReplicatorException.fatal(
                            ErrorCode.DISK,
                            "cannot write to database \"" + request.database().name() + "\"",
                            "\"" + nearest + "\" is "
                                    + (Files.isDirectory(nearest) ? "not writable for this user." : "no folder."),
                            "Name another folder in its url, or have this one's rights changed.")
                    .within(request.context());
        }
    }
}
