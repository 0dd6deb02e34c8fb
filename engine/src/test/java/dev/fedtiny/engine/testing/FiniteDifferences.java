package dev.fedtiny.engine.testing;

import dev.fedtiny.engine.runtime.RandomStream;
import java.util.function.ToDoubleFunction;

/** Central differences of a scalar function of an array, against a gradient that was computed. */
public final class FiniteDifferences {
    /** Distance of the two points of a difference from the middle. */
    public static final double STEP = 1e-5;
    private static final double TOLERANCE = 1e-6;

    private FiniteDifferences() {
    }

    /**
     * Checks every element of the gradient of {@code function} at {@code at}: within 10⁻⁶ of the gradient's largest magnitude.
     *
     * @param name for the error
     * @throws AssertionError naming the first element that is off
     */
    public static void check(String name, double[] at, double[] gradient, ToDoubleFunction<double[]> function) {
        checkLengths(name + ": gradient", at, gradient);
        double scale = 1e-3;
        for (double value : gradient) {
            scale = Math.max(scale, Math.abs(value));
        }
        double[] differences = gradient(at, function);
        for (int i = 0; i < at.length; i++) {
            if (!(Math.abs(differences[i] - gradient[i]) <= TOLERANCE * scale)) {
                throw new AssertionError(name + ": gradient at " + i + " is " + gradient[i] + ", by differences " + differences[i]);
            }
        }
    }

    /** The gradient of {@code function} at {@code at}, good to about ten digits where it has no kink. */
    public static double[] gradient(double[] at, ToDoubleFunction<double[]> function) {
        double[] moved = at.clone();
        double[] gradient = new double[at.length];
        for (int i = 0; i < at.length; i++) {
            moved[i] = at[i] + STEP;
            double above = function.applyAsDouble(moved);
            moved[i] = at[i] - STEP;
            double below = function.applyAsDouble(moved);
            moved[i] = at[i];
            gradient[i] = (above - below) / (2 * STEP);
        }
        return gradient;
    }

    /** Values of both signs, none nearer to 0 than 100 steps: no kink lies within a difference. */
    public static double[] awayFromZero(RandomStream random, int length) {
        double[] values = new double[length];
        for (int i = 0; i < length; i++) {
            double value = random.nextGaussian();
            values[i] = value + Math.copySign(100 * STEP, value);
        }
        return values;
    }

    /** Σ of a·b: makes any operator's output a scalar whose gradient of the output is {@code b}. */
    public static double dot(double[] a, double[] b) {
        checkLengths("dot", a, b);
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    private static void checkLengths(String what, double[] a, double[] b) {
        if (a.length != b.length) {
            throw new AssertionError(what + ": " + b.length + " values, expected " + a.length);
        }
    }
}
