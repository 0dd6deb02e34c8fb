package dev.fedtiny.federation;

import dev.fedtiny.privacy.FixedPoint;
import dev.fedtiny.privacy.OpenedSum;

/**
 * Sums of weighted floats in whole numbers: Σ round(w·x·2⁵²), so that what they come to depends neither on the order of the additions nor
 * on how they were grouped, and partial sums of several servers can be added to each other. A sum is two longs, the multiples of 16 and the
 * rest in units of 2⁻⁵², 16 bytes in all; one addition costs two roundings and two integer additions. For whole weights below 2²⁹ the
 * product is exact in double, and a value of at least 2⁻²⁸/w in magnitude is added without any rounding.
 *
 * <p>Ranges are checked where they could be left: |w·x| ≤ 2⁴⁶ a value ({@link #fits}) and 2²⁰ additions keep every sum within its long.
 * Not thread-safe.
 */
final class ExactSums {
    /** The largest weighted value. */
    static final double LARGEST = FixedPoint.LARGEST;
    /** The most additions. */
    static final int MOST_ADDITIONS = 1 << 20;

    private static final double UNIT = 16;
    private static final double FRACTION = 0x1p52;
    /** Units of the fraction that are one unit of the whole. */
    private static final int CARRY_BITS = 56;
    /** Each addition changes a fraction by at most 2⁵⁵, which may be there already: a long holds 255 of them. */
    private static final int ADDITIONS_BETWEEN_CARRIES = 250;

    private final long[] whole;
    private final long[] fraction;
    private int additions;
    private int sinceCarry;

    /** Zeros. */
    ExactSums(int count) {
        whole = new long[count];
        fraction = new long[count];
    }

    /**
     * Sums that were added up elsewhere, under masks.
     *
     * @param from the first word of them
     * @param additions how many values each is a sum of
     */
    static ExactSums of(OpenedSum sum, int from, int count, int additions) {
        ExactSums sums = new ExactSums(count);
        for (int i = 0; i < count; i++) {
            sums.whole[i] = FixedPoint.wholeOf(sum.low()[from + i], sum.high()[from + i]);
            sums.fraction[i] = FixedPoint.fractionOf(sum.low()[from + i]);
        }
        sums.additions = additions;
        sums.sinceCarry = 1;
        return sums;
    }

    int count() {
        return whole.length;
    }

    /** Whether values with this weight can be added: finite products of at most {@link #LARGEST} in magnitude. */
    static boolean fits(double weight, float[] values) {
        for (float value : values) {
            if (!(Math.abs(weight * value) <= LARGEST)) {
                return false;
            }
        }
        return true;
    }

    /**
     * Begins an addition, in which every place is added to at most once.
     *
     * @throws ArithmeticException if there were too many before
     */
    void begin() {
        if (additions == MOST_ADDITIONS) {
            throw new ArithmeticException("a sum of " + MOST_ADDITIONS + " updates has another one added, expected no more; ask fewer "
                    + "devices in a round");
        }
        additions++;
        if (++sinceCarry == ADDITIONS_BETWEEN_CARRIES) {
            carry();
        }
    }

    /**
     * Adds an array.
     *
     * @param values one a place
     */
    void add(double weight, float[] values) {
        begin();
        for (int i = 0; i < values.length; i++) {
            add(i, weight * values[i]);
        }
    }

    /**
     * Adds to one place; between {@link #begin} and the next.
     *
     * @throws ArithmeticException if the value is out of range
     */
    void add(int place, double value) {
        if (!(Math.abs(value) <= LARGEST)) {
            throw new ArithmeticException("a weighted value of " + value + " is added to a sum, expected at most " + LARGEST
                    + " in magnitude");
        }
        long units = FixedPoint.whole(value);
        whole[place] += units;
        fraction[place] += FixedPoint.fraction(value, units);
    }

    /**
     * Adds sums of other values.
     *
     * @param other as many sums; stays as it is
     * @throws ArithmeticException if there are too many additions in both together
     */
    void merge(ExactSums other) {
        if (additions > MOST_ADDITIONS - other.additions) {
            throw new ArithmeticException("sums of " + additions + " and " + other.additions + " updates are put together, expected at "
                    + "most " + MOST_ADDITIONS);
        }
        additions += other.additions;
        carry();
        other.carry();
        for (int i = 0; i < whole.length; i++) {
            whole[i] += other.whole[i];
            fraction[i] += other.fraction[i];
        }
        sinceCarry = 1;
    }

    /** The same sums at other places, and zeros where there was none: for every new place the old one, or −1. */
    ExactSums spread(int[] from) {
        ExactSums wider = new ExactSums(from.length);
        for (int i = 0; i < from.length; i++) {
            wider.whole[i] = from[i] < 0 ? 0 : whole[from[i]];
            wider.fraction[i] = from[i] < 0 ? 0 : fraction[from[i]];
        }
        wider.additions = additions;
        wider.sinceCarry = sinceCarry;
        return wider;
    }

    /** A sum, rounded to the nearest double but for the last bit: the same for the same values, however they were added. */
    double sum(int place) {
        long carried = carried(fraction[place]);
        return UNIT * (whole[place] + carried) + (fraction[place] - (carried << CARRY_BITS)) / FRACTION;
    }

    /** The nearest multiple of a unit of the whole: what is left lies around zero, so that small sums keep their digits. */
    private static long carried(long fraction) {
        return fraction + (1L << CARRY_BITS - 1) >> CARRY_BITS;
    }

    private void carry() {
        for (int i = 0; i < whole.length; i++) {
            long carried = carried(fraction[i]);
            whole[i] += carried;
            fraction[i] -= carried << CARRY_BITS;
        }
        sinceCarry = 0;
    }
}
