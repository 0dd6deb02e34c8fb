package dev.fedtiny.engine.io;

import dev.fedtiny.engine.internal.check.Given;
import java.io.Closeable;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Bytes that a model is read from, by position: a file, of which nothing is held in memory, or bytes that are in memory already. Safe for
 * several threads: an interrupt of one of them ends no reading of a file of the default file system, and the thread stays interrupted.
 */
public final class ByteSource implements Closeable {
    private static final int BLOCK_BYTES = 1 << 20;

    private final String name;
    private final long size;
    private final Blocks blocks;
    private final Closeable resource;

    /** Reads at most as much as the buffer takes, at least one byte unless the end is reached; negative there. */
    private interface Blocks {
        int read(ByteBuffer to, long from) throws IOException;
    }

    /** How many bytes a file has. */
    private interface Length {
        long get() throws IOException;
    }

    private ByteSource(String name, long size, Blocks blocks, Closeable resource) {
        this.name = name;
        this.size = size;
        this.blocks = blocks;
        this.resource = resource;
    }

    /**
     * A file; stays open until {@link #close}.
     *
     * @param file a file that can be read at any position, so no pipe
     * @return the open file
     * @throws IOException if it cannot be opened
     */
    public static ByteSource open(Path file) throws IOException {
        Given.notNull(file, "byte source: file", "the path of a file");
        if (file.getFileSystem().equals(FileSystems.getDefault())) {
            // A channel is closed for all its readers by an interrupt of one.
            RandomAccessFile bytes = random(file);
            return of(file, bytes, bytes::length, (to, from) -> read(bytes, to, from));
        }
        FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
        return of(file, channel, channel::size, channel::read);
    }

    private static RandomAccessFile random(Path file) throws IOException {
        try {
            return new RandomAccessFile(file.toFile(), "r");
        } catch (FileNotFoundException e) {
            // It may be there: a channel tells by an exception of its own what is the matter.
            FileChannel.open(file, StandardOpenOption.READ).close();
            throw e;
        }
    }

    private static ByteSource of(Path file, Closeable open, Length length, Blocks blocks) throws IOException {
        try {
            return new ByteSource(file.toString(), length.get(), (to, from) -> {
                try {
                    return blocks.read(to, from);
                } catch (IOException e) {
                    throw IoProblem.named(file, e);
                }
            }, open);
        } catch (IOException | RuntimeException | Error e) {
            open.close();
            throw e;
        }
    }

    private static int read(RandomAccessFile file, ByteBuffer to, long from) throws IOException {
        byte[] bytes = to.hasArray() ? to.array() : new byte[Math.min(to.remaining(), BLOCK_BYTES)];
        int at = to.hasArray() ? to.arrayOffset() + to.position() : 0;
        int count;
        synchronized (file) {
            file.seek(from);
            count = file.read(bytes, at, Math.min(to.remaining(), bytes.length - at));
        }
        if (count > 0 && to.hasArray()) {
            to.position(to.position() + count);
        } else if (count > 0) {
            to.put(bytes, 0, count);
        }
        return count;
    }

    /**
     * Bytes in memory, which are not copied and must not change.
     *
     * @param name what messages call them
     * @param bytes all of them
     * @return a source that need not be closed
     */
    public static ByteSource of(byte[] bytes, String name) {
        Given.notNull(name, "byte source: name", "what messages call the bytes");
        Given.notNull(bytes, "byte source: bytes", "all bytes of a file");
        return new ByteSource(name, bytes.length, (to, from) -> copy(bytes, bytes.length, to, from), () -> {
        });
    }

    /**
     * Reads a stream to its end, for example a resource of a jar, and holds its bytes; the stream stays open.
     *
     * @param name what messages call it
     * @param in read from where it stands
     * @return a source that need not be closed
     * @throws IOException if reading fails
     */
    public static ByteSource read(InputStream in, String name) throws IOException {
        Given.notNull(name, "byte source: name", "what messages call the bytes");
        Given.notNull(in, "byte source: stream", "an open stream; getResourceAsStream gives null where there is no resource of the name");
        List<byte[]> held = new ArrayList<>();
        long size = 0;
        for (byte[] block = in.readNBytes(BLOCK_BYTES); block.length > 0; block = in.readNBytes(BLOCK_BYTES)) {
            held.add(block);
            size += block.length;
        }
        byte[][] all = held.toArray(byte[][]::new);
        return new ByteSource(name, size, (to, from) -> {
            int block = (int) Math.min(from / BLOCK_BYTES, all.length);
            return block == all.length ? -1 : copy(all[block], all[block].length, to, from % BLOCK_BYTES);
        }, () -> {
        });
    }

    private static int copy(byte[] from, int length, ByteBuffer to, long at) {
        if (at >= length) {
            return -1;
        }
        int count = (int) Math.min(to.remaining(), length - at);
        to.put(from, (int) at, count);
        return count;
    }

    /** {@return what messages call it: the file's path as it was given, or the name of the bytes} */
    public String name() {
        return name;
    }

    /** {@return how many bytes there are} */
    public long size() {
        return size;
    }

    /**
     * Fills a buffer with the bytes from a position on; what remains in the buffer afterwards is missing, since the source ended before.
     *
     * @param from position of the first byte, from 0
     * @param to filled from its position to its limit
     * @throws IOException if reading fails
     */
    public void read(long from, ByteBuffer to) throws IOException {
        Given.notNull(to, "byte source: to", "a buffer that receives the bytes");
        long at = from;
        while (to.hasRemaining()) {
            int count = blocks.read(to, at);
            if (count < 0) {
                return;
            }
            at += count;
        }
    }

    /** The first bytes, as {@link FileSignature} looks at them. */
    byte[] head() throws IOException {
        ByteBuffer head = ByteBuffer.allocate((int) Math.min(size, FileSignature.HEAD_BYTES));
        read(0, head);
        return Arrays.copyOf(head.array(), head.position());
    }

    @Override
    public void close() throws IOException {
        resource.close();
    }
}
