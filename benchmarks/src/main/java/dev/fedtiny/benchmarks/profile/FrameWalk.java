package dev.fedtiny.benchmarks.profile;

/**
 * Looks at the raw bytes of one direction of a stream and tells frames apart by the lengths they announce. It knows where a frame's length
 * stands and nothing else of the protocol, so that it counts by itself. Thread-safe.
 */
final class FrameWalk {
    private static final int LENGTH_OFFSET = 6;
    private static final int HEADER_BYTES = 18;
    private static final int CHECKSUM_BYTES = 4;

    private long bytes;
    private long payloadBytes;
    private long frames;
    /** Bytes of the current frame that have passed; 0 between two frames. */
    private long passed;
    private int announced;

    /** The next bytes of the stream. */
    synchronized void pass(byte[] chunk, int count) {
        bytes += count;
        for (int i = 0; i < count;) {
            if (passed < HEADER_BYTES) {
                announce(chunk[i++]);
            } else {
                int step = (int) Math.min(count - i, HEADER_BYTES + announced + (long) CHECKSUM_BYTES - passed);
                passed += step;
                i += step;
            }
            if (passed == HEADER_BYTES + announced + (long) CHECKSUM_BYTES) {
                frames++;
                payloadBytes += announced;
                passed = 0;
                announced = 0;
            }
        }
    }

    /** A byte of a header; the length is little-endian. */
    private void announce(byte value) {
        if (passed >= LENGTH_OFFSET && passed < LENGTH_OFFSET + Integer.BYTES) {
            announced |= (value & 0xff) << 8 * (passed - LENGTH_OFFSET);
        }
        passed++;
    }

    /** All bytes that passed. */
    synchronized long bytes() {
        return bytes;
    }

    /** Whole frames that passed. */
    synchronized long frames() {
        return frames;
    }

    /** Bytes of the payloads of whole frames; what is left of {@link #bytes} is framing, or a frame that has not ended. */
    synchronized long payloadBytes() {
        return payloadBytes;
    }
}
