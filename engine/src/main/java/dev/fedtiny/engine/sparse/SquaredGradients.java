package dev.fedtiny.engine.sparse;

import dev.fedtiny.engine.internal.check.Given;
import dev.fedtiny.engine.tensor.NonFiniteException;
import java.util.Arrays;

/**
 * Sums g² at every position of a weight, pruned or active, over as many steps as wanted: PruneFL's importance. It takes the layer's whole
 * dense size, 4 bytes a position, which is what that method costs and {@link TopK} avoids. Not thread-safe; allocates nothing after
 * construction.
 */
public final class SquaredGradients implements GradientSink {
    private final float[] sums;

    /**
     * Zeros for a weight of so many positions.
     *
     * @param size positions of the weight, active or not
     * @throws IllegalArgumentException if it is negative
     */
    public SquaredGradients(int size) {
        if (size < 0) {
            throw new IllegalArgumentException("squared gradients: a weight of " + size + " positions, must be at least 0");
        }
        sums = new float[size];
    }

    @Override
    public void offer(int index, float value) {
        if (!Float.isFinite(value)) {
            throw new NonFiniteException("squared gradients: the value at index " + index + " is " + value);
        }
        float sum = sums[index] + value * value;
        if (!Float.isFinite(sum)) {
            throw new NonFiniteException("squared gradients: the sum at index " + index + " grows beyond single precision with the value "
                    + value);
        }
        sums[index] = sum;
    }

    /**
     * Adds the squares at active positions, which a backward pass does not offer.
     *
     * @param mask the active positions of the weight
     * @param gradient of the active positions, in the mask's order
     * @throws IllegalArgumentException if mask or gradient are of another weight
     */
    public void addActive(Mask mask, float[] gradient) {
        Given.notNull(mask, "squared gradients: mask", "the active positions of the weight");
        Given.notNull(gradient, "squared gradients: gradient", "one value an active position");
        if (mask.size() != sums.length || gradient.length != mask.count()) {
            throw new IllegalArgumentException("squared gradients: " + gradient.length + " gradients at " + mask.count() + " of "
                    + mask.size() + " positions, expected one an active position of a weight of " + sums.length);
        }
        for (int i = 0; i < gradient.length; i++) {
            offer(mask.index(i), gradient[i]);
        }
    }

    /** {@return the sums by position: the live array} */
    public float[] sums() {
        return sums;
    }

    /** Forgets everything. */
    public void clear() {
        Arrays.fill(sums, 0);
    }

    /** {@return bytes of the buffer} */
    public long bytes() {
        return 4L * sums.length;
    }
}
