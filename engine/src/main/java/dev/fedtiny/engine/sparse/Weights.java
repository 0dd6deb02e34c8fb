package dev.fedtiny.engine.sparse;

/**
 * A matrix of weights (a convolution's K × C·R·S, or a linear layer's out × in) that holds values only where the mask
 * keeps them. All forms list their values in the same order, row-major over the kept positions, so a gradient or an
 * optimiser's state in that order fits every form.
 *
 * <p>The value array is live: training changes it. Indices never change; a new mask makes new weights.
 */
public sealed interface Weights permits CsrWeights, BitmaskWeights, DenseWeights {
    /** Rows: output channels, or outputs. */
    int rows();

    /** Columns: C·R·S, or inputs. */
    int columns();

    /** The kept values, row-major; the array itself, not a copy. */
    float[] values();

    /** Bytes of all arrays: values, indices, pointers. */
    long bytes();

    /** What computes with this form. */
    ConvolutionAlgorithm algorithm();

    /** The kept positions, newly built. */
    Mask mask();

    /**
     * Verifies the structure: lengths, ranges, order, and that every value is finite.
     *
     * @throws IllegalStateException naming the first thing that is wrong
     */
    void check();

    /** Positions, kept or not: rows · columns. */
    default int size() {
        return rows() * columns();
    }

    /** Kept positions. */
    default int count() {
        return values().length;
    }

    /** Kept positions over all positions. */
    default double density() {
        return (double) count() / size();
    }

    /** A new dense row-major array, zeros where pruned. */
    default float[] toDenseArray() {
        return mask().scatter(values());
    }

    /** The same weights in another form; the values are copied. */
    default Weights to(ConvolutionAlgorithm algorithm) {
        return of(algorithm, rows(), columns(), mask(), values().clone());
    }

    /**
     * Weights in the form that an algorithm computes with.
     *
     * @param algorithm one of {@link ConvolutionAlgorithm#STORED}
     * @param values one value a kept position, in the mask's order; becomes the live array (the dense form with a partial
     *     mask makes its own, with zeros between)
     * @throws IllegalArgumentException if the mask or the number of values does not fit, or no weights are stored so
     */
    static Weights of(ConvolutionAlgorithm algorithm, int rows, int columns, Mask mask, float[] values) {
        if (rows < 1 || columns < 1 || (long) rows * columns != mask.size()) {
            throw new IllegalArgumentException("weights: " + rows + "×" + columns + " does not match a mask of " + mask.size()
                    + " positions");
        }
        if (values.length != mask.count()) {
            throw new IllegalArgumentException("weights: " + values.length + " values for " + mask.count() + " kept positions");
        }
        return switch (algorithm) {
            case CSR -> CsrWeights.of(rows, columns, mask, values);
            case BITMASK -> BitmaskWeights.of(rows, columns, mask, values);
            case DENSE -> new DenseWeights(rows, columns, mask.isFull() ? values : mask.scatter(values));
            case WINOGRAD -> throw new IllegalArgumentException("weights: none are stored as " + algorithm + " has them; expected one of "
                    + ConvolutionAlgorithm.STORED);
        };
    }

    /** Reports the first value that is not finite. */
    private static void checkFinite(float[] values) {
        for (int i = 0; i < values.length; i++) {
            if (!Float.isFinite(values[i])) {
                throw new IllegalStateException("weights: value " + i + " is " + values[i]);
            }
        }
    }

    /** Used by the forms' {@link #check()}. */
    static void checkValues(float[] values, long expected) {
        if (values.length != expected) {
            throw new IllegalStateException("weights: " + values.length + " values, structure has " + expected);
        }
        checkFinite(values);
    }
}
