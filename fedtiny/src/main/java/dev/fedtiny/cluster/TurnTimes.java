package dev.fedtiny.cluster;

import java.util.Arrays;
import java.util.Locale;

/**
 * How long turns work and how long they are on their way, encoding, engine and network together: what tells whether spreading pays. Of very
 * many turns the last are kept. Thread-safe.
 */
final class TurnTimes {
    private static final int MOST = 1 << 14;
    private static final double MILLI = 1e6;

    private final long[] work = new long[MOST];
    private final long[] way = new long[MOST];
    private long count;

    synchronized void add(long workNanos, long wayNanos) {
        work[(int) (count % MOST)] = workNanos;
        way[(int) (count++ % MOST)] = wayNanos;
    }

    private double median(long[] nanos) {
        long[] sorted = Arrays.copyOf(nanos, (int) Math.min(count, MOST));
        Arrays.sort(sorted);
        return sorted[sorted.length / 2] / MILLI;
    }

    /** For the end of a sentence; empty before the first turn. */
    @Override
    public synchronized String toString() {
        return count == 0 ? "" : String.format(Locale.ROOT, "; a turn worked %.1f ms and was %.1f ms on its way (medians)", median(work),
                median(way));
    }
}
