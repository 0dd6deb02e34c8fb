package dev.fedtiny.engine.internal.probe;

import dev.fedtiny.engine.internal.kernel.Alignment;
import dev.fedtiny.engine.runtime.Workers;
import java.util.Arrays;
import java.util.function.IntToDoubleFunction;

/**
 * The best rate of many short bursts: what a machine can reach, whoever else uses it now and then.
 *
 * @param seconds how long bursts go on at least, and two thirds of that without a better one; a burst that is under way ends
 */
record Bursts(double seconds) {
    /** Long enough that the clock of a core settles. */
    static final Bursts USUAL = new Bursts(0.3);
    /** Where data begin in the arrays that loops go over. */
    static final int FIRST_FLOAT = Alignment.ORIGIN;

    private static final int COMPILING_CALLS = 12_000;
    private static final long BURST_NANOS = 3_000_000;

    /** An array of ones for every worker, so many bytes from {@link #FIRST_FLOAT} on. */
    static float[][] arrays(Workers workers, int bytes) {
        float[][] data = new float[workers.count()][FIRST_FLOAT + bytes / Float.BYTES];
        for (float[] array : data) {
            Arrays.fill(array, 1);
        }
        return data;
    }

    /**
     * The best of many bursts, doubled while they are too short to time, until it has stood for a while.
     *
     * @param call the loop on little data, called until C2 has reason to compile it: only then are its bursts worth timing
     * @param rate does a burst of so many rounds and says how fast it was
     * @param first rounds of the first burst
     */
    double best(Runnable call, IntToDoubleFunction rate, int first) {
        for (int i = 0; i < COMPILING_CALLS; i++) {
            call.run();
        }
        long least = (long) (1e9 * seconds);
        int size = first;
        double best = 0;
        long start = System.nanoTime();
        long improved = start;
        while (true) {
            long before = System.nanoTime();
            double reached = rate.applyAsDouble(size);
            long after = System.nanoTime();
            if (reached > 1.02 * best) {
                improved = after;
            }
            best = Math.max(best, reached);
            if (after - start > least && after - improved > least * 2 / 3) {
                return best;
            }
            if (after - before < BURST_NANOS && size <= Integer.MAX_VALUE / 2) {
                size *= 2;
            }
        }
    }
}
