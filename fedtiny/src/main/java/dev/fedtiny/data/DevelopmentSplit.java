package dev.fedtiny.data;

import dev.fedtiny.engine.runtime.RandomStream;
import java.util.Arrays;

/**
 * How a device sets development data apart, for batch-normalisation selection: a random share of its samples, the same in every round.
 *
 * @param fraction of the device's samples, in (0, 1]; rounded to the nearest count
 * @param minimumSamples at least so many (one batch), or all the device has if those are fewer
 */
public record DevelopmentSplit(double fraction, int minimumSamples) {
    /** The share used by default. */
    public static final double USUAL_FRACTION = 0.1;

    /**
     * Checks the settings.
     *
     * @throws IllegalArgumentException if the fraction is not in (0, 1] or the minimum not positive
     */
    public DevelopmentSplit {
        if (!(fraction > 0 && fraction <= 1)) {
            throw new IllegalArgumentException("development fraction is " + fraction + ", expected more than 0 and at most 1");
        }
        if (minimumSamples < 1) {
            throw new IllegalArgumentException("smallest number of development samples is " + minimumSamples + ", expected at least 1");
        }
    }

    /**
     * A tenth of the samples, but at least one batch.
     *
     * @param batchSize images of a batch: the least number of samples
     * @return the rule
     */
    public static DevelopmentSplit usual(int batchSize) {
        return new DevelopmentSplit(USUAL_FRACTION, batchSize);
    }

    /**
     * How many of a device's samples become development data.
     *
     * @param localCount samples of the device
     * @return between 0 and {@code localCount}
     */
    public int size(int localCount) {
        return Math.min(localCount, Math.max(minimumSamples, (int) Math.round(fraction * localCount)));
    }

    /**
     * Draws a device's development data.
     *
     * @param localCount samples of the device, at least 1
     * @param device its number, which with the seed names the random stream
     * @param seed of the run
     * @return development samples as {@code chosen}, as positions in the device's local data; {@code rest} is empty if all were needed
     * @throws IllegalArgumentException if the device has no samples
     */
    public IndexSplit draw(int localCount, long seed, int device) {
        if (localCount < 1) {
            throw new IllegalArgumentException("device " + device + " has " + localCount + " samples, expected at least 1");
        }
        int[] order = new int[localCount];
        Arrays.setAll(order, i -> i);
        RandomStream.of(seed, "development-split", device).shuffle(order);
        int size = size(localCount);
        int[] chosen = Arrays.copyOfRange(order, 0, size);
        int[] rest = Arrays.copyOfRange(order, size, localCount);
        Arrays.sort(chosen);
        Arrays.sort(rest);
        return new IndexSplit(chosen, rest);
    }
}
