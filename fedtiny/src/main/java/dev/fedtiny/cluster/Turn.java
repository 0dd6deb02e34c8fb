package dev.fedtiny.cluster;

import dev.fedtiny.protocol.Platform;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
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

    byte[] encode() {
        PartsWriter writer = new PartsWriter().write(out -> {
            out.writeInt(MAGIC);
            out.writeInt(VERSION);
            out.writeUTF(classes);
            out.writeUTF(platform.release());
            out.writeBoolean(platform.fusedMultiplyAdd());
            out.writeBoolean(exact);
            out.writeUTF(task);
        }).part(content).write(out -> out.writeInt(objects.size()));
        objects.forEach((hash, bytes) -> writer.write(out -> out.writeUTF(hash)).part(bytes));
        return writer.joined();
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
