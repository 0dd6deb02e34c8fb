package dev.fedtiny.federation.process;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * Appends to a log that never grows beyond a limit: when half of it is full, the file takes the name with {@code .1} behind it, in place of
 * the one before, and a new file begins. The end of what was written is always there. Links are not followed. Not thread-safe.
 */
public final class BoundedLog extends OutputStream {
    private final Path file;
    private final long half;
    private OutputStream out;
    private long written;

    /**
     * Opens a log, or goes on with it.
     *
     * @param limitBytes of both files together, at least 2
     * @param file where; its folder must exist
     * @throws IOException if it cannot be opened
     */
    public BoundedLog(Path file, long limitBytes) throws IOException {
        this.file = file;
        this.half = limitBytes / 2;
        open();
    }

    private void open() throws IOException {
        boolean there = Files.exists(file, LinkOption.NOFOLLOW_LINKS);
        if (there && !Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            throw new IOException("'" + file + "' is a link, or no file: nothing is logged there");
        }
        written = there ? Files.size(file) : 0;
        out = Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND,
                LinkOption.NOFOLLOW_LINKS);
    }

    @Override
    public void write(int value) throws IOException {
        write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int count) throws IOException {
        for (int at = from; at < from + count;) {
            if (written >= half) {
                turn();
            }
            int some = (int) Math.min(from + count - at, half - written);
            out.write(bytes, at, some);
            written += some;
            at += some;
        }
    }

    private void turn() throws IOException {
        out.close();
        Files.move(file, file.resolveSibling(file.getFileName() + ".1"), StandardCopyOption.REPLACE_EXISTING);
        open();
    }

    @Override
    public void close() throws IOException {
        out.close();
    }
}
