package dev.fedtiny.engine.internal.kernel.scalar;

import dev.fedtiny.engine.internal.kernel.Bfloat16;
import dev.fedtiny.engine.internal.kernel.FusedMultiply;

/**
 * What the loops of twins are made of that are written once (engine/src/templates/twins): here a vector is one lane. In the vector twins,
 * calls of the Vector API with the same bits stand in their place.
 */
final class LaneMath {
    /** Lanes of a vector. */
    static final int LENGTH = 1;

    private LaneMath() {
    }

    static float load(float[] a, int at) {
        return a[at];
    }

    static void store(float v, float[] a, int at) {
        a[at] = v;
    }

    /** Value {@code at} of an array of {@link Bfloat16} pairs. */
    static float widened(float[] pairs, int at) {
        return Bfloat16.get(pairs, at);
    }

    /** Rounds a value to {@link Bfloat16}. */
    static void narrow(float v, float[] pairs, int at) {
        Bfloat16.set(pairs, at, v);
    }

    /** The number in every lane. */
    static float all(float v) {
        return v;
    }

    static float add(float a, float b) {
        return a + b;
    }

    static float sub(float a, float b) {
        return a - b;
    }

    static float mul(float a, float b) {
        return a * b;
    }

    static float div(float a, float b) {
        return a / b;
    }

    /** a·b + c, rounded as {@link FusedMultiply} says. */
    static float multiplyAdd(float a, float b, float c) {
        return FusedMultiply.multiplyAdd(a, b, c);
    }

    static float sqrt(float v) {
        return (float) Math.sqrt(v);
    }

    static float abs(float v) {
        return Math.abs(v);
    }

    static boolean less(float a, float b) {
        return a < b;
    }

    static boolean greater(float a, float b) {
        return a > b;
    }

    static boolean same(float a, float b) {
        return a == b;
    }

    /** Where v is larger than the largest value so far, or NaN: the only value that differs from itself. */
    static boolean replaces(float v, float largest) {
        return v > largest || v != v;
    }

    static float select(boolean condition, float yes, float no) {
        return condition ? yes : no;
    }

    /** The number whose sign and exponent are the last nine bits of the number's own: 2ⁿ for those of an integer n + 127. */
    static float exponentOfLastBits(float v) {
        return Float.intBitsToFloat(Float.floatToRawIntBits(v) << 23);
    }
}
