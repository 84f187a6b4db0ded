package dev.replicator.embedded;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * Makes a directory once, however many threads and processes ask for it at the same time: it is filled under another
 * name, under a lock, and renamed when it is complete. What a killed process left half made is made anew.
 */
final class OnceOnly {

    private OnceOnly() {}

    /** Fills a directory. */
    interface Filler {
        void fill(Path directory) throws IOException;
    }

    static void create(Path directory, Filler filler) throws IOException {
        if (Files.isDirectory(directory)) {
            return;
        }
        // A file lock holds between processes only; threads of this one queue here first.
        synchronized (OnceOnly.class) {
            Path lockFile = directory.resolveSibling("." + directory.getFileName() + ".lock");
            try (FileChannel channel = FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    FileLock lock = channel.lock()) {
                if (lock.isValid() && !Files.isDirectory(directory)) {
                    Path unfinished = directory.resolveSibling("." + directory.getFileName() + ".unfinished");
                    FileTree.delete(unfinished);
                    FileTree.create(unfinished, "rwxr-xr-x");
                    filler.fill(unfinished);
                    Files.move(unfinished, directory, StandardCopyOption.ATOMIC_MOVE);
                }
            }
        }
    }
}
