package dev.fedtiny.engine.internal.kernel;

/**
 * Links of a chain of sums that {@link StorageKernel#sum} computes together: maps of one shape, each with its normalisation, added to
 * what the links before it made. It is filled for a few channels of one image group and emptied again, so that it keeps no map alive; one a
 * thread.
 */
public final class ResidualChain {
    /** Links at most. */
    public static final int CAPACITY = 3;

    private final float[][] maps = new float[CAPACITY][];
    private final int[] at = new int[CAPACITY];
    private final float[][] scales = new float[CAPACITY][];
    private final float[][] shifts = new float[CAPACITY][];
    private final float[] lowers = new float[CAPACITY];
    private final float[] uppers = new float[CAPACITY];
    private int count;

    /**
     * Appends a link, of at most {@link #CAPACITY}.
     *
     * @param map where the map lies; {@code first}: its first wanted channel in it
     * @param scale one factor a channel, or null for the map itself; {@code shift}: one summand a channel, null with {@code scale}
     * @param lower lower bound of the sum, −∞ for none; {@code upper}: upper bound, ∞ for none
     */
    public void add(float[] map, int first, float[] scale, float[] shift, float lower, float upper) {
        maps[count] = map;
        at[count] = first;
        scales[count] = scale;
        shifts[count] = shift;
        lowers[count] = lower;
        uppers[count++] = upper;
    }

    /** Forgets all links. */
    public void clear() {
        for (int i = 0; i < count; i++) {
            maps[i] = null;
            scales[i] = null;
            shifts[i] = null;
        }
        count = 0;
    }

    /** Links. */
    public int count() {
        return count;
    }

    /** Where the map of a link lies. */
    public float[] map(int link) {
        return maps[link];
    }

    /** Position of its first wanted channel. */
    public int at(int link) {
        return at[link];
    }

    /** Factors of its normalisation, or null. */
    public float[] scale(int link) {
        return scales[link];
    }

    /** Summands of its normalisation, or null. */
    public float[] shift(int link) {
        return shifts[link];
    }

    /** Lower bound of the sum with it. */
    public float lower(int link) {
        return lowers[link];
    }

    /** Upper bound of the sum with it. */
    public float upper(int link) {
        return uppers[link];
    }

    /** Whether a sum has an upper bound. */
    public boolean boundedAbove() {
        for (int i = 0; i < count; i++) {
            if (uppers[i] < Float.POSITIVE_INFINITY) {
                return true;
            }
        }
        return false;
    }
}
