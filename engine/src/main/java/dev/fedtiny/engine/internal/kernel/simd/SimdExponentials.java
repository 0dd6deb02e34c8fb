// Generated from engine/src/templates/twins/Exponentials.java.in by KernelTemplates: change that file.
package dev.fedtiny.engine.internal.kernel.simd;

import static dev.fedtiny.engine.internal.kernel.simd.Species.EXACT;
import static dev.fedtiny.engine.internal.kernel.simd.Species.FLOATS;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * e^x and what is made of it. The polynomials are minimax approximations of this project's own (Remez); errors are those of a test that
 * compares with double precision. NaN gives NaN; nothing else does.
 */
final class SimdExponentials {
    /** Beyond these e^x is infinity, and 0: 2^127.5 and 2^-126. */
    private static final float HIGHEST = 88.37626f;
    private static final float LOWEST = -87.33654f;
    private static final float LOG2_E = 1.442695f;
    /** ln 2 in two parts, the first with so few bits that its product with an exponent is exact. */
    private static final float LN_2_HIGH = 0.693359375f;
    private static final float LN_2_LOW = -2.12194440e-4f;
    /** 1.5·2²³ + 127: added to a small number it leaves the nearest integer, and 127, in the last bits. */
    private static final float ROUNDING = 12583039f;
    private static final float INVERSE_ROOT_2_PI = 0.3989423f;

    private SimdExponentials() {
    }

    /** e^x within 1 ulp: x = n·ln 2 + r, e^r by a polynomial, times 2ⁿ. Infinity above 88.37, 0 below -87.33. */
    static FloatVector exp(FloatVector x) {
        FloatVector shifted = EXACT.cast(x).fma(FloatVector.broadcast(FLOATS, LOG2_E), FloatVector.broadcast(FLOATS, ROUNDING));
        FloatVector n = EXACT.cast(shifted).sub(FloatVector.broadcast(FLOATS, ROUNDING));
        FloatVector high = EXACT.cast(n).fma(FloatVector.broadcast(FLOATS, -LN_2_HIGH), x);
        FloatVector p = powerMinusOne(EXACT.cast(n).fma(FloatVector.broadcast(FLOATS, -LN_2_LOW), high));
        FloatVector power = EXACT.cast(shifted).reinterpretAsInts().lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats();
        FloatVector value = EXACT.cast(power).fma(p, power);
        FloatVector bounded = EXACT.cast(value).blend(FloatVector.broadcast(FLOATS, Float.POSITIVE_INFINITY),
                EXACT.cast(x).compare(VectorOperators.GT, FloatVector.broadcast(FLOATS, HIGHEST)));
        return EXACT.cast(bounded).blend(FloatVector.broadcast(FLOATS, 0f), EXACT.cast(x).compare(VectorOperators.LT,
                FloatVector.broadcast(FLOATS, LOWEST)));
    }

    /** e^r - 1 for |r| up to ln 2 / 2, by a polynomial of degree 6. By itself, since C2 inlines methods only up to 325 bytes. */
    private static FloatVector powerMinusOne(FloatVector r) {
        FloatVector p = FloatVector.broadcast(FLOATS, 0.0013814543f).fma(r, FloatVector.broadcast(FLOATS, 0.008368745f));
        p = EXACT.cast(p).fma(r, FloatVector.broadcast(FLOATS, 0.04166839f));
        p = EXACT.cast(p).fma(r, FloatVector.broadcast(FLOATS, 0.16666521f));
        p = EXACT.cast(p).fma(r, FloatVector.broadcast(FLOATS, 0.49999994f));
        return EXACT.cast(p).fma(EXACT.cast(r).mul(r), r);
    }

    /** 1 / (1 + e^-x), within 2 ulp; 0 below -88.37. */
    static FloatVector logistic(FloatVector x) {
        return FloatVector.broadcast(FLOATS, 1f).div(FloatVector.broadcast(FLOATS, 1f).add(exp(FloatVector.broadcast(FLOATS, 0f).sub(x))));
    }

    /** tanh x within 2 ulp: up to 0.625 an odd polynomial of degree 11, beyond 1 - 2 / (e^2|x| + 1). */
    static FloatVector tanh(FloatVector x) {
        FloatVector square = EXACT.cast(x).mul(x);
        FloatVector p = FloatVector.broadcast(FLOATS, -0.00571705f).fma(square, FloatVector.broadcast(FLOATS, 0.020650592f));
        p = EXACT.cast(p).fma(square, FloatVector.broadcast(FLOATS, -0.0537435f));
        p = EXACT.cast(p).fma(square, FloatVector.broadcast(FLOATS, 0.13331491f));
        p = EXACT.cast(p).fma(square, FloatVector.broadcast(FLOATS, -0.33333284f));
        FloatVector near = EXACT.cast(p).mul(square).fma(x, x);
        FloatVector magnitude = EXACT.cast(x).abs();
        FloatVector far = FloatVector.broadcast(FLOATS, 1f).sub(FloatVector.broadcast(FLOATS,
                2f).div(EXACT.cast(exp(EXACT.cast(magnitude).add(magnitude))).add(FloatVector.broadcast(FLOATS, 1f))));
        FloatVector signed = EXACT.cast(far).blend(FloatVector.broadcast(FLOATS, 0f).sub(far), EXACT.cast(x).compare(VectorOperators.LT,
                FloatVector.broadcast(FLOATS, 0f)));
        return EXACT.cast(signed).blend(near, EXACT.cast(magnitude).compare(VectorOperators.LT, FloatVector.broadcast(FLOATS, 0.625f)));
    }

    /** e^(-x²/2). */
    static FloatVector bell(FloatVector x) {
        return exp(EXACT.cast(x).mul(FloatVector.broadcast(FLOATS, -0.5f)).mul(x));
    }

    /** The density of the normal distribution, of its {@link #bell}. */
    static FloatVector normalDensity(FloatVector bell) {
        return EXACT.cast(bell).mul(FloatVector.broadcast(FLOATS, INVERSE_ROOT_2_PI));
    }

    /**
     * The normal distribution Φ(x) = (1 + erf(x / √2)) / 2, also where it is small: the tail beyond |x| is e^(-x²/2) times a polynomial of
     * degree 9 in t = 1 / (1 + 0.35 |x|), the form of Abramowitz and Stegun's 7.1.26.
     *
     * @param bell of x
     */
    static FloatVector normalDistribution(FloatVector x, FloatVector bell) {
        FloatVector t = FloatVector.broadcast(FLOATS, 1f).div(EXACT.cast(x).abs().fma(FloatVector.broadcast(FLOATS, 0.35f),
                FloatVector.broadcast(FLOATS, 1f)));
        FloatVector p = FloatVector.broadcast(FLOATS, -0.029145919f).fma(t, FloatVector.broadcast(FLOATS, 0.14397164f));
        p = EXACT.cast(p).fma(t, FloatVector.broadcast(FLOATS, -0.25571415f));
        p = EXACT.cast(p).fma(t, FloatVector.broadcast(FLOATS, 0.15917403f));
        p = EXACT.cast(p).fma(t, FloatVector.broadcast(FLOATS, -0.023109747f));
        p = EXACT.cast(p).fma(t, FloatVector.broadcast(FLOATS, 0.10550797f));
        p = EXACT.cast(p).fma(t, FloatVector.broadcast(FLOATS, 0.11983287f));
        p = EXACT.cast(p).fma(t, FloatVector.broadcast(FLOATS, 0.13986187f));
        p = EXACT.cast(p).fma(t, FloatVector.broadcast(FLOATS, 0.1396214f));
        FloatVector tail = EXACT.cast(p).mul(t).mul(bell);
        return FloatVector.broadcast(FLOATS, 1f).sub(tail).blend(tail, EXACT.cast(x).compare(VectorOperators.LT,
                FloatVector.broadcast(FLOATS, 0f)));
    }
}
