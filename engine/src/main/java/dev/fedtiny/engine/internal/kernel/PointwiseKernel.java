package dev.fedtiny.engine.internal.kernel;

/**
 * Activation functions, value by value. Functions with an exponential have one of their own, the same steps in both twins, so that bits
 * agree; it is within an ulp or two of the true value, and nothing finite gives NaN.
 */
public interface PointwiseKernel {
    /**
     * {@code y ← f(x)} over {@code count} consecutive floats, a multiple of 8. x and y may be the same.
     *
     * @param a the function's first number, {@code b} its second; ignored where it has none
     */
    void forward(Pointwise f, float a, float b, float[] x, int xAt, float[] y, int yAt, int count);

    /**
     * {@code dx ← [dx +] f'(x)·dy} over {@code count} consecutive floats, a multiple of 8.
     *
     * @param v y where {@link Pointwise#ofOutput} says so, else x
     */
    void backward(Pointwise f, float a, float b, float[] v, int vAt, float[] dy, int dyAt, float[] dx, int dxAt, int count, boolean add);

    /**
     * {@code y ← x·s}, x contiguous {@code [channel][row][column][8]}, s with the strides of {@code map}.
     *
     * @param map says which values of s meet which of x
     */
    void multiply(float[] x, int xAt, float[] s, int sAt, Broadcast map, float[] y, int yAt);

    /** {@code dx ← [dx +] dy·s}: {@link #multiply} with dy in the place of x, added where wanted. */
    void multiplyBackward(float[] dy, int dyAt, float[] s, int sAt, Broadcast map, float[] dx, int dxAt, boolean add);

    /**
     * {@code ds ← ds + Σ dy·x} over what each value of s met. Where it met whole rows, or a whole map, the sum of each has four
     * accumulators, as in {@link ElementwiseKernel}.
     */
    void multiplyReduce(float[] dy, int dyAt, float[] x, int xAt, Broadcast map, float[] ds, int dsAt);
}
