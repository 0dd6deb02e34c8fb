package dev.fedtiny.engine.testing;

import dev.fedtiny.engine.tensor.Shape;

/** The operators without weights that work on each value or each map by itself. */
public final class ElementwiseReference {
    private ElementwiseReference() {
    }

    /** min(max(x, lower), upper). */
    public static double[] clamp(double[] x, double lower, double upper) {
        double[] y = new double[x.length];
        for (int i = 0; i < y.length; i++) {
            y[i] = x[i] > lower ? Math.min(x[i], upper) : lower;
        }
        return y;
    }

    /** dL/dx of the clamp; 0 on its bounds. */
    public static double[] clampGradient(double[] x, double[] dy, double lower, double upper) {
        double[] dx = new double[x.length];
        for (int i = 0; i < dx.length; i++) {
            dx[i] = x[i] > lower && x[i] < upper ? dy[i] : 0;
        }
        return dx;
    }

    /** left + right; the gradient of both is dL/dy itself. */
    public static double[] add(double[] left, double[] right) {
        double[] y = new double[left.length];
        for (int i = 0; i < y.length; i++) {
            y[i] = left[i] + right[i];
        }
        return y;
    }

    /** x · factor, element by element: dropout with the factors 0 and 1 / (1 − p), forward (of x) and backward (of dL/dy). */
    public static double[] dropout(double[] x, double[] factors) {
        double[] y = new double[x.length];
        for (int i = 0; i < y.length; i++) {
            y[i] = x[i] * factors[i];
        }
        return y;
    }

    /** The mean of each map. */
    public static double[] globalAveragePool(int images, Shape input, double[] x) {
        double[] y = new double[images * input.channels()];
        for (int i = 0; i < x.length; i++) {
            y[i / input.pixels()] += x[i] / input.pixels();
        }
        return y;
    }

    /** dL/dx of the global average pool. */
    public static double[] globalAveragePoolGradient(int images, Shape input, double[] dy) {
        double[] dx = new double[images * input.size()];
        for (int i = 0; i < dx.length; i++) {
            dx[i] = dy[i / input.pixels()] / input.pixels();
        }
        return dx;
    }

    /** Each value of x filling a map of y. */
    public static double[] repeat(int images, Shape output, double[] x) {
        double[] y = new double[images * output.size()];
        for (int i = 0; i < y.length; i++) {
            y[i] = x[i / output.pixels()];
        }
        return y;
    }

    /** dL/dx of the repetition: the sum over each map. */
    public static double[] repeatGradient(int images, Shape output, double[] dy) {
        double[] dx = new double[images * output.channels()];
        for (int i = 0; i < dy.length; i++) {
            dx[i / output.pixels()] += dy[i];
        }
        return dx;
    }
}
