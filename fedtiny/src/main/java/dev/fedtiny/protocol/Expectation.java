package dev.fedtiny.protocol;

import java.util.Optional;

/** What the server knows a good answer must be: the sizes and bounds an answer is checked against. */
public sealed interface Expectation {
    /**
     * A {@link Hello} of a device with this network.
     *
     * @param platform what the device must compute with, where that matters
     * @param counts what samples it may state
     */
    record OfHello(long networkFingerprint, Optional<Platform> platform, SampleCounts.Range counts) implements Expectation {
    }

    /** A {@link Ready}. */
    record OfReady() implements Expectation {
    }

    /** A {@link Statistics} of so many candidates from so many development samples. */
    record OfStatistics(int candidates, int samples) implements Expectation {
    }

    /** An {@link Evaluation} of so many candidates on so many development samples. */
    record OfEvaluation(int candidates, int samples) implements Expectation {
    }

    /**
     * An {@link Update}.
     *
     * @param held the mask that was sent
     * @param samples n_k as the device announced it
     * @param developmentSamples as the device announced them
     * @param epochs E, over which the loss is summed
     * @param task what was asked
     */
    record OfUpdate(CachedMasks held, int samples, int developmentSamples, int epochs, LocalTask task) implements Expectation {
    }
}
