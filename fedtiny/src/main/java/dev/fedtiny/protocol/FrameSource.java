package dev.fedtiny.protocol;

import java.io.IOException;

/** Gives the bytes of a frame piece by piece, for example from a socket. */
@FunctionalInterface
public interface FrameSource {
    /**
     * Fills {@code into[from, from + count)}, or throws if the bytes end before.
     *
     * @param into an array that takes the piece
     * @param from its first place
     * @param count its length
     * @throws IOException if there are fewer bytes
     */
    void read(byte[] into, int from, int count) throws IOException;
}
