package dev.fedtiny.protocol;

import dev.fedtiny.data.DevelopmentSplit;
import java.util.List;

/** What sample counts the server believes: they weigh a device's answers. */
public sealed interface SampleCounts {
    /**
     * What a device may state.
     *
     * @param device from 0
     * @return bounds for it
     */
    Range range(int device);

    /**
     * Bounds of what a device states, both ends included.
     *
     * @param least samples
     * @param most samples
     * @param split how it sets development data apart
     */
    record Range(int least, int most, DevelopmentSplit split) {
        /**
         * Just so many.
         *
         * @param samples of the device
         * @param split how it sets development data apart
         * @return the range of one number
         */
        public static Range exactly(int samples, DevelopmentSplit split) {
            return new Range(samples, samples, split);
        }
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
            return Range.exactly(samples.get(device), split);
        }
    }

    /**
     * Nothing is known but that a device holds at most so many, which may change from turn to turn.
     *
     * @param samples the most
     * @param split how devices set development data apart
     */
    record AtMost(int samples, DevelopmentSplit split) implements SampleCounts {
        @Override
        public Range range(int device) {
            return new Range(1, samples, split);
        }
    }
}
