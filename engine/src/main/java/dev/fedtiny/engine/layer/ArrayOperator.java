package dev.fedtiny.engine.layer;

/**
 * The loops of an {@link OperatorLayer} over some channels, or some pixels, of one image group, as {@link OperatorLayer#division} says. One
 * instance serves all threads of a session: it holds extents and constants, nothing that a call changes. Results must not depend on how a
 * group is cut into slices, nor on what lanes without an image hold. Allocates nothing.
 */
public interface ArrayOperator {
    /**
     * Computes y from x, all of it.
     *
     * @param slice what to read and write; see {@link Slice} for layouts
     */
    void forward(Slice slice);

    /**
     * Computes what flows back: for every input that is {@link Slice#wanted}, dx is set, or added to where {@link Slice#adds} says so, and
     * the sums of the layer's own parameters are set. dy is 0 in lanes without an image.
     *
     * @param slice the same channels and images as in a forward pass before
     */
    void backward(Slice slice);

    /** {@return whether {@link #backward} looks at x; where it does not, x is not computed for it} */
    default boolean readsInputs() {
        return true;
    }

    /** {@return whether {@link #backward} looks at y} */
    default boolean readsOutput() {
        return false;
    }

    /** {@return how many floats of {@link Slice#scratch} one call uses at most} */
    default int scratchFloats() {
        return 0;
    }
}
