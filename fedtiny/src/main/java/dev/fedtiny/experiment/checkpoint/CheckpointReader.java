package dev.fedtiny.experiment.checkpoint;

import dev.fedtiny.engine.io.FileSignature;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.method.StateReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.CRC32C;

/**
 * Reads what {@link CheckpointWriter} wrote, trusting none of it: the checksum is verified before the first part is read, and no length is
 * believed before it is checked against the bytes that are there, so reading never takes more than a small multiple of the file's size or
 * of the network's. Not thread-safe.
 */
final class CheckpointReader implements StateReader {
    static final int FULL = 0;
    static final int POSITIONS = 1;
    static final int BITMAP = 2;

    private static final int BUFFER_BYTES = 1 << 16;
    private static final int CHECKSUM_BYTES = 4;

    private final Path file;
    private final FileChannel channel;
    private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES).order(ByteOrder.LITTLE_ENDIAN).limit(0);
    private final long end;
    private long filled;

    private CheckpointReader(Path file, FileChannel channel, long end) {
        this.file = file;
        this.channel = channel;
        this.end = end;
    }

    /**
     * Verifies the checksum of a file and stands at its start.
     *
     * @param channel of the file, open as long as the reader is used
     * @throws CheckpointException if the checksum is not that of the bytes
     */
    static CheckpointReader open(Path file, FileChannel channel) throws IOException {
        long size = channel.size();
        if (size < CHECKSUM_BYTES) {
            throw new CheckpointException(file, size, "the file ends here; it is no checkpoint");
        }
        CheckpointReader whole = new CheckpointReader(file, channel, size);
        CRC32C checksum = new CRC32C();
        while (whole.position() < size - CHECKSUM_BYTES) {
            whole.fill(1);
            int bytes = (int) Math.min(whole.buffer.remaining(), size - CHECKSUM_BYTES - whole.position());
            checksum.update(whole.buffer.array(), whole.buffer.position(), bytes);
            whole.buffer.position(whole.buffer.position() + bytes);
        }
        int stored = whole.int32();
        if (stored != (int) checksum.getValue()) {
            throw new CheckpointException(file, size - CHECKSUM_BYTES, FileSignature.describe(file).orElse("checksum is 0x"
                    + Integer.toHexString(stored) + ", the bytes before it give 0x" + Integer.toHexString((int) checksum.getValue())
                    + ": the file is damaged"));
        }
        return new CheckpointReader(file, channel, size - CHECKSUM_BYTES);
    }

    private long position() {
        return filled - buffer.remaining();
    }

    private void fill(int bytes) throws IOException {
        if (buffer.remaining() >= bytes) {
            return;
        }
        buffer.compact();
        while (buffer.position() < bytes) {
            int read = channel.read(buffer, filled);
            if (read < 0) {
                throw new CheckpointException(file, filled, "the file became shorter while it was read");
            }
            filled += read;
        }
        buffer.flip();
    }

    /** Checks that so many bytes follow. */
    void require(long bytes) throws IOException {
        if (bytes > end - position()) {
            throw error(bytes + " bytes expected, " + (end - position()) + " are left");
        }
    }

    private ByteBuffer take(int bytes) throws IOException {
        require(bytes);
        fill(bytes);
        return buffer;
    }

    @Override
    public int int8() throws IOException {
        return take(1).get() & 0xff;
    }

    @Override
    public int int32() throws IOException {
        return take(4).getInt();
    }

    @Override
    public long int64() throws IOException {
        return take(8).getLong();
    }

    @Override
    public double float64() throws IOException {
        return take(8).getDouble();
    }

    @Override
    public int int32In(String name, int least, int most) throws IOException {
        int value = int32();
        if (value < least || value > most) {
            throw error(name + " is " + value + ", expected " + least + " to " + most);
        }
        return value;
    }

    /** A number that is not negative. */
    long count64(String name) throws IOException {
        long value = int64();
        if (value < 0) {
            throw error(name + " is " + value + ", expected at least 0");
        }
        return value;
    }

    @Override
    public int length(String name, int entryBytes) throws IOException {
        int length = int32In(name, 0, Integer.MAX_VALUE);
        require((long) length * entryBytes);
        return length;
    }

    @Override
    public float[] float32s(int count) throws IOException {
        require(4L * count);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = take(4).getFloat();
            if (!Float.isFinite(values[i])) {
                throw error("a value is " + values[i] + ", expected a number");
            }
        }
        return values;
    }

    @Override
    public byte[] bytes(int count) throws IOException {
        require(count);
        byte[] values = new byte[count];
        for (int i = 0; i < count; i++) {
            values[i] = take(1).get();
        }
        return values;
    }

    boolean[] bits(int count) throws IOException {
        require((count + 7L) / 8);
        boolean[] bits = new boolean[count];
        int octet = 0;
        for (int i = 0; i < count; i++) {
            octet = i % 8 == 0 ? int8() : octet >>> 1;
            bits[i] = (octet & 1) != 0;
        }
        return bits;
    }

    @Override
    public int[] positions(String name, int size) throws IOException {
        int[] positions = new int[length("number of " + name, 4)];
        int previous = -1;
        for (int i = 0; i < positions.length; i++) {
            positions[i] = int32();
            if (positions[i] <= previous || positions[i] >= size) {
                throw error(name + ": " + positions[i] + " follows " + previous + "; they must rise strictly and stay below " + size);
            }
            previous = positions[i];
        }
        return positions;
    }

    @Override
    public Mask mask(int size) throws IOException {
        int form = int8();
        return switch (form) {
            case FULL -> Mask.full(size);
            case POSITIONS -> Mask.of(size, positions("active positions", size));
            case BITMAP -> {
                boolean[] active = bits(size);
                int[] positions = new int[size];
                int count = 0;
                for (int i = 0; i < size; i++) {
                    if (active[i]) {
                        positions[count++] = i;
                    }
                }
                yield Mask.of(size, Arrays.copyOf(positions, count));
            }
            default -> throw error("form of a mask is " + form + ", expected 0 (full), 1 (positions) or 2 (bitmap)");
        };
    }

    /** Checks that nothing is left. */
    void finish() throws IOException {
        if (position() != end) {
            throw error((end - position()) + " bytes follow after the end");
        }
    }

    @Override
    public CheckpointException error(String sentence) {
        // The checksum was right: whatever wrote these bytes meant them, and can read them.
        return CheckpointException.foreign(file, position(), sentence);
    }
}
