package dev.fedtiny.engine.train;

import dev.fedtiny.engine.nn.Network;
import dev.fedtiny.engine.nn.Session;

/** Settings of an optimiser: an immutable value; its state lives in the {@link Updater} made for one session. */
public interface Optimizer {
    /** Fresh state over the session's trainable values. */
    Updater bind(Session session);

    /**
     * Bytes of the state that {@link #bind} will hold.
     *
     * @param kept kept positions of every parameter, in the order of {@link Network#parameters()}
     */
    long stateBytes(Network network, int[] kept);

    /** An optimiser's state for one session; a step allocates nothing. */
    interface Updater {
        /** Changes every trainable value by its gradient. */
        void step(double learningRate);

        /** Bytes of the state's arrays. */
        long bytes();
    }
}
