package dev.fedtiny.engine.internal.kernel.simd;

import dev.fedtiny.engine.internal.kernel.DepthwiseKernel;

/** The vector kernels behind the interface; each is a class of its own, so that C2 compiles and profiles it alone. */
public final class SimdDepthwiseKernel implements DepthwiseKernel {
    private final boolean wide;

    /** With loops of 512 bits, which only a JVM that prefers them should ask for, or without. */
    public SimdDepthwiseKernel(boolean wide) {
        this.wide = wide;
    }

    @Override
    public void planes(float[] x, int xBase, int xPitch, int[] segments, int rows, int[] offsets, float[] values, float[] start, float[] y,
            int yBase, int yChannel, int yPitch, int yStep, int outputRows, int outputColumns, int from, int to) {
        DepthwiseConvolution.run(wide, x, xBase, xPitch, segments, rows, offsets, values, start, y, yBase, yChannel, yPitch, yStep,
                outputRows, outputColumns, from, to);
    }

    @Override
    public void gradients(float[] x, int xBase, int xPitch, float[] dz, int dzBase, int dzChannel, int dzPitch, int outputRows,
            int outputColumns, int[] segments, int rows, int[] offsets, float[] accumulators, int accumulatorsBase, int from, int to) {
        DepthwiseWeightGradient.run(wide, x, xBase, xPitch, dz, dzBase, dzChannel, dzPitch, outputRows, outputColumns, segments, rows,
                offsets, accumulators, accumulatorsBase, from, to);
    }
}
