package dev.fedtiny.protocol;

import dev.fedtiny.data.DevelopmentSplit;
import java.util.List;

/** What sample counts the server believes: they weigh a device's answers. */
public sealed interface SampleCounts {
    /** What a device may state. */
    Range range(int device);

    /**
     * Bounds of what a device states, both ends included.
     *
     * @param least samples
     * @param most samples
     * @param development how many of them it uses for BN selection; 0: any number of them
     */
    record Range(int least, int most, int development) {
    }

    /**
     * Every device's samples are known, as in a simulation: a device states these and no others.
     *
     * @param samples n_k, one a device
     * @param split how devices set development data apart
     */
    record Known(List<Integer> samples, DevelopmentSplit split) implements SampleCounts {
        /** Keeps its own list. */
        public Known {
            samples = List.copyOf(samples);
        }

        @Override
        public Range range(int device) {
            int count = samples.get(device);
            return new Range(count, count, split.size(count));
        }
    }

    /** Nothing is known but that a device holds at most so many. */
    record AtMost(int samples) implements SampleCounts {
        @Override
        public Range range(int device) {
            return new Range(1, samples, 0);
        }
    }
}
