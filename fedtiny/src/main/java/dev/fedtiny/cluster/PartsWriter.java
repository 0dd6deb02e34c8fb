package dev.fedtiny.cluster;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes one piece after the other as {@link DataOutputStream} does, and parts as {@link Parts#read} takes them. Parts, which may be
 * models, are copied once, when all is joined: models lie in no processor's cache, and their copies are much of what a turn costs.
 */
final class PartsWriter {
    private final ByteArrayOutputStream gathered = new ByteArrayOutputStream();
    private final DataOutputStream small = new DataOutputStream(gathered);
    private final List<byte[]> pieces = new ArrayList<>();

    /** Something that writes what is small; it cannot fail, for all goes to memory. */
    @FunctionalInterface
    interface Writing {
        void to(DataOutputStream out) throws IOException;
    }

    PartsWriter write(Writing what) {
        try {
            what.to(small);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    /** Bytes with their length before them; not to be changed before all is joined. */
    PartsWriter part(byte[] bytes) {
        write(out -> out.writeInt(bytes.length));
        pieces.add(gathered.toByteArray());
        gathered.reset();
        pieces.add(bytes);
        return this;
    }

    /**
     * Everything, in one array of its own.
     *
     * @throws IllegalArgumentException if it is too large for one
     */
    byte[] joined() {
        pieces.add(gathered.toByteArray());
        gathered.reset();
        long bytes = pieces.stream().mapToLong(piece -> piece.length).sum();
        if (bytes > Integer.MAX_VALUE - Long.BYTES) {
            throw new IllegalArgumentException("a turn of " + bytes + " bytes, expected less than 2 GiB; let nodes read large data from a "
                    + "folder of their own");
        }
        byte[] all = new byte[(int) bytes];
        int at = 0;
        for (byte[] piece : pieces) {
            System.arraycopy(piece, 0, all, at, piece.length);
            at += piece.length;
        }
        return all;
    }
}
