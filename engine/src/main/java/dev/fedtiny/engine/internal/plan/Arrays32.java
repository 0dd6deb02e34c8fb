package dev.fedtiny.engine.internal.plan;

import dev.fedtiny.engine.internal.kernel.Alignment;

/** Float arrays whose payload begins where {@link Alignment} says. */
final class Arrays32 {
    /** First float used. */
    static final int ORIGIN = Alignment.ORIGIN;

    private Arrays32() {
    }

    /** Room for {@code floats} values from {@link #ORIGIN} on. */
    static float[] allocate(long floats) {
        if (floats > limit()) {
            throw new IllegalArgumentException("session: one buffer would need " + floats + " values, more than a Java array holds; "
                    + "use a smaller batch");
        }
        return new float[(int) floats + ORIGIN];
    }

    /** Bytes of the array that {@link #allocate} makes. */
    static long bytes(long floats) {
        return 4 * (floats + ORIGIN);
    }

    /** Floats that an array has room for. */
    static long limit() {
        return Integer.MAX_VALUE - 8L - ORIGIN;
    }
}
