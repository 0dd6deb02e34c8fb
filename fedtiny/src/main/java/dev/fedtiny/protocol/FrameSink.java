package dev.fedtiny.protocol;

import java.io.IOException;

/** Takes the bytes of frames piece by piece, for example into a socket. */
@FunctionalInterface
public interface FrameSink {
    /** Takes {@code bytes[from, from + count)}; the array may change afterwards. */
    void write(byte[] bytes, int from, int count) throws IOException;
}
