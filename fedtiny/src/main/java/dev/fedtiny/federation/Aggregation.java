package dev.fedtiny.federation;

import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.sparse.Mask;
import java.util.List;

/** How the server puts the devices' values of a round together. */
public sealed interface Aggregation {
    /** A fresh sum of values that lie in one order. */
    default Average average() {
        return switch (this) {
            case Mean _ -> new WeightedAverage();
            case CoordinateWise rule -> new CoordinateAverage(rule);
        };
    }

    /** A fresh sum of values under masks that differ from device to device. */
    default MaskedSum maskedSum() {
        return switch (this) {
            case Mean _ -> new MaskedAverage();
            case CoordinateWise rule -> new MaskedCoordinateAverage(rule);
        };
    }

    /** What a device weighs: its samples in a mean, 1 where every device counts alike. */
    default double weight(int samples) {
        return this instanceof Mean ? samples : 1;
    }

    /** θ = Σ p_k θ_k with p_k = n_k / Σ n: the method's own rule. The server's memory does not grow with the fleet. */
    record Mean() implements Aggregation {
    }

    /**
     * A rule that looks at every coordinate by itself, at the values of all devices that hold it, each of which counts once whatever sample
     * count it states. The server holds all updates of a round, 4 bytes a value and device, and sorts every coordinate.
     */
    sealed interface CoordinateWise extends Aggregation {
        /**
         * The coordinate's value.
         *
         * @param ascending the devices' values in their first places
         * @param count how many they are, at least 1
         */
        float centre(float[] ascending, int count);
    }

    /**
     * The mean of what is left when at both ends a share of the values, ⌈share · count⌉ but never all, is cut off: a minority of that share
     * cannot move a coordinate beyond the others' values.
     *
     * @param share cut off at each end, above 0 and below 0.5
     */
    record TrimmedMean(double share) implements CoordinateWise {
        /** Checks the range. */
        public TrimmedMean {
            if (!(share > 0 && share < 0.5)) {
                throw new IllegalArgumentException("trimmed mean: a share of " + share
                        + " at each end, expected more than 0 and less than 0.5");
            }
        }

        @Override
        public float centre(float[] ascending, int count) {
            int cut = Math.min((int) StrictMath.ceil(share * count), (count - 1) / 2);
            double sum = 0;
            for (int i = cut; i < count - cut; i++) {
                sum += ascending[i];
            }
            return (float) (sum / (count - 2 * cut));
        }
    }

    /** The median, of an even count the mean of the two in the middle: the majority decides every coordinate. */
    record Median() implements CoordinateWise {
        @Override
        public float centre(float[] ascending, int count) {
            return (float) (((double) ascending[(count - 1) / 2] + ascending[count / 2]) / 2);
        }
    }

    /** Values of several devices, in one order, put together. Not thread-safe. */
    interface Average {
        /**
         * Adds a device.
         *
         * @param weight above 0
         * @param values arrays of the same lengths every time; not to be changed afterwards
         */
        void add(double weight, List<float[]> values);

        /** Σ of the weights; 0 when nobody was added. */
        double weights();

        /**
         * What they come to, as new arrays.
         *
         * @throws IllegalStateException if nobody was added
         */
        List<float[]> values();

        /** The state with these values, under its masks. */
        default ModelState in(ModelState state) {
            return ModelState.of(state.network(), state.masks(), values());
        }
    }

    /** Models of several devices under masks of their own, coordinate by coordinate over those that hold it. Not thread-safe. */
    interface MaskedSum {
        /**
         * Adds a device.
         *
         * @param weight above 0
         * @param masks one a parameter
         * @param values one array a parameter, kept positions; not to be changed afterwards
         */
        void add(double weight, List<Mask> masks, List<float[]> values);

        /** Σ of the weights of all devices; 0 when nobody was added. */
        double weights();

        /** What they come to under the union of all masks. */
        ModelState united(ModelState state);

        /** A dense state with what they come to at every position that somebody holds; the others stay. */
        ModelState into(ModelState dense);
    }
}
