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
     * {@return the magnitude below which gradients need not be offered any more} Any thread may ask at any time, also during an
     * offer; it never falls within a pass. 0, where every gradient counts.
     */
    default float floor() {
        return 0;
    }
}
