package dev.fedtiny.engine.sparse;

import dev.fedtiny.engine.internal.check.Given;

/**
 * A matrix of weights (a convolution's K × C·R·S, or a linear layer's out × in) that holds values only where the mask
 * keeps them. All forms list their values in the same order, row-major over the active positions, so a gradient or an
 * optimiser's state in that order fits every form.
 *
 * <p>The value array is live: training changes it. Indices never change; a new mask makes new weights.
 */
public sealed interface Weights permits CsrWeights, BitmaskWeights, DenseWeights {
    /** {@return rows: output channels, or outputs} */
    int rows();

    /** {@return columns: C·R·S, or inputs} */
    int columns();

    /** {@return the active values, row-major; the array itself, not a copy} */
    float[] values();

    /** {@return bytes of all arrays: values, indices, pointers} */
    long bytes();

    /** {@return what computes with this form} */
    ConvolutionAlgorithm algorithm();

    /** {@return the active positions, newly built} */
    Mask mask();

    /**
     * Verifies the structure, as {@link #checkStructure}, and that every value is finite.
     *
     * @throws IllegalStateException naming the first thing that is wrong
     */
    default void check() {
        checkStructure();
        float[] values = values();
        for (int i = 0; i < values.length; i++) {
            if (!Float.isFinite(values[i])) {
                throw new IllegalStateException("weights: value " + i + " is " + values[i]);
            }
        }
    }

    /**
     * Verifies lengths, ranges and order, whatever the values are; {@link #of} makes no other weights.
     *
     * @throws IllegalStateException naming the first thing that is wrong
     */
    void checkStructure();

    /** {@return positions, active or not: rows · columns} */
    default int size() {
        return rows() * columns();
    }

    /** {@return active positions} */
    default int count() {
        return values().length;
    }

    /** {@return active positions over all positions} */
    default double density() {
        return (double) count() / size();
    }

    /** {@return a new dense row-major array, zeros where pruned} */
    default float[] toDenseArray() {
        return mask().scatter(values());
    }

    /**
     * {@return the same weights in another form; the values are copied}
     *
     * @param algorithm that computes with the form
     */
    default Weights to(ConvolutionAlgorithm algorithm) {
        return of(algorithm, rows(), columns(), mask(), values().clone());
    }

    /**
     * {@return weights in the form that an algorithm computes with}
     *
     * @param algorithm one of {@link ConvolutionAlgorithm#STORED}
     * @param rows output channels, or outputs
     * @param columns C·R·S, or inputs
     * @param mask of rows · columns positions
     * @param values one value an active position, in the mask's order; becomes the live array (the dense form with a partial
     *     mask makes its own, with zeros between)
     * @throws IllegalArgumentException if the mask or the number of values does not fit, or no weights are stored so
     */
    static Weights of(ConvolutionAlgorithm algorithm, int rows, int columns, Mask mask, float[] values) {
        Given.notNull(algorithm, "weights: algorithm", "one of ConvolutionAlgorithm.STORED");
        Given.notNull(mask, "weights: mask", "the active positions");
        Given.notNull(values, "weights: values", "one value an active position");
        if (rows < 1 || columns < 1 || (long) rows * columns != mask.size()) {
            throw new IllegalArgumentException("weights: " + rows + "×" + columns + " does not match a mask of " + mask.size()
                    + " positions");
        }
        if (values.length != mask.count()) {
            throw new IllegalArgumentException("weights: " + values.length + " values for " + mask.count() + " active positions");
        }
        return switch (algorithm) {
            case CSR -> CsrWeights.of(rows, columns, mask, values);
            case BITMASK -> BitmaskWeights.of(rows, columns, mask, values);
            case DENSE -> new DenseWeights(rows, columns, mask.isFull() ? values : mask.scatter(values));
            case WINOGRAD -> throw new IllegalArgumentException("weights: none are stored as " + algorithm + " has them; expected one of "
                    + ConvolutionAlgorithm.STORED);
        };
    }

    /**
     * Used by the forms' {@link #checkStructure}.
     *
     * @param rows of a form
     * @param columns of it
     */
    static void checkExtents(int rows, int columns) {
        if (rows < 1 || columns < 1 || (long) rows * columns > Integer.MAX_VALUE) {
            throw new IllegalStateException("weights: " + rows + "×" + columns + "; rows and columns must be at least 1, and there may be "
                    + "2^31 - 1 positions");
        }
    }

    /**
     * Used by the forms' {@link #checkStructure}.
     *
     * @param values the active values of a form
     * @param expected how many there must be
     */
    static void checkCount(float[] values, long expected) {
        if (Given.notNull(values, "weights: values", "one value an active position").length != expected) {
            throw new IllegalStateException("weights: " + values.length + " values, structure has " + expected);
        }
    }
}
