package dev.fedtiny.engine.sparse;

/**
 * A bounded buffer that keeps the {@code capacity} entries of largest magnitude that were offered, in O(capacity) memory
 * (8 bytes an entry) and O(log capacity) time an accepted offer. The order is the one used everywhere: magnitude
 * descending, then index ascending; it is total, so what is kept does not depend on the order of offers. Zeros are never
 * kept. Not thread-safe; allocates nothing after construction but in {@link #sorted()}.
 */
public final class TopK implements GradientSink {
    private final int[] indices;
    private final float[] values;
    private int count;
    /** Magnitude of the last entry of a full buffer, written once an offer is done: readers in other threads may see an older, smaller one. */
    private float floor;

    /**
     * An empty buffer.
     *
     * @throws IllegalArgumentException if the capacity is negative
     */
    public TopK(int capacity) {
        if (capacity < 0) {
            throw new IllegalArgumentException("top-K: capacity " + capacity + ", must be at least 0");
        }
        indices = new int[capacity];
        values = new float[capacity];
        clear();
    }

    /** Entries the buffer holds at most. */
    public int capacity() {
        return indices.length;
    }

    /** Entries it holds now. */
    public int count() {
        return count;
    }

    /** Bytes of the buffer. */
    public long bytes() {
        return 8L * indices.length;
    }

    /** Forgets every entry. */
    public void clear() {
        count = 0;
        floor = indices.length == 0 ? Float.POSITIVE_INFINITY : 0;
    }

    /**
     * Offers one entry; it is kept when it stands before the last one kept so far.
     *
     * @throws ArithmeticException if the value is not finite
     */
    @Override
    public void offer(int index, float value) {
        if (!Float.isFinite(value)) {
            throw new ArithmeticException("top-K: the value offered at index " + index + " is " + value);
        }
        if (value == 0 || indices.length == 0) {
            return;
        }
        if (count < indices.length) {
            siftUp(count++, index, value);
        } else if (before(index, value, indices[0], values[0])) {
            siftDown(count, index, value);
        } else {
            return;
        }
        if (count == indices.length) {
            floor = Math.abs(values[0]);
        }
    }

    @Override
    public float floor() {
        return floor;
    }

    /** The kept entries, first in order first, as new arrays. The buffer keeps them. */
    public Entries sorted() {
        TopK copy = new TopK(count);
        System.arraycopy(indices, 0, copy.indices, 0, count);
        System.arraycopy(values, 0, copy.values, 0, count);
        // The root is always the last in order: taking it off repeatedly fills the arrays from the back.
        for (int last = count - 1; last > 0; last--) {
            int rootIndex = copy.indices[0];
            float rootValue = copy.values[0];
            copy.siftDown(last, copy.indices[last], copy.values[last]);
            copy.indices[last] = rootIndex;
            copy.values[last] = rootValue;
        }
        return new Entries(copy.indices, copy.values);
    }

    private static boolean before(int index, float value, int otherIndex, float otherValue) {
        float magnitude = Math.abs(value);
        float other = Math.abs(otherValue);
        return magnitude > other || magnitude == other && index < otherIndex;
    }

    private void siftUp(int place, int index, float value) {
        int at = place;
        while (at > 0) {
            int parent = (at - 1) >> 1;
            if (!before(indices[parent], values[parent], index, value)) {
                break;
            }
            indices[at] = indices[parent];
            values[at] = values[parent];
            at = parent;
        }
        indices[at] = index;
        values[at] = value;
    }

    private void siftDown(int size, int index, float value) {
        int at = 0;
        while (true) {
            int child = 2 * at + 1;
            if (child >= size) {
                break;
            }
            if (child + 1 < size && before(indices[child], values[child], indices[child + 1], values[child + 1])) {
                child++;
            }
            if (!before(index, value, indices[child], values[child])) {
                break;
            }
            indices[at] = indices[child];
            values[at] = values[child];
            at = child;
        }
        indices[at] = index;
        values[at] = value;
    }

    /**
     * Entries in order: magnitude descending, then index ascending.
     *
     * @param indices flat positions
     * @param values signed values, never 0
     */
    public record Entries(int[] indices, float[] values) {
    }
}
