package dev.fedtiny.engine.sparse;

import dev.fedtiny.engine.tensor.NonFiniteException;
import java.util.Arrays;

/**
 * A bounded buffer that keeps the {@code capacity} entries of largest magnitude that were offered, in O(capacity) memory. The order is the
 * one used everywhere: magnitude descending, then index ascending; it is total, so what is kept does not depend on the order of offers.
 * Zeros are never kept. An entry is one long that sorts by this order: magnitude, complement of the index, sign. Offers that may be kept
 * are collected unordered in a quarter more room than is needed; when it is full, the first are kept. That is a few passes over an array
 * for every quarter, where a heap would walk through memory for every offer. In large buffers, entries are counted by ranges of magnitude
 * and only the range with the last one kept is searched by quickselect, which guesses a branch wrong at every other entry. Not thread-safe;
 * allocates nothing after construction but in {@link #sorted()}.
 */
public final class TopK implements GradientSink {
    /** Bits of an entry below the magnitude: 31 of the index, one of the sign. */
    private static final int INDEX_AND_SIGN = 32;
    /** No entry of a zero is larger. */
    private static final long LARGEST_ZERO = (1L << INDEX_AND_SIGN) - 1;
    /** Room beyond the capacity even of small buffers. */
    private static final int LEAST_ROOM = 8;
    /** Ranges of magnitude in which a large buffer's entries are counted. */
    private static final int RANGES = 1024;
    /** Capacity from which on counting pays for its room. */
    private static final int LARGE = 4 * RANGES;

    /** The largest capacity, with a quarter of which an array is full. */
    private static final int MOST = (int) ((Integer.MAX_VALUE - 8L - LEAST_ROOM) * 4 / 5);

    private final int capacity;
    private final long[] entries;
    /** Entries of each range, while the first are chosen; empty in small buffers. */
    private final int[] counts;
    private int count;
    /** What an offer must be above once the buffer has been full: the last entry kept then. */
    private long last;
    /** Magnitude of {@link #last}: readers in other threads may see an older, smaller one. */
    private float floor;

    /**
     * An empty buffer.
     *
     * @param capacity entries it holds at most
     * @throws IllegalArgumentException if the capacity is negative, or an array cannot hold it and a quarter more
     */
    public TopK(int capacity) {
        this.capacity = capacity;
        entries = new long[room(capacity)];
        counts = new int[ranges(capacity)];
        clear();
    }

    private static int room(int capacity) {
        if (capacity < 0 || capacity > MOST) {
            throw new IllegalArgumentException("top-K: capacity " + capacity + ", must be in [0, " + MOST + "]");
        }
        return capacity == 0 ? 0 : capacity + capacity / 4 + LEAST_ROOM;
    }

    private static int ranges(int capacity) {
        return capacity < LARGE ? 0 : RANGES;
    }

    /**
     * {@return bytes of a buffer of a capacity}
     *
     * @param capacity entries it holds at most
     */
    public static long bytes(int capacity) {
        return 8L * room(capacity) + 4L * ranges(capacity);
    }

    /** {@return entries the buffer holds at most} */
    public int capacity() {
        return capacity;
    }

    /** {@return entries it holds now} */
    public int count() {
        return Math.min(count, capacity);
    }

    /** {@return bytes of the buffer} */
    public long bytes() {
        return 8L * entries.length + 4L * counts.length;
    }

    /** Forgets every entry. */
    public void clear() {
        count = 0;
        last = 0;
        floor = capacity == 0 ? Float.POSITIVE_INFINITY : 0;
    }

    /**
     * Offers one entry; it is kept when it stands before the last one kept so far.
     *
     * @throws IllegalArgumentException if the index is negative
     * @throws NonFiniteException if the value is not finite
     */
    @Override
    public void offer(int index, float value) {
        if (index < 0) {
            throw new IllegalArgumentException("top-K: index " + index + ", must be at least 0");
        }
        if (!Float.isFinite(value)) {
            throw new NonFiniteException("top-K: the value offered at index " + index + " is " + value);
        }
        if (value == 0 || capacity == 0) {
            return;
        }
        long entry = entry(index, value);
        if (entry > last) {
            entries[count++] = entry;
            if (count == entries.length) {
                keepFirst();
            }
        }
    }

    /**
     * Offers several entries, which takes a fraction of the time that as many single offers take.
     *
     * @throws NonFiniteException if a value is not finite; then none of them is kept
     */
    @Override
    public void offer(int[] indices, int indicesAt, float[] values, int valuesAt, int offered) {
        for (int i = 0; i < offered; i++) {
            if (!Float.isFinite(values[valuesAt + i])) {
                offer(indices[indicesAt + i], values[valuesAt + i]);
            }
        }
        if (capacity == 0) {
            return;
        }
        for (int from = 0, to; from < offered; from = to) {
            to = Math.min(offered, from + entries.length - count);
            count = append(indices, indicesAt, values, valuesAt, from, to);
            if (count == entries.length) {
                keepFirst();
            }
        }
    }

    /** Appends those of the entries {@code [from, to)} that stand before the last one kept, and says how many are there; there is room. */
    private int append(int[] indices, int indicesAt, float[] values, int valuesAt, int from, int to) {
        int next = count;
        for (int i = from; i < to; i++) {
            long entry = entry(indices[indicesAt + i], values[valuesAt + i]);
            entries[next] = entry;
            // Of a zero and of what is not above the last one the difference is not negative. Entries are not, so it does not overflow.
            long before = Math.max(last, LARGEST_ZERO) - entry;
            next += (int) (before >>> Long.SIZE - 1);
        }
        return next;
    }

    /** A lower bound of the magnitude of the last entry kept; 0 until the buffer has overflowed once. */
    @Override
    public float floor() {
        return floor;
    }

    private static long entry(int index, float value) {
        int bits = Float.floatToRawIntBits(value);
        return (long) (bits & Integer.MAX_VALUE) << INDEX_AND_SIGN | (long) (Integer.MAX_VALUE - index) << 1 | bits >>> 31;
    }

    private static int index(long entry) {
        return Integer.MAX_VALUE - (int) (entry >>> 1 & Integer.MAX_VALUE);
    }

    private static float value(long entry) {
        return Float.intBitsToFloat((int) (entry >>> INDEX_AND_SIGN) | (int) entry << 31);
    }

    private void keepFirst() {
        if (counts.length == 0) {
            select(entries, 0, count - 1, capacity);
        } else {
            selectByRange();
        }
        count = capacity;
        last = entries[capacity - 1];
        floor = Math.abs(value(last));
    }

    /** As {@link #select} of all entries; those that are not kept are lost. Two of the passes have no branch that depends on an entry. */
    private void selectByRange() {
        int least = Integer.MAX_VALUE;
        int largest = 0;
        for (int i = 0; i < count; i++) {
            int magnitude = (int) (entries[i] >>> INDEX_AND_SIGN);
            least = Math.min(least, magnitude);
            largest = Math.max(largest, magnitude);
        }
        int shift = 0;
        while (largest - least >> shift >= RANGES) {
            shift++;
        }
        Arrays.fill(counts, 0);
        for (int i = 0; i < count; i++) {
            counts[(int) (entries[i] >>> INDEX_AND_SIGN) - least >> shift]++;
        }
        int range = RANGES;
        int above = 0;
        int withRange = 0;
        while (withRange < capacity) {
            above = withRange;
            withRange += counts[--range];
        }
        long first = (long) (least + (range << shift)) << INDEX_AND_SIGN;
        long end = first + (1L << shift + INDEX_AND_SIGN);
        int taken = 0;
        for (int i = 0; i < count; i++) {
            long entry = entries[i];
            entries[taken] = entry;
            taken += entry >= first ? 1 : 0;
        }
        for (int i = 0, to = 0; i < taken; i++) {
            long entry = entries[i];
            if (entry >= end) {
                entries[i] = entries[to];
                entries[to++] = entry;
            }
        }
        select(entries, above, withRange - 1, capacity);
    }

    /** Brings the largest of the entries {@code [from, to]} to the front, so that the {@code most}-th of all is in its place. */
    private static void select(long[] entries, int from, int to, int most) {
        int low = from;
        int high = to;
        while (low < high) {
            long pivot = median(entries[low], entries[low + high >>> 1], entries[high]);
            int i = low;
            int j = high;
            while (i <= j) {
                while (entries[i] > pivot) {
                    i++;
                }
                while (entries[j] < pivot) {
                    j--;
                }
                if (i <= j) {
                    long swapped = entries[i];
                    entries[i++] = entries[j];
                    entries[j--] = swapped;
                }
            }
            if (most - 1 <= j) {
                high = j;
            } else if (most - 1 >= i) {
                low = i;
            } else {
                return;
            }
        }
    }

    private static long median(long a, long b, long c) {
        return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
    }

    /** {@return the kept entries, first in order first, as new arrays} The buffer keeps them. */
    public Entries sorted() {
        long[] ascending = Arrays.copyOf(entries, count);
        Arrays.sort(ascending);
        int[] indices = new int[count()];
        float[] values = new float[indices.length];
        for (int i = 0; i < indices.length; i++) {
            long entry = ascending[count - 1 - i];
            indices[i] = index(entry);
            values[i] = value(entry);
        }
        return new Entries(indices, values);
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
