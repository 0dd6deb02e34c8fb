package dev.fedtiny.engine.layer;

/**
 * The loops of an {@link OperatorLayer} over some channels of one image group. One instance serves all threads of a session: it holds
 * extents and constants, nothing that a call changes. Results must not depend on how channels are cut into slices, nor on what lanes
 * without an image hold. Allocates nothing.
 */
public interface ArrayOperator {
    /** Computes y from x, all of it. */
    void forward(Slice slice);

    /**
     * Computes what flows back: for every input that is {@link Slice#wanted}, dx is set, or added to where {@link Slice#adds} says so, and
     * the sums of the layer's own parameters are set. dy is 0 in lanes without an image.
     */
    void backward(Slice slice);

    /** Whether {@link #backward} looks at x; where it does not, x is not computed for it. */
    default boolean readsInputs() {
        return true;
    }

    /** Whether {@link #backward} looks at y. */
    default boolean readsOutput() {
        return false;
    }

    /** Floats of scratch that one call uses. */
    default int scratchFloats() {
        return 0;
    }
}
