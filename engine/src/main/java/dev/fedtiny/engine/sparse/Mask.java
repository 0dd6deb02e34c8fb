package dev.fedtiny.engine.sparse;

import dev.fedtiny.engine.internal.check.Given;
import java.util.Arrays;
import java.util.Objects;

/**
 * Which positions of a weight tensor are active: an immutable, strictly ascending list of flat indices, or all of them
 * (which takes no list). Four bytes an active position.
 */
public final class Mask {
    private final int size;
    private final int[] active;

    private Mask(int size, int[] active) {
        this.size = size;
        this.active = active;
    }

    /**
     * {@return all {@code size} positions active}
     *
     * @param size positions of the tensor
     */
    public static Mask full(int size) {
        if (size < 1) {
            throw new IllegalArgumentException("mask: size " + size + ", must be at least 1");
        }
        return new Mask(size, null);
    }

    /**
     * {@return the positions given}
     *
     * @param size positions of the tensor
     * @param active strictly ascending indices in [0, size); copied
     * @throws IllegalArgumentException naming the first index that is out of order or out of range
     */
    public static Mask of(int size, int[] active) {
        Given.notNull(active, "mask: active", "the active positions, rising");
        full(size);
        int previous = -1;
        for (int i = 0; i < active.length; i++) {
            if (active[i] <= previous || active[i] >= size) {
                throw new IllegalArgumentException("mask: index " + active[i] + " at place " + i + " follows " + previous
                        + "; indices must rise strictly and lie in [0, " + size + ")");
            }
            previous = active[i];
        }
        return active.length == size ? full(size) : new Mask(size, active.clone());
    }

    /**
     * {@return the positions where {@code values} is not zero}
     *
     * @param values of all positions
     */
    public static Mask ofNonZero(float[] values) {
        Given.notNull(values, "mask: values", "a value a position");
        int count = 0;
        for (float value : values) {
            count += value != 0 ? 1 : 0;
        }
        int[] active = new int[count];
        int to = 0;
        for (int i = 0; i < values.length; i++) {
            if (values[i] != 0) {
                active[to++] = i;
            }
        }
        return count == values.length ? full(count) : new Mask(values.length, active);
    }

    /** {@return n, the positions of the tensor} */
    public int size() {
        return size;
    }

    /** {@return m, the positions active} */
    public int count() {
        return active == null ? size : active.length;
    }

    /** {@return whether nothing is pruned} */
    public boolean isFull() {
        return active == null;
    }

    /** {@return m / n} */
    public double density() {
        return (double) count() / size;
    }

    /**
     * {@return the flat index of the {@code i}-th active position}
     *
     * @param i from 0 to {@link #count} − 1
     * @throws IndexOutOfBoundsException if there is none
     */
    public int index(int i) {
        return active == null ? Objects.checkIndex(i, size) : active[i];
    }

    /** {@return a new array of the active indices, ascending} */
    public int[] indices() {
        if (active != null) {
            return active.clone();
        }
        int[] all = new int[size];
        Arrays.setAll(all, i -> i);
        return all;
    }

    /**
     * {@return the place of a flat index among the active ones, or {@code -1 - place} where it would stand (binary search)}
     *
     * @param index flat, row-major
     */
    public int find(int index) {
        if (active == null) {
            return index < 0 ? -1 : index < size ? index : -1 - size;
        }
        return Arrays.binarySearch(active, index);
    }

    /**
     * {@return whether a position is active}
     *
     * @param index flat, row-major
     */
    public boolean contains(int index) {
        return find(index) >= 0;
    }

    /** {@return bytes of the index list; 0 for a full mask} */
    public long bytes() {
        return active == null ? 0 : 4L * active.length;
    }

    /**
     * {@return the active values of a dense array, in the mask's order}
     *
     * @param dense a value of every position
     */
    public float[] gather(float[] dense) {
        Given.notNull(dense, "mask: dense", "a value of every position");
        if (dense.length != size) {
            throw new IllegalArgumentException("mask of " + size + " positions applied to " + dense.length + " values");
        }
        if (active == null) {
            return dense.clone();
        }
        float[] values = new float[active.length];
        for (int i = 0; i < active.length; i++) {
            values[i] = dense[active[i]];
        }
        return values;
    }

    /**
     * {@return a dense array with {@code values} at the active positions and zeros elsewhere}
     *
     * @param values of the active positions, in the mask's order
     */
    public float[] scatter(float[] values) {
        Given.notNull(values, "mask: values", "those of the active positions, in order");
        if (values.length != count()) {
            throw new IllegalArgumentException("mask keeps " + count() + " positions, got " + values.length + " values");
        }
        if (active == null) {
            return values.clone();
        }
        float[] dense = new float[size];
        for (int i = 0; i < active.length; i++) {
            dense[active[i]] = values[i];
        }
        return dense;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Mask mask && mask.size == size && Arrays.equals(mask.active, active);
    }

    @Override
    public int hashCode() {
        return 31 * size + Arrays.hashCode(active);
    }

    @Override
    public String toString() {
        return "Mask[" + count() + " of " + size + "]";
    }
}
