package dev.fedtiny.engine.sparse;

/**
 * Weights at every position.
 *
 * @param rows output channels
 * @param columns C·R·S
 * @param values row-major; the array itself
 */
public record DenseWeights(int rows, int columns, float[] values) implements Weights {
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
    public void check() {
        Weights.checkValues(values, (long) rows * columns);
    }
}
