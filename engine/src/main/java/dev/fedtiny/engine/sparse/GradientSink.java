package dev.fedtiny.engine.sparse;

/**
 * Takes the gradients at pruned positions of one weight, which a backward pass produces a few rows at a time and then forgets. Calls come
 * one at a time, every pruned position once a pass but those below {@link #floor()}, in an order that depends on the number of threads:
 * what a sink holds afterwards must not depend on it.
 */
@FunctionalInterface
public interface GradientSink {
    /**
     * Takes one gradient.
     *
     * @param index flat {@code state_dict} position, a pruned one
     * @param value the gradient
     * @throws dev.fedtiny.engine.tensor.NonFiniteException if the value is not finite
     */
    void offer(int index, float value);

    /**
     * Takes several gradients of ascending positions, of which none was below {@link #floor()} a moment before.
     *
     * @param indices flat {@code state_dict} positions
     * @param indicesAt where the first one stands in {@code indices}
     * @param values the gradients
     * @param valuesAt where the first one stands in {@code values}
     * @param count how many
     * @throws dev.fedtiny.engine.tensor.NonFiniteException if a value is not finite
     */
    default void offer(int[] indices, int indicesAt, float[] values, int valuesAt, int count) {
        for (int i = 0; i < count; i++) {
            offer(indices[indicesAt + i], values[valuesAt + i]);
        }
    }

    /**
     * {@return the magnitude below which gradients need not be offered any more} Any thread may ask at any time, also during an
     * offer; it never falls within a pass. 0, where every gradient counts; so it does where the answer is negative or NaN.
     */
    default float floor() {
        return 0;
    }
}
