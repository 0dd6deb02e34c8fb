package dev.fedtiny.engine.internal.kernel;

/** The one order in which eight lanes are added up. */
public final class LaneTree {
    private LaneTree() {
    }

    /** ((0+4)+(2+6)) + ((1+5)+(3+7)). */
    public static float join(float a0, float a1, float a2, float a3, float a4, float a5, float a6, float a7) {
        return ((a0 + a4) + (a2 + a6)) + ((a1 + a5) + (a3 + a7));
    }

    /** The sum of {@code a[at … at + 7]}. */
    public static float sum(float[] a, int at) {
        return join(a[at], a[at + 1], a[at + 2], a[at + 3], a[at + 4], a[at + 5], a[at + 6], a[at + 7]);
    }
}
