package dev.fedtiny.engine.session;

import dev.fedtiny.engine.sparse.Mask;

/**
 * The masks of a session from one change to the next. Whoever keeps state by weight remembers the version it is for, and follows
 * {@link #next()} when the session has gone on: a position that was kept in all versions on the way has its state still, also where masks
 * have changed more than once. A session holds its latest version alone.
 */
public final class MaskVersion {
    private final Mask[] masks;
    private MaskVersion next;

    MaskVersion(Mask[] masks) {
        this.masks = masks.clone();
    }

    /**
     * The mask of a parameter.
     *
     * @param parameter position in {@code Network.parameters()}
     * @return its mask in this version
     * @throws IllegalArgumentException if there is no such parameter
     */
    public Mask mask(int parameter) {
        if (parameter < 0 || parameter >= masks.length) {
            throw new IllegalArgumentException("session: parameter " + parameter + ", must be in [0, " + masks.length
                    + "), the positions in Network.parameters()");
        }
        return masks[parameter];
    }

    /** {@return the version after this one; null where the masks have not changed since} */
    public MaskVersion next() {
        return next;
    }

    /** The version that holds from now on: this one where the masks are the same. */
    MaskVersion follow(Mask[] now) {
        for (int i = 0; i < now.length; i++) {
            if (now[i] != masks[i] && !now[i].equals(masks[i])) {
                next = new MaskVersion(now);
                return next;
            }
        }
        return this;
    }
}
