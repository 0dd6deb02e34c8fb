package dev.fedtiny.engine.testing;

import dev.fedtiny.engine.internal.kernel.Pointwise;
import java.util.function.DoubleUnaryOperator;

/** Activation functions in double precision, as they are written in books. */
public final class PointwiseReference {
    private PointwiseReference() {
    }

    /** A function with its two numbers. */
    public static DoubleUnaryOperator of(Pointwise f, double a, double b) {
        return switch (f) {
            case LEAKY_RELU -> x -> x > 0 ? x : a * x;
            case SIGMOID -> PointwiseReference::sigmoid;
            case HARD_SIGMOID -> x -> Math.min(1, Math.max(0, a * x + b));
            case HARD_SWISH -> x -> x * Math.min(6, Math.max(0, x + 3)) / 6;
            case SILU -> x -> x * sigmoid(x);
            case TANH -> Math::tanh;
            case GELU -> x -> x * normalDistribution(x);
            // (1 + tanh u) / 2 is the sigmoid of 2u, which also holds digits where u is far below 0.
            case GELU_TANH -> x -> x * sigmoid(Math.sqrt(8 / Math.PI) * (x + 0.044715 * x * x * x));
            case AFFINE -> x -> a * x + b;
        };
    }

    private static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    /** Φ by its series near 0 and its continued fraction elsewhere (Abramowitz and Stegun, 26.2.11 and 26.2.14). */
    public static double normalDistribution(double x) {
        double size = Math.abs(x);
        double density = Math.exp(-size * size / 2) / Math.sqrt(2 * Math.PI);
        double tail;
        if (size < 3) {
            double sum = size;
            double term = size;
            for (int k = 1; k < 200; k++) {
                term *= size * size / (2 * k + 1);
                sum += term;
            }
            tail = 0.5 - sum * density;
        } else {
            double fraction = 0;
            for (int k = 200; k > 0; k--) {
                fraction = k / (size + fraction);
            }
            tail = density / (size + fraction);
        }
        return x < 0 ? tail : 1 - tail;
    }
}
