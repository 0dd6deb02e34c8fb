package dev.fedtiny.engine.internal.kernel.scalar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.testing.PointwiseReference;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** How far the float functions are from double precision, over ranges densely; the vector twin has their bits. */
@Tag("once")
class ScalarExponentialsTest {
    private interface Function {
        float of(float x);
    }

    /** The largest error in units of the last place of the true value. */
    private static void within(double ulps, Function f, DoubleUnaryOperator truth, double low, double high) {
        int points = 200_000;
        for (int i = 0; i <= points; i++) {
            float x = (float) (low + (high - low) * i / points);
            double expected = truth.applyAsDouble(x);
            double error = Math.abs(f.of(x) - expected) / Math.ulp((float) expected);
            assertTrue(error <= ulps, () -> f.of(x) + " at " + x + ", expected " + expected + ": " + error + " ulp");
        }
    }

    @Test
    void exponentialIsWithinOneUlp() {
        within(1, ScalarExponentials::exp, Math::exp, -87.33, 88.37);
        within(1, ScalarExponentials::exp, Math::exp, -1, 1);
    }

    @Test
    void sigmoidAndTanhAreWithinThreeUlp() {
        within(3, ScalarExponentials::logistic, x -> 1 / (1 + Math.exp(-x)), -87, 30);
        within(2, ScalarExponentials::tanh, Math::tanh, -12, 12);
        within(2, ScalarExponentials::tanh, Math::tanh, -1e-3, 1e-3);
    }

    /** The square of x is rounded before it goes into the exponential, which its lower tail shows. */
    @Test
    void normalDistributionIsRightAlsoInItsTail() {
        within(8, ScalarExponentialsTest::normal, PointwiseReference::normalDistribution, -3, 8);
        within(70, ScalarExponentialsTest::normal, PointwiseReference::normalDistribution, -12.9, -3);
    }

    private static float normal(float x) {
        return ScalarExponentials.normalDistribution(x, ScalarExponentials.bell(x));
    }

    @Test
    void extremesReachTheirLimits() {
        for (float x : new float[] {90, 1e30f, Float.MAX_VALUE, Float.POSITIVE_INFINITY}) {
            assertEquals(Float.POSITIVE_INFINITY, ScalarExponentials.exp(x));
            assertEquals(0f, ScalarExponentials.exp(-x));
            assertEquals(1f, ScalarExponentials.logistic(x));
            assertEquals(0f, ScalarExponentials.logistic(-x));
            assertEquals(1f, ScalarExponentials.tanh(x));
            assertEquals(-1f, ScalarExponentials.tanh(-x));
            assertEquals(1f, normal(x));
            assertEquals(0f, normal(-x));
        }
        assertEquals(Float.NaN, ScalarExponentials.exp(Float.NaN));
        assertEquals(Float.NaN, ScalarExponentials.tanh(Float.NaN));
        assertEquals(Float.NaN, normal(Float.NaN));
        assertEquals(1e-30f, ScalarExponentials.tanh(1e-30f));
    }
}
