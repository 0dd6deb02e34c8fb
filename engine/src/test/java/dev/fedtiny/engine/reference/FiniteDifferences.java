package dev.fedtiny.engine.reference;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.fedtiny.engine.runtime.RandomStream;
import java.util.function.ToDoubleFunction;

/** Central differences of a scalar function of an array, against a gradient that was computed. */
final class FiniteDifferences {
    static final double STEP = 1e-5;
    private static final double TOLERANCE = 1e-6;

    private FiniteDifferences() {
    }

    /** Checks every element of the gradient of {@code function} at {@code at}. */
    static void check(String name, double[] at, double[] gradient, ToDoubleFunction<double[]> function) {
        assertEquals(at.length, gradient.length, name + ": length of the gradient");
        double scale = 1e-3;
        for (double value : gradient) {
            scale = Math.max(scale, Math.abs(value));
        }
        double[] moved = at.clone();
        for (int i = 0; i < at.length; i++) {
            moved[i] = at[i] + STEP;
            double above = function.applyAsDouble(moved);
            moved[i] = at[i] - STEP;
            double below = function.applyAsDouble(moved);
            moved[i] = at[i];
            assertEquals((above - below) / (2 * STEP), gradient[i], TOLERANCE * scale, name + ": gradient at " + i);
        }
    }

    /** Values of both signs, none nearer to 0 than 100 steps: no kink lies within a difference. */
    static double[] awayFromZero(RandomStream random, int length) {
        double[] values = new double[length];
        for (int i = 0; i < length; i++) {
            double value = random.nextGaussian();
            values[i] = value + Math.copySign(100 * STEP, value);
        }
        return values;
    }

    /** Σ of a·b: makes any operator's output a scalar whose gradient of the output is {@code b}. */
    static double dot(double[] a, double[] b) {
        assertEquals(a.length, b.length, "lengths of two arrays that should match");
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }
}
