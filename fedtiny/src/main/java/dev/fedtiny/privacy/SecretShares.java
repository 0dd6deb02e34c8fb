package dev.fedtiny.privacy;

import java.security.SecureRandom;
import java.util.Map;

/**
 * Shamir's shares of a secret (Shamir, CACM 1979), byte by byte over GF(2⁸) modulo x⁸ + x⁴ + x³ + x + 1: share i is f(i) of a random
 * polynomial f of degree t − 1 with f(0) the secret's byte. Any t shares give the secret back, s = Σ_i f(i)·Π_{j≠i} j / (j − i); fewer say
 * nothing of it.
 */
final class SecretShares {
    /** The most shares: points other than 0. */
    static final int MOST = 255;

    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int[] EXP = new int[510];
    private static final int[] LOG = new int[256];

    static {
        int x = 1;
        for (int i = 0; i < 255; i++) {
            EXP[i] = x;
            EXP[i + 255] = x;
            LOG[x] = i;
            // Times 3, which generates the group.
            x ^= x << 1;
            x ^= x > 255 ? 0x11b : 0;
        }
    }

    private SecretShares() {
    }

    /**
     * Shares out a secret.
     *
     * @param count how many shares, at most {@link #MOST}
     * @param threshold t, how many give the secret back, from 1 to count
     * @return share 1 at place 0, as long as the secret each
     */
    static byte[][] split(byte[] secret, int count, int threshold) {
        if (threshold < 1 || threshold > count || count > MOST) {
            throw new IllegalArgumentException("shares: " + threshold + " of " + count + ", expected 1 to " + count + " of at most "
                    + MOST);
        }
        byte[][] coefficients = new byte[threshold - 1][secret.length];
        for (byte[] coefficient : coefficients) {
            RANDOM.nextBytes(coefficient);
        }
        byte[][] shares = new byte[count][secret.length];
        for (int share = 0; share < count; share++) {
            for (int b = 0; b < secret.length; b++) {
                int value = 0;
                for (int c = coefficients.length - 1; c >= 0; c--) {
                    value = times(value, share + 1) ^ coefficients[c][b] & 0xff;
                }
                shares[share][b] = (byte) (times(value, share + 1) ^ secret[b] & 0xff);
            }
        }
        return shares;
    }

    /**
     * Puts a secret together.
     *
     * @param shares by their number, from 1; at least as many as the threshold, all of one length
     * @return the secret; something else where a share is wrong
     */
    static byte[] join(Map<Integer, byte[]> shares) {
        byte[] secret = new byte[shares.values().iterator().next().length];
        shares.forEach((i, share) -> {
            int factor = 1;
            for (int j : shares.keySet()) {
                if (j != i) {
                    factor = times(factor, EXP[LOG[j] + 255 - LOG[j ^ i]]);
                }
            }
            for (int b = 0; b < secret.length; b++) {
                secret[b] ^= (byte) times(share[b] & 0xff, factor);
            }
        });
        return secret;
    }

    private static int times(int a, int b) {
        return a == 0 || b == 0 ? 0 : EXP[LOG[a] + LOG[b]];
    }
}
