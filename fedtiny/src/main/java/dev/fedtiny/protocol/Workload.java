package dev.fedtiny.protocol;

/**
 * How much a device has to do in a round, whatever its task: with the masks this tells FLOPs, before or after the fact.
 *
 * @param epochs E
 * @param batch B
 * @param samples n_k
 * @param developmentSamples how many of them the device sets apart as development data
 */
public record Workload(int epochs, int batch, int samples, int developmentSamples) {
    /** {@return how many images go through training: E · n_k} */
    public long images() {
        return (long) epochs * samples;
    }

    /** {@return how many images the growth gradients come from: the last full-size batch, or the only one when there are fewer samples} */
    public int growthImages() {
        return Math.min(samples, batch);
    }
}
