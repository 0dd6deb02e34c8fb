package dev.fedtiny.protocol;

import java.io.IOException;

/** Takes the bytes of frames piece by piece, for example into a socket. */
@FunctionalInterface
public interface FrameSink {
    /**
     * Takes {@code bytes[from, from + count)}; the array may change afterwards.
     *
     * @param bytes an array that holds the piece
     * @param from its first byte
     * @param count its length
     * @throws IOException if they cannot be passed on
     */
    void write(byte[] bytes, int from, int count) throws IOException;
}
