package dev.fedtiny.engine.train;

import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.session.Session;

/** How gradients are limited before an optimiser's step: an immutable value; scratch lives in the {@link Clipper} made for one session. */
public interface GradientClip {
    /**
     * {@return a clipper of the gradients of the session's trained values}
     *
     * @param session of mode TRAINING
     */
    Clipper bind(Session session);

    /**
     * {@return bytes that {@link #bind} will hold}
     *
     * @param network that is trained
     * @param kept active positions of every parameter, in the order of {@link Network#parameters()}
     */
    long bytes(Network network, int[] kept);

    /** Limits the gradients of one session; bits do not depend on its threads. Allocates nothing, unless masks have changed. */
    interface Clipper {
        /**
         * Limits the gradients of the last backward pass in place.
         *
         * @return what they were measured by before: the norm, or the largest magnitude
         * @throws IllegalStateException if the session has no gradients of its values and masks
         */
        double clip();

        /** {@return bytes of its scratch} */
        long bytes();
    }
}
