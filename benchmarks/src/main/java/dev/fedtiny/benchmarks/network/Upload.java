package dev.fedtiny.benchmarks.network;

import java.io.IOException;
import java.io.OutputStream;

/** Bytes to be sent that lie in several arrays, of which devices share the long one. Immutable. */
final class Upload {
    private final byte[][] pieces;

    Upload(byte[]... pieces) {
        this.pieces = pieces;
    }

    int length() {
        int length = 0;
        for (byte[] piece : pieces) {
            length += piece.length;
        }
        return length;
    }

    /** Writes {@code count} bytes from byte {@code from} on. */
    void write(int from, int count, OutputStream out) throws IOException {
        int begin = 0;
        for (byte[] piece : pieces) {
            int first = Math.max(from, begin);
            int end = Math.min(from + count, begin + piece.length);
            if (first < end) {
                out.write(piece, first - begin, end - first);
            }
            begin += piece.length;
        }
    }
}
