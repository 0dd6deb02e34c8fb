package dev.fedtiny.engine.internal.kernel;

/**
 * The 16-bit floating-point form bfloat16: the upper half of a float32, so with its exponents and eight significant bits. Two neighbouring
 * values share a word, the 32 bits of a float in an array: value i lies in word i / 2, in its lower half where i is even. Words that hold
 * such pairs are moved as bits and never computed with. So activations of either form lie in one array and take each other's place.
 */
public final class Bfloat16 {
    private static final int UPPER = 0xFFFF0000;
    private static final int INFINITY = 0x7F800000;
    /** A NaN keeps this bit, so that it stays one though all others of its lower half are cut off. */
    private static final int QUIET = 0x00400000;

    private Bfloat16() {
    }

    /** The sixteen bits that are nearest to a value, ties to even, in the lower half of the result; NaN stays NaN. */
    public static int round(float value) {
        int bits = Float.floatToRawIntBits(value);
        int rounded = (bits & Integer.MAX_VALUE) > INFINITY ? bits | QUIET : bits + (bits >>> 16 & 1) + 0x7FFF;
        return rounded >>> 16;
    }

    /** Value i of an array of pairs. */
    public static float get(float[] pairs, int i) {
        int bits = Float.floatToRawIntBits(pairs[i >> 1]);
        return Float.intBitsToFloat((i & 1) == 0 ? bits << 16 : bits & UPPER);
    }

    /** Rounds a value and puts it down as value i of an array of pairs. */
    public static void set(float[] pairs, int i, float value) {
        int bits = Float.floatToRawIntBits(pairs[i >> 1]);
        int rounded = round(value);
        pairs[i >> 1] = Float.intBitsToFloat((i & 1) == 0 ? bits & UPPER | rounded : bits & ~UPPER | rounded << 16);
    }
}
