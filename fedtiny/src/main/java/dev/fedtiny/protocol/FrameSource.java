package dev.fedtiny.protocol;

import java.io.IOException;

/** Gives the bytes of a frame piece by piece, for example from a socket. */
@FunctionalInterface
public interface FrameSource {
    /** Fills {@code into[from, from + count)}, or throws if the bytes end before. */
    void read(byte[] into, int from, int count) throws IOException;
}
