package dev.fedtiny.privacy;

/**
 * Numbers as whole multiples of 2⁻⁵², in two parts: v = 16·whole + fraction·2⁻⁵². Sums of parts are exact, whatever their order. Together
 * they are one integer t = whole·2⁵⁶ + fraction, which secure aggregation adds modulo 2⁹⁶: as long as |Σ v| stays below
 * 2⁴³ the integer comes back whole, so that a masked sum has the bits of an open one.
 */
public final class FixedPoint {
    /** The largest value that has parts. */
    public static final double LARGEST = 0x1p46;
    /** The largest sum that its 96 bits give back; half of what they could hold. */
    public static final double LARGEST_SUM = 0x1p42;
    /** Bytes of an integer modulo 2⁹⁶. */
    public static final int WORD_BYTES = 12;

    private static final double UNIT = 16;
    private static final double FRACTION = 0x1p52;
    /** Units of the fraction that are one unit of the whole. */
    private static final int UNIT_BITS = 56;

    private FixedPoint() {
    }

    /**
     * Multiples of 16.
     *
     * @param value at most {@link #LARGEST} in magnitude
     * @return the nearest whole number of them
     */
    public static long whole(double value) {
        return (long) Math.rint(value / UNIT);
    }

    /**
     * What is left.
     *
     * @param value at most {@link #LARGEST} in magnitude
     * @param whole its {@link #whole}
     * @return in units of 2⁻⁵², at most 2⁵⁵ in magnitude
     */
    public static long fraction(double value, long whole) {
        return (long) Math.rint((value - UNIT * whole) * FRACTION);
    }

    /**
     * The lower 64 bits of the integer.
     *
     * @param whole part
     * @param fraction part
     * @return t mod 2⁶⁴
     */
    public static long low(long whole, long fraction) {
        return (whole << UNIT_BITS) + fraction;
    }

    /**
     * The 32 bits above them.
     *
     * @param whole part
     * @param fraction part
     * @return t / 2⁶⁴, modulo 2³²
     */
    public static int high(long whole, long fraction) {
        long shifted = whole << UNIT_BITS;
        int carry = Long.compareUnsigned(shifted + fraction, shifted) < 0 ? 1 : 0;
        return (int) ((whole >> 64 - UNIT_BITS) + (fraction >> 63) + carry);
    }

    /**
     * The multiples of 16 in an integer.
     *
     * @param low its lower 64 bits
     * @param high the 32 bits above, with its sign
     * @return the nearest whole number of them
     */
    public static long wholeOf(long low, int high) {
        return ((long) high << 64 - UNIT_BITS | low >>> UNIT_BITS) + (low >>> UNIT_BITS - 1 & 1);
    }

    /**
     * What is left of an integer.
     *
     * @param low its lower 64 bits
     * @return in units of 2⁻⁵², from −2⁵⁵ to below 2⁵⁵
     */
    public static long fractionOf(long low) {
        return low << 64 - UNIT_BITS >> 64 - UNIT_BITS;
    }

    /**
     * The value of an integer, rounded.
     *
     * @param low its lower 64 bits
     * @param high the 32 bits above, with its sign
     * @return t·2⁻⁵²
     */
    public static double value(long low, int high) {
        return UNIT * wholeOf(low, high) + fractionOf(low) / FRACTION;
    }
}
