package dev.fedtiny.floor;

import java.util.Map;
import java.util.TreeMap;

/**
 * The smallest heap in which something completes, by trials. It brackets from a first guess, halves the bracket down to one step, then asks
 * the smallest that completed again, as many times as wanted; one that fails then is no floor, and the next step has to stand the same.
 */
public final class FloorSearch {
    /** HotSpot rounds the heap of the serial collector up to this: -Xmx31m and -Xmx32m are one heap (pages of 4 KiB). */
    public static final int STEP_MIB = 2;

    /** One attempt. */
    @FunctionalInterface
    public interface Trial {
        /** Whether everything completes in a heap of this size. */
        boolean completes(int heapMiB);
    }

    private final Trial trial;
    private final int most;
    private final int confirmations;
    private final Map<Integer, Integer> successes = new TreeMap<>();
    private final Map<Integer, Integer> failures = new TreeMap<>();

    /**
     * A search.
     *
     * @param most the largest heap tried, MiB
     * @param confirmations how often the floor must complete, in all
     */
    public FloorSearch(Trial trial, int most, int confirmations) {
        if (confirmations < 1 || most < STEP_MIB) {
            throw new IllegalArgumentException("floor: " + confirmations + " confirmations and at most " + most + " MiB, expected at least 1 and "
                    + STEP_MIB);
        }
        this.trial = trial;
        this.most = most / STEP_MIB * STEP_MIB;
        this.confirmations = confirmations;
    }

    /**
     * Searches.
     *
     * @param guess where to begin, MiB
     * @return the floor, MiB
     * @throws IllegalStateException if not even the largest heap suffices
     */
    public int find(int guess) {
        int low = 0;
        int high = Math.clamp(Math.ceilDiv(guess, STEP_MIB) * STEP_MIB, STEP_MIB, most);
        int stride = Math.max(STEP_MIB, high / 16 / STEP_MIB * STEP_MIB);
        if (attempt(high)) {
            while (low == 0 && high > STEP_MIB) {
                int lower = Math.max(STEP_MIB, high - stride);
                if (attempt(lower)) {
                    high = lower;
                    stride *= 2;
                } else {
                    low = lower;
                }
            }
        } else {
            do {
                low = high;
                if (low == most) {
                    throw new IllegalStateException("floor: it does not complete in " + most + " MiB either");
                }
                high = Math.min(most, high + stride);
                stride *= 2;
            } while (!attempt(high));
        }
        return confirmed(halved(low, high));
    }

    private int halved(int below, int above) {
        int low = below;
        int high = above;
        while (high - low > STEP_MIB) {
            int middle = low + (high - low) / 2 / STEP_MIB * STEP_MIB;
            if (attempt(middle)) {
                high = middle;
            } else {
                low = middle;
            }
        }
        return high;
    }

    private int confirmed(int from) {
        int floor = from;
        while (successes.getOrDefault(floor, 0) < confirmations) {
            if (!attempt(floor)) {
                floor += STEP_MIB;
                if (floor > most) {
                    throw new IllegalStateException("floor: " + most + " MiB complete only now and then");
                }
            }
        }
        return floor;
    }

    private boolean attempt(int heapMiB) {
        boolean completes = trial.completes(heapMiB);
        (completes ? successes : failures).merge(heapMiB, 1, Integer::sum);
        return completes;
    }

    /** Trials so far. */
    public int trials() {
        return successes.values().stream().mapToInt(i -> i).sum() + failures.values().stream().mapToInt(i -> i).sum();
    }
}
