package dev.fedtiny.protocol;

import java.util.zip.CRC32C;

/**
 * The CRC-32C of short bytes followed by the same long ones, again and again, without looking at the long ones twice. Checksums are
 * remainders modulo a polynomial P over GF(2), so that crc(A B) = crc(A) · x^(8 |B|) mod P ⊕ crc(B), as in zlib's
 * {@code crc32_combine}. Cost: the long bytes once, then a multiplication of two polynomials a checksum. Immutable, thread-safe.
 */
final class JoinedChecksum {
    /** P of CRC-32C without x³², bit 31 − k for xᵏ, as checksums have it. */
    private static final int POLYNOMIAL = 0x82F63B78;
    private static final int ONE = 1 << 31;
    private static final int X_TO_THE_8 = 1 << 31 - 8;

    private final int last;
    /** x^(8 · length of the long bytes) mod P. */
    private final int shift;

    /** For what the given bytes are the end of. */
    JoinedChecksum(byte[] last) {
        this.last = checksum(last);
        this.shift = power(last.length);
    }

    private static int checksum(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        return (int) crc.getValue();
    }

    /** Of these bytes and the long ones after them. */
    int after(byte[] first) {
        return times(checksum(first), shift) ^ last;
    }

    /** x^(8 n) mod P. */
    private static int power(int n) {
        int power = ONE;
        int square = X_TO_THE_8;
        for (int bits = n; bits != 0; bits >>>= 1) {
            if ((bits & 1) != 0) {
                power = times(power, square);
            }
            square = times(square, square);
        }
        return power;
    }

    /** The product of two polynomials mod P. */
    private static int times(int a, int b) {
        int product = 0;
        int shifted = b;
        for (int term = ONE; term != 0; term >>>= 1) {
            if ((a & term) != 0) {
                product ^= shifted;
            }
            shifted = (shifted & 1) == 0 ? shifted >>> 1 : shifted >>> 1 ^ POLYNOMIAL;
        }
        return product;
    }
}
