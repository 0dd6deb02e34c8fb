package dev.fedtiny.experiment.checkpoint;

import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.method.StateWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.util.zip.CRC32C;

/**
 * Writes a checkpoint's parts, little-endian, through a buffer of 64 KiB: nothing of the state is copied as a whole. The CRC32C of all
 * bytes ends the file. Not thread-safe.
 */
final class CheckpointWriter implements StateWriter {
    private static final int BUFFER_BYTES = 1 << 16;

    private final FileChannel channel;
    private final CRC32C checksum = new CRC32C();
    private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES).order(ByteOrder.LITTLE_ENDIAN);

    /** Writes from the channel's position on. */
    CheckpointWriter(FileChannel channel) {
        this.channel = channel;
    }

    private ByteBuffer room(int bytes) throws IOException {
        if (buffer.remaining() < bytes) {
            drain();
        }
        return buffer;
    }

    private void drain() throws IOException {
        buffer.flip();
        checksum.update(buffer.duplicate());
        write();
    }

    private void write() throws IOException {
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
        buffer.clear();
    }

    @Override
    public CheckpointWriter int8(int value) throws IOException {
        room(1).put((byte) value);
        return this;
    }

    @Override
    public CheckpointWriter int32(int value) throws IOException {
        room(4).putInt(value);
        return this;
    }

    @Override
    public CheckpointWriter int64(long value) throws IOException {
        room(8).putLong(value);
        return this;
    }

    @Override
    public CheckpointWriter float64(double value) throws IOException {
        room(8).putDouble(value);
        return this;
    }

    @Override
    public CheckpointWriter float32s(float[] values) throws IOException {
        for (float value : values) {
            room(4).putFloat(value);
        }
        return this;
    }

    @Override
    public CheckpointWriter bytes(byte[] values) throws IOException {
        for (byte value : values) {
            room(1).put(value);
        }
        return this;
    }

    /** Bits in bytes, the first one lowest. */
    CheckpointWriter bits(boolean[] bits) throws IOException {
        for (int from = 0; from < bits.length; from += 8) {
            int octet = 0;
            for (int bit = 0; bit < Math.min(8, bits.length - from); bit++) {
                octet |= bits[from + bit] ? 1 << bit : 0;
            }
            int8(octet);
        }
        return this;
    }

    @Override
    public CheckpointWriter positions(int[] positions) throws IOException {
        int32(positions.length);
        for (int position : positions) {
            int32(position);
        }
        return this;
    }

    /** Full (0), positions (1) or a bitmap (2), whichever is shortest. */
    @Override
    public CheckpointWriter mask(Mask mask) throws IOException {
        if (mask.isFull()) {
            return int8(CheckpointReader.FULL);
        }
        if (4L * (mask.count() + 1) <= (mask.size() + 7L) / 8) {
            return int8(CheckpointReader.POSITIONS).positions(mask.indices());
        }
        boolean[] active = new boolean[mask.size()];
        for (int i = 0; i < mask.count(); i++) {
            active[mask.index(i)] = true;
        }
        return int8(CheckpointReader.BITMAP).bits(active);
    }

    /** Writes what is left, and the checksum. */
    void finish() throws IOException {
        drain();
        buffer.putInt((int) checksum.getValue()).flip();
        write();
    }
}
