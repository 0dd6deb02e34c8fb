package dev.fedtiny.benchmarks.heap;

import java.util.Map;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;

/**
 * The smallest heap in which something completes, by trials. It goes away from a first guess, in strides that double after some single
 * steps upward, halves the bracket down to one step, then asks the smallest that completed again, as many times as wanted; one that fails
 * then is no minimum, and the next step has to stand the same. A guess that is a little too small costs no trial that completes but the
 * confirmations, and those that fail are quick.
 */
public final class HeapSearch {
    /** HotSpot rounds the heap of the serial collector up to this: -Xmx31m and -Xmx32m are one heap (pages of 4 KiB). */
    public static final int STEP_MIB = 2;

    /** Steps upward that are single: a heap that is too small says so within seconds, one that suffices takes the whole round. */
    private static final int CAREFUL_STEPS = 4;

    /** One attempt. */
    @FunctionalInterface
    public interface Trial {
        /** Whether everything completes in a heap of this size. */
        boolean completes(int heapMiB);
    }

    /**
     * What a search came to.
     *
     * @param heapMiB the smallest heap in which everything completed
     * @param confirmations how often it did, in all
     * @param lowest whether one step less is known to fail; if not, time was up before the minimum was found, which is at most this
     */
    public record Found(int heapMiB, int confirmations, boolean lowest) {
    }

    private final Trial trial;
    private final int most;
    private final int confirmations;
    private final BooleanSupplier timeIsUp;
    private final Map<Integer, Integer> successes = new TreeMap<>();
    private final Map<Integer, Integer> failures = new TreeMap<>();

    /**
     * A search.
     *
     * @param most the largest heap tried, MiB
     * @param confirmations how often the minimum must complete, in all
     * @param timeIsUp is asked before every trial but those that come before the first success
     */
    public HeapSearch(Trial trial, int most, int confirmations, BooleanSupplier timeIsUp) {
        if (confirmations < 1 || most < STEP_MIB) {
            throw new IllegalArgumentException("min-heap: " + confirmations + " confirmations and at most " + most
                    + " MiB, expected at least 1 and " + STEP_MIB);
        }
        this.trial = trial;
        this.most = most / STEP_MIB * STEP_MIB;
        this.confirmations = confirmations;
        this.timeIsUp = timeIsUp;
    }

    /**
     * Searches.
     *
     * @param guess where to begin, MiB
     * @throws IllegalStateException if not even the largest heap suffices
     */
    public Found find(int guess) {
        int high = Math.clamp(Math.ceilDiv(guess, STEP_MIB) * STEP_MIB, STEP_MIB, most);
        int low = 0;
        int stride = STEP_MIB;
        if (attempt(high)) {
            while (low == 0 && high > STEP_MIB && !timeIsUp.getAsBoolean()) {
                int lower = Math.max(STEP_MIB, high - stride);
                if (attempt(lower)) {
                    high = lower;
                    stride *= 2;
                } else {
                    low = lower;
                }
            }
        } else {
            int steps = 0;
            do {
                low = high;
                if (low == most) {
                    throw new IllegalStateException("it does not complete in " + most + " MiB either");
                }
                high = Math.min(most, high + stride);
                stride = ++steps < CAREFUL_STEPS ? stride : 2 * stride;
            } while (!attempt(high));
        }
        return confirmed(halved(low, high));
    }

    private int halved(int below, int above) {
        int low = below;
        int high = above;
        while (high - low > STEP_MIB && !timeIsUp.getAsBoolean()) {
            int middle = low + (high - low) / 2 / STEP_MIB * STEP_MIB;
            if (attempt(middle)) {
                high = middle;
            } else {
                low = middle;
            }
        }
        return high;
    }

    private Found confirmed(int from) {
        int minimum = from;
        while (successes.getOrDefault(minimum, 0) < confirmations && !timeIsUp.getAsBoolean()) {
            if (!attempt(minimum)) {
                minimum += STEP_MIB;
                if (minimum > most) {
                    throw new IllegalStateException(most + " MiB complete only now and then");
                }
            }
        }
        return new Found(minimum, successes.getOrDefault(minimum, 0), minimum == STEP_MIB || failures.containsKey(minimum - STEP_MIB));
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
