package dev.fedtiny.privacy;

import java.nio.ByteBuffer;
import java.security.SecureRandom;

/**
 * Names one secure sum: drawn anew for each, bound into every key, share and signature of it, so that nothing of one sum is of use in
 * another.
 *
 * @param high 64 bits
 * @param low 64 bits
 */
public record SumId(long high, long low) {
    /** Bytes of a name. */
    public static final int BYTES = 16;

    private static final SecureRandom RANDOM = new SecureRandom();

    /**
     * A name that no sum had before.
     *
     * @return 128 random bits
     */
    public static SumId random() {
        return new SumId(RANDOM.nextLong(), RANDOM.nextLong());
    }

    /**
     * The name as it is hashed and signed.
     *
     * @return {@value #BYTES} bytes, big-endian
     */
    public byte[] bytes() {
        return ByteBuffer.allocate(BYTES).putLong(high).putLong(low).array();
    }
}
