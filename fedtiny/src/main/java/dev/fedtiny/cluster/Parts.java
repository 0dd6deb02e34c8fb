package dev.fedtiny.cluster;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.StreamCorruptedException;

/** Pieces of turns: bytes with their length before them, and what they are called. */
final class Parts {
    private Parts() {
    }

    /** Bytes from a stream that is in memory as a whole; a length is believed only if so many follow. */
    static byte[] read(DataInputStream in) throws IOException {
        int length = in.readInt();
        if (length < 0 || length > in.available()) {
            throw new StreamCorruptedException("a part of " + length + " bytes, of which " + in.available() + " are there");
        }
        byte[] bytes = new byte[length];
        in.readFully(bytes);
        return bytes;
    }
}
