package dev.fedtiny.protocol;

import dev.fedtiny.engine.measure.Exact;

/**
 * How much a device has to do in a round, whatever its task: with the masks this tells FLOPs, before or after the fact.
 *
 * @param epochs E
 * @param batch B
 * @param samples n_k
 * @param developmentSamples how many of them the device sets apart as development data
 * @param growthBatch images whose mean gradient says what grows, in a pass of their own; 0: those of the last full-size batch, in the pass
 *        that trains on it
 */
public record Workload(int epochs, int batch, int samples, int developmentSamples, int growthBatch) {
    /**
     * With growth gradients from the last full-size batch.
     *
     * @param epochs E
     * @param batch B
     * @param samples n_k
     * @param developmentSamples how many of them the device sets apart as development data
     */
    public Workload(int epochs, int batch, int samples, int developmentSamples) {
        this(epochs, batch, samples, developmentSamples, 0);
    }

    /**
     * The same with another source of growth gradients.
     *
     * @param other images of a pass of their own; 0: the last full-size batch
     * @return a copy
     */
    public Workload withGrowthBatch(int other) {
        return new Workload(epochs, batch, samples, developmentSamples, other);
    }

    /** {@return how many images go through training: E · n_k} */
    public long images() {
        return (long) epochs * samples;
    }

    /** {@return how many images the growth gradients come from: all of a batch's, or the device's where those are fewer} */
    public int growthImages() {
        return Math.min(samples, growthBatch == 0 ? batch : growthBatch);
    }

    /** {@return how many images go forward and backward in a round that grows: those of training, and of a pass for growth} */
    public long imagesWithGrowth() {
        return Exact.sum("images of a device's round", images(), growthBatch == 0 ? 0 : growthImages());
    }
}
