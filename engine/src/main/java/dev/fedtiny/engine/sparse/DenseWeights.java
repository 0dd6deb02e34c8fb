package dev.fedtiny.engine.sparse;

import dev.fedtiny.engine.internal.check.Given;

/**
 * Weights at every position.
 *
 * @param rows output channels
 * @param columns C·R·S
 * @param values row-major; the array itself
 */
public record DenseWeights(int rows, int columns, float[] values) implements Weights {
    /** Checks that the array is there. */
    public DenseWeights {
        Given.notNull(values, "weights: values", "one value a position");
    }

    @Override
    public long bytes() {
        return 4L * values.length;
    }

    @Override
    public ConvolutionAlgorithm algorithm() {
        return ConvolutionAlgorithm.DENSE;
    }

    @Override
    public Mask mask() {
        return Mask.full(values.length);
    }

    @Override
    public void checkStructure() {
        Weights.checkExtents(rows, columns);
        Weights.checkCount(values, (long) rows * columns);
    }
}
