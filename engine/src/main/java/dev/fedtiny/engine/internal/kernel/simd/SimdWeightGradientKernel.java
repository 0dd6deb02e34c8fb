package dev.fedtiny.engine.internal.kernel.simd;

import dev.fedtiny.engine.internal.kernel.WeightGradientKernel;

/** The vector kernels behind the interface; each form is a class of its own, so that C2 compiles and profiles it alone. */
public final class SimdWeightGradientKernel implements WeightGradientKernel {
    private final boolean wide;

    /** As wide as this JVM prefers. */
    public SimdWeightGradientKernel() {
        this(Species512.PREFERRED);
    }

    /** With loops for processors of 512 bits, which only a JVM that prefers them should ask for, or without. */
    public SimdWeightGradientKernel(boolean wide) {
        this.wide = wide;
    }

    @Override
    public void sparse(float[] x, int xBase, int xPitch, float[] dz, int dzBase, int dzChannel, int dzPitch, int outputRows,
            int outputColumns, int[] segments, int rows, int blocks, int[] offsets, float[] accumulators, int accumulatorsBase, int from,
            int to) {
        SparseWeightGradient.run(x, xBase, xPitch, dz, dzBase, dzChannel, dzPitch, outputRows, outputColumns, segments, rows, blocks,
                offsets, accumulators, accumulatorsBase, from, to, wide);
    }

    @Override
    public void bitmask(float[] x, int xBase, int xPitch, float[] dz, int dzBase, int dzChannel, int dzPitch, int outputRows,
            int outputColumns, int[] offsets, int columns, long[] bits, int[] rowStart, float[] accumulators, int accumulatorsBase,
            int from, int to) {
        BitmaskWeightGradient.run(x, xBase, xPitch, dz, dzBase, dzChannel, dzPitch, outputRows, outputColumns, offsets, columns, bits,
                rowStart, accumulators, accumulatorsBase, from, to);
    }

    @Override
    public void join(float[] accumulators, int at, float[] gradient, int from, int to) {
        LaneSums.write(accumulators, at, to - from, gradient, from);
    }

    @Override
    public int denseRows() {
        return wide ? DenseWeightGradient512.ROWS : WeightGradientKernel.super.denseRows();
    }

    @Override
    public void dense(float[] x, int xBase, int xGroup, int xPitch, float[] dz, int dzBase, int dzGroup, int dzChannel, int dzPitch,
            int groups, int outputRows, int outputColumns, int[] offsets, int columns, float[] gradient, int gradientBase, float[] lanes,
            int lanesBase, int from, int to) {
        if (wide) {
            DenseWeightGradient512.run(x, xBase, xGroup, xPitch, dz, dzBase, dzGroup, dzChannel, dzPitch, groups, outputRows,
                    outputColumns, offsets, columns, gradient, gradientBase, lanes, lanesBase, from, to);
            return;
        }
        DenseWeightGradient.run(x, xBase, xGroup, xPitch, dz, dzBase, dzGroup, dzChannel, dzPitch, groups, outputRows, outputColumns,
                offsets, columns, gradient, gradientBase, lanes, lanesBase, from, to);
    }
}
