package dev.fedtiny.cluster;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** What a node made of a turn. Big-endian: magic (4), version (4), which of the four (1), id of the node (UTF), and what the case holds. */
sealed interface TurnAnswer {
    /** Which life of which node. */
    String node();

    /** The task's answer, and how long the node worked on it. */
    record Done(String node, long nanos, byte[] content) implements TurnAnswer {
    }

    /** Objects that must come with the turn. */
    record Missing(String node, List<String> hashes) implements TurnAnswer {
    }

    /** Another node might do it. */
    record Refused(String node, String sentence) implements TurnAnswer {
    }

    /** It went wrong on the node. */
    record Failed(String node, String sentence) implements TurnAnswer {
    }

    int MAGIC = 'F' << 24 | 'D' << 16 | 'T' << 8 | 'A';
    int VERSION = 1;
    int MOST_TEXT = 1 << 14;

    default byte[] encode() {
        PartsWriter writer = new PartsWriter().write(out -> {
            out.writeInt(MAGIC);
            out.writeInt(VERSION);
        });
        switch (this) {
            case Done done -> head(writer, 0).write(out -> out.writeLong(done.nanos)).part(done.content);
            case Missing missing -> head(writer, 1).write(out -> {
                out.writeInt(missing.hashes.size());
                for (String hash : missing.hashes) {
                    out.writeUTF(hash);
                }
            });
            case Refused refused -> head(writer, 2).write(out -> out.writeUTF(cut(refused.sentence)));
            case Failed failed -> head(writer, 3).write(out -> out.writeUTF(cut(failed.sentence)));
        }
        return writer.joined();
    }

    private PartsWriter head(PartsWriter writer, int which) {
        return writer.write(out -> {
            out.writeByte(which);
            out.writeUTF(node());
        });
    }

    private static String cut(String text) {
        return text.length() <= MOST_TEXT ? text : text.substring(0, MOST_TEXT);
    }

    /**
     * Reads one.
     *
     * @throws IOException if it is none
     */
    static TurnAnswer decode(byte[] bytes) throws IOException {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            if (in.readInt() != MAGIC || in.readInt() != VERSION) {
                throw new IOException("what came back is no answer of this build; run the same build on driver and nodes");
            }
            int which = in.readByte();
            String node = in.readUTF();
            return switch (which) {
                case 0 -> new Done(node, in.readLong(), Parts.read(in));
                case 1 -> {
                    List<String> hashes = new ArrayList<>();
                    for (int count = in.readInt(); count > 0; count--) {
                        hashes.add(in.readUTF());
                    }
                    yield new Missing(node, hashes);
                }
                case 2 -> new Refused(node, in.readUTF());
                case 3 -> new Failed(node, in.readUTF());
                default -> throw new IOException("an answer of kind " + which + ", expected 0 to 3; run the same build everywhere");
            };
        }
    }
}
