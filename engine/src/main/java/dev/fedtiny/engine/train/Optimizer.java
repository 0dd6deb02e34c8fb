package dev.fedtiny.engine.train;

import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.session.Session;

/** Settings of an optimiser: an immutable value; its state lives in the {@link Updater} made for one session. */
public interface Optimizer {
    /**
     * Fresh state over the session's trainable values.
     *
     * @throws IllegalArgumentException if the session is not of mode TRAINING
     */
    Updater bind(Session session);

    /**
     * Bytes of the state that {@link #bind} will hold.
     *
     * @param kept kept positions of every parameter, in the order of {@link Network#parameters()}
     */
    long stateBytes(Network network, int[] kept);

    /**
     * An optimiser's state for one session; a step allocates nothing, unless masks have changed. State belongs to positions: when
     * {@link Session#load} brings other masks, a position that stays keeps its state, and a new one begins with zeros. Loading other values
     * leaves it as it is.
     */
    interface Updater {
        /**
         * Changes every trainable value by its gradient.
         *
         * @param learningRate at least 0 and finite
         * @throws IllegalArgumentException if the rate is something else; nothing has changed then
         * @throws IllegalStateException if the session has no gradients of its values and masks, is closed, or another thread is inside;
         *     nothing has changed then
         * @throws dev.fedtiny.engine.tensor.NonFiniteException naming the first value that the step made no number; values have changed
         */
        void step(double learningRate);

        /** Bytes of the state's arrays. */
        long bytes();
    }
}
