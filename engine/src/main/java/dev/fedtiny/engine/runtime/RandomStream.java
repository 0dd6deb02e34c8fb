package dev.fedtiny.engine.runtime;

import dev.fedtiny.engine.internal.check.Given;
import java.nio.charset.StandardCharsets;

/**
 * A named stream of random numbers: every stream of a run is derived from the run's one seed, a purpose and up to a few
 * indices (round, device, candidate, layer), so that no stream depends on how much another was used, on threads or on
 * a resume. The generator is SplitMix64; results are the same on every machine. Not thread-safe; allocates nothing after
 * construction.
 */
public final class RandomStream {
    private static final long GOLDEN = 0x9E3779B97F4A7C15L;

    private long state;
    private double spareGaussian;
    private boolean hasSpareGaussian;

    private RandomStream(long state) {
        this.state = state;
    }

    /**
     * {@return the stream of one purpose}
     *
     * @param seed the run's seed
     * @param purpose what the numbers are for, for example {@code "shuffle"}
     * @param indices what tells streams of one purpose apart, for example round and device
     */
    public static RandomStream of(long seed, String purpose, long... indices) {
        Given.notNull(purpose, "random stream: purpose", "what the numbers are for, for example \"shuffle\"");
        Given.notNull(indices, "random stream: indices", "what tells streams of one purpose apart; none where nothing does");
        long hash = mix(seed + GOLDEN);
        for (byte b : purpose.getBytes(StandardCharsets.UTF_8)) {
            hash = mix(hash ^ (b & 0xff)) + GOLDEN;
        }
        hash = mix(hash ^ indices.length) + GOLDEN;
        for (long index : indices) {
            hash = mix(hash ^ mix(index + GOLDEN)) + GOLDEN;
        }
        return new RandomStream(hash);
    }

    private static long mix(long z) {
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }

    /** {@return the next 64 uniformly distributed bits} */
    public long nextLong() {
        state += GOLDEN;
        return mix(state);
    }

    /**
     * {@return a uniform integer in [0, bound), without bias}
     *
     * @param bound above 0
     * @throws IllegalArgumentException if {@code bound} is not positive
     */
    public int nextInt(int bound) {
        if (bound <= 0) {
            throw new IllegalArgumentException("bound is " + bound + ", must be positive");
        }
        // Values of the last, incomplete run of "bound" would make small results likelier: draw again.
        long limit = (1L << 32) / bound * bound;
        long bits = nextLong() >>> 32;
        while (bits >= limit) {
            bits = nextLong() >>> 32;
        }
        return (int) (bits % bound);
    }

    /** {@return a uniform number in [0, 1) with 53 random bits} */
    public double nextDouble() {
        return (nextLong() >>> 11) * 0x1.0p-53;
    }

    /** {@return a standard normal number (polar method with {@link StrictMath}, so the same on every machine)} */
    public double nextGaussian() {
        if (hasSpareGaussian) {
            hasSpareGaussian = false;
            return spareGaussian;
        }
        double u;
        double v;
        double s;
        do {
            u = 2 * nextDouble() - 1;
            v = 2 * nextDouble() - 1;
            s = u * u + v * v;
        } while (s >= 1 || s == 0);
        double scale = StrictMath.sqrt(-2 * StrictMath.log(s) / s);
        spareGaussian = v * scale;
        hasSpareGaussian = true;
        return u * scale;
    }

    /**
     * Shuffles the array in place (Fisher-Yates, from the back).
     *
     * @param values changed in place
     */
    public void shuffle(int[] values) {
        Given.notNull(values, "random stream: values", "what is shuffled");
        for (int i = values.length - 1; i > 0; i--) {
            int j = nextInt(i + 1);
            int swapped = values[i];
            values[i] = values[j];
            values[j] = swapped;
        }
    }
}
