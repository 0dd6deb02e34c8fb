// Generated from engine/src/templates/twins/Exponentials.java.in by KernelTemplates: change that file.
package dev.fedtiny.engine.internal.kernel.scalar;

import static dev.fedtiny.engine.internal.kernel.scalar.LaneMath.abs;
import static dev.fedtiny.engine.internal.kernel.scalar.LaneMath.add;
import static dev.fedtiny.engine.internal.kernel.scalar.LaneMath.all;
import static dev.fedtiny.engine.internal.kernel.scalar.LaneMath.div;
import static dev.fedtiny.engine.internal.kernel.scalar.LaneMath.exponentOfLastBits;
import static dev.fedtiny.engine.internal.kernel.scalar.LaneMath.greater;
import static dev.fedtiny.engine.internal.kernel.scalar.LaneMath.less;
import static dev.fedtiny.engine.internal.kernel.scalar.LaneMath.mul;
import static dev.fedtiny.engine.internal.kernel.scalar.LaneMath.multiplyAdd;
import static dev.fedtiny.engine.internal.kernel.scalar.LaneMath.select;
import static dev.fedtiny.engine.internal.kernel.scalar.LaneMath.sub;

/**
 * e^x and what is made of it. The polynomials are minimax approximations of this project's own (Remez); errors are those of a test that
 * compares with double precision. NaN gives NaN; nothing else does.
 */
final class ScalarExponentials {
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

    private ScalarExponentials() {
    }

    /** e^x within 1 ulp: x = n·ln 2 + r, e^r by a polynomial, times 2ⁿ. Infinity above 88.37, 0 below -87.33. */
    static float exp(float x) {
        float shifted = multiplyAdd(x, all(LOG2_E), all(ROUNDING));
        float n = sub(shifted, all(ROUNDING));
        float high = multiplyAdd(n, all(-LN_2_HIGH), x);
        float p = powerMinusOne(multiplyAdd(n, all(-LN_2_LOW), high));
        float power = exponentOfLastBits(shifted);
        float value = multiplyAdd(power, p, power);
        float bounded = select(greater(x, all(HIGHEST)), all(Float.POSITIVE_INFINITY), value);
        return select(less(x, all(LOWEST)), all(0f), bounded);
    }

    /** e^r - 1 for |r| up to ln 2 / 2, by a polynomial of degree 6. By itself, since C2 inlines methods only up to 325 bytes. */
    private static float powerMinusOne(float r) {
        float p = multiplyAdd(all(0.0013814543f), r, all(0.008368745f));
        p = multiplyAdd(p, r, all(0.04166839f));
        p = multiplyAdd(p, r, all(0.16666521f));
        p = multiplyAdd(p, r, all(0.49999994f));
        return multiplyAdd(p, mul(r, r), r);
    }

    /** 1 / (1 + e^-x), within 2 ulp; 0 below -88.37. */
    static float logistic(float x) {
        return div(all(1f), add(all(1f), exp(sub(all(0f), x))));
    }

    /** tanh x within 2 ulp: up to 0.625 an odd polynomial of degree 11, beyond 1 - 2 / (e^2|x| + 1). */
    static float tanh(float x) {
        float square = mul(x, x);
        float p = multiplyAdd(all(-0.00571705f), square, all(0.020650592f));
        p = multiplyAdd(p, square, all(-0.0537435f));
        p = multiplyAdd(p, square, all(0.13331491f));
        p = multiplyAdd(p, square, all(-0.33333284f));
        float near = multiplyAdd(mul(p, square), x, x);
        float magnitude = abs(x);
        float far = sub(all(1f), div(all(2f), add(exp(add(magnitude, magnitude)), all(1f))));
        float signed = select(less(x, all(0f)), sub(all(0f), far), far);
        return select(less(magnitude, all(0.625f)), near, signed);
    }

    /** e^(-x²/2). */
    static float bell(float x) {
        return exp(mul(mul(x, all(-0.5f)), x));
    }

    /** The density of the normal distribution, of its {@link #bell}. */
    static float normalDensity(float bell) {
        return mul(bell, all(INVERSE_ROOT_2_PI));
    }

    /**
     * The normal distribution Φ(x) = (1 + erf(x / √2)) / 2, also where it is small: the tail beyond |x| is e^(-x²/2) times a polynomial of
     * degree 9 in t = 1 / (1 + 0.35 |x|), the form of Abramowitz and Stegun's 7.1.26.
     *
     * @param bell of x
     */
    static float normalDistribution(float x, float bell) {
        float t = div(all(1f), multiplyAdd(abs(x), all(0.35f), all(1f)));
        float p = multiplyAdd(all(-0.029145919f), t, all(0.14397164f));
        p = multiplyAdd(p, t, all(-0.25571415f));
        p = multiplyAdd(p, t, all(0.15917403f));
        p = multiplyAdd(p, t, all(-0.023109747f));
        p = multiplyAdd(p, t, all(0.10550797f));
        p = multiplyAdd(p, t, all(0.11983287f));
        p = multiplyAdd(p, t, all(0.13986187f));
        p = multiplyAdd(p, t, all(0.1396214f));
        float tail = mul(mul(p, t), bell);
        return select(less(x, all(0f)), tail, sub(all(1f), tail));
    }
}
