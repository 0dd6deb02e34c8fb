package dev.fedtiny.cluster;

import dev.fedtiny.protocol.Platform;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A piece of work on its way to a node. Big-endian: magic (4), version (4), fingerprint of the classes (UTF), release (UTF), whether
 * multiply and add are fused (1), whether bits must be the same (1), name of the task (UTF), content (4 + its bytes), number of objects
 * (4), and for each its SHA-256 (UTF) and bytes (4 + them).
 *
 * @param classes fingerprint of the driver's classes, which the node's must equal
 * @param platform the driver's
 * @param exact whether the node must compute the driver's bits
 * @param task what is to be done; {@link #ANNOUNCE}: to say who it is
 * @param content for the task
 * @param objects what the node is sent with it, by SHA-256
 */
record Turn(String classes, Platform platform, boolean exact, String task, byte[] content, Map<String, byte[]> objects) {
    /** Asks a node who it is. */
    static final String ANNOUNCE = "announce";

    private static final int MAGIC = 'F' << 24 | 'D' << 16 | 'T' << 8 | 'N';
    private static final int VERSION = 1;
    private static final int ROOM = 1 << 10;

    byte[] encode() {
        long bytes = ROOM + content.length + objects.values().stream().mapToLong(object -> object.length + ROOM).sum();
        if (bytes > Integer.MAX_VALUE - ROOM) {
            throw new IllegalArgumentException("a turn of " + bytes + " bytes, expected less than 2 GiB; let nodes read large data from a "
                    + "folder of their own");
        }
        ByteArrayOutputStream bytesOut = new ByteArrayOutputStream((int) bytes);
        try (DataOutputStream out = new DataOutputStream(bytesOut)) {
            out.writeInt(MAGIC);
            out.writeInt(VERSION);
            out.writeUTF(classes);
            out.writeUTF(platform.release());
            out.writeBoolean(platform.fusedMultiplyAdd());
            out.writeBoolean(exact);
            out.writeUTF(task);
            Parts.write(out, content);
            out.writeInt(objects.size());
            for (Map.Entry<String, byte[]> object : objects.entrySet()) {
                out.writeUTF(object.getKey());
                Parts.write(out, object.getValue());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytesOut.toByteArray();
    }

    /**
     * Reads one.
     *
     * @throws TurnRefusedException if it is none, or of another version
     */
    static Turn decode(byte[] bytes) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            if (in.readInt() != MAGIC) {
                throw new TurnRefusedException("these bytes are no turn of this project (wrong magic number)");
            }
            int version = in.readInt();
            if (version != VERSION) {
                throw new TurnRefusedException("turns of version " + version + " came, expected " + VERSION
                        + "; run the same build on driver and nodes");
            }
            String classes = in.readUTF();
            Platform platform = new Platform(in.readUTF(), in.readBoolean());
            boolean exact = in.readBoolean();
            String task = in.readUTF();
            byte[] content = Parts.read(in);
            Map<String, byte[]> objects = new LinkedHashMap<>();
            for (int count = in.readInt(); count > 0; count--) {
                objects.put(in.readUTF(), Parts.read(in));
            }
            return new Turn(classes, platform, exact, task, content, objects);
        } catch (IOException | IllegalArgumentException e) {
            throw new TurnRefusedException("a turn is damaged: " + e);
        }
    }
}
