package dev.fedtiny.engine.sparse;

import dev.fedtiny.engine.internal.check.Given;

/**
 * One bit a position, then the active values.
 *
 * @param rows output channels
 * @param columns C·R·S
 * @param bits position {@code i} is bit {@code i % 64} of word {@code i / 64}; bits past the last position are 0
 * @param values the active values; the array itself
 */
public record BitmaskWeights(int rows, int columns, long[] bits, float[] values) implements Weights {
    /** Checks that the arrays are there; {@link #checkStructure} looks into them. */
    public BitmaskWeights {
        Given.notNull(bits, "weights: bits", "one bit a position");
        Given.notNull(values, "weights: values", "one value an active position");
    }

    static BitmaskWeights of(int rows, int columns, Mask mask, float[] values) {
        return new BitmaskWeights(rows, columns, bits(mask), values);
    }

    /**
     * {@return a mask as bits, as {@link #bits()} describes them}
     *
     * @param mask the active positions
     */
    public static long[] bits(Mask mask) {
        Given.notNull(mask, "bitmask: mask", "the active positions of a weight");
        long[] bits = new long[Math.ceilDiv(mask.size(), 64)];
        for (int i = 0; i < mask.count(); i++) {
            int index = mask.index(i);
            bits[index >> 6] |= 1L << index;
        }
        return bits;
    }

    @Override
    public long bytes() {
        return 8L * bits.length + 4L * values.length;
    }

    @Override
    public ConvolutionAlgorithm algorithm() {
        return ConvolutionAlgorithm.BITMASK;
    }

    @Override
    public Mask mask() {
        return Mask.of(rows * columns, indices(bits, values.length));
    }

    /**
     * {@return flat indices of the {@code count} bits that are set, ascending}
     *
     * @param bits as {@link #bits()} describes them
     * @param count bits that are set
     * @throws IllegalArgumentException if others are
     */
    public static int[] indices(long[] bits, int count) {
        Given.notNull(bits, "bitmask: bits", "a bit a position");
        int set = 0;
        for (long word : bits) {
            set += Long.bitCount(word);
        }
        if (set != count) {
            throw new IllegalArgumentException("bitmask: " + set + " bits are set, expected " + count);
        }
        int[] active = new int[count];
        int to = 0;
        for (int word = 0; word < bits.length; word++) {
            for (long rest = bits[word]; rest != 0; rest &= rest - 1) {
                active[to++] = word * 64 + Long.numberOfTrailingZeros(rest);
            }
        }
        return active;
    }

    @Override
    public void checkStructure() {
        Weights.checkExtents(rows, columns);
        long size = (long) rows * columns;
        if (bits.length != Math.ceilDiv(size, 64)) {
            throw new IllegalStateException("bitmask: " + bits.length + " words for " + size + " positions");
        }
        if (size % 64 != 0 && bits[bits.length - 1] >>> (size % 64) != 0) {
            throw new IllegalStateException("bitmask: bits set past position " + (size - 1));
        }
        long count = 0;
        for (long word : bits) {
            count += Long.bitCount(word);
        }
        Weights.checkCount(values, count);
    }
}
