package dev.fedtiny.federation;

import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.privacy.GaussianMechanism;
import java.util.List;

/**
 * How the server puts the devices' values of a round together: the one choice through which everything comes that devices send to be
 * averaged, weights, running statistics and gradients alike. What it comes to does not depend on the order in which devices are added.
 */
public sealed interface Aggregation {
    /**
     * A fresh sum of values that lie in one order.
     *
     * @param before what the values were
     * @return of nobody yet
     */
    default Average average(Baseline before) {
        return switch (this) {
            case Mean _ -> new ExactAverage();
            case ClippedMean rule -> new ClippedAverage(rule.norm(), before);
            case PrivateMean rule -> new PrivateAverage(rule.mechanism(), before);
            case CoordinateWise rule -> new CoordinateAverage(rule);
        };
    }

    /**
     * A fresh sum of numbers of which there were none before, and of which only the proportions matter: sums of squared gradients.
     *
     * @return of nobody yet
     */
    default Average scores() {
        return switch (this) {
            case Mean _ -> new ExactAverage();
            case ClippedMean _ -> new DirectionAverage();
            case PrivateMean rule -> throw rule.outside("scores");
            case CoordinateWise rule -> new CoordinateAverage(rule);
        };
    }

    /**
     * A fresh sum of models of devices that hold the whole model or parts of it.
     *
     * @param before the model as the server has it
     * @return of nobody yet
     */
    default PartSum parts(ModelState before) {
        return new PartSum(this, before);
    }

    /**
     * A fresh sum of values under masks that differ from device to device.
     *
     * @param before the model as the server has it
     * @return of nobody yet
     */
    default MaskedSum maskedSum(ModelState before) {
        return switch (this) {
            case Mean _ -> new MaskedAverage();
            case ClippedMean rule -> new ClippedMaskedAverage(rule.norm(), Baseline.dense(before));
            case PrivateMean rule -> throw rule.outside("models under masks of their own");
            case CoordinateWise rule -> new MaskedCoordinateAverage(rule);
        };
    }

    /**
     * A fresh sum of a layer's largest gradients at positions that differ from device to device.
     *
     * @param parameter position of the weight among the network's parameters
     * @param limit a_l, how many positions may enter
     * @return of nobody yet
     */
    default GradientSum gradients(int parameter, int limit) {
        if (this instanceof PrivateMean rule) {
            throw rule.outside("growth gradients");
        }
        return new GradientSum(parameter, limit, this);
    }

    /**
     * What a device weighs.
     *
     * @param samples n_k
     * @return its samples in a mean, 1 where every device counts alike
     */
    default int weight(int samples) {
        return this instanceof CoordinateWise || this instanceof PrivateMean ? 1 : samples;
    }

    /**
     * Whether values of a device can be put together with those of others: a mean adds them up, in a wide but finite range.
     *
     * @param samples n_k
     * @param values arrays of any lengths, finite
     * @return false where the device's weight makes one larger in magnitude than a sum takes
     */
    default boolean takes(int samples, List<float[]> values) {
        return !(this instanceof Mean) || values.stream().allMatch(array -> ExactSums.fits(samples, array));
    }

    /**
     * Whether a round in which nobody took part changes the model, too: noise does not tell who was there.
     *
     * @return true under differential privacy
     */
    default boolean changesByNobody() {
        return this instanceof PrivateMean;
    }

    /**
     * What the server holds of a round's updates until all have come.
     *
     * @param values of an update
     * @param devices that are asked
     * @return bytes; of a mean they do not depend on the devices
     */
    default long heldBytes(long values, int devices) {
        return this instanceof CoordinateWise ? Math.multiplyExact(Math.multiplyExact(4L, values), devices)
                : Math.multiplyExact(16L, values);
    }

    /** θ = Σ p_k θ_k with p_k = n_k / Σ n: the method's own rule. */
    record Mean() implements Aggregation {
    }

    /**
     * The mean of updates whose change counts with a Euclidean norm of at most so much: no device moves the model further than its share of
     * that, whatever it sends. Trained values, running means and running variances are clipped each by themselves; of gradients only the
     * direction counts.
     *
     * @param norm C, above 0 and at most {@value #LARGEST_NORM}
     */
    record ClippedMean(double norm) implements Aggregation {
        /** The largest norm: far from any that a model's change has. */
        public static final double LARGEST_NORM = 1e6;

        /** Checks the range. */
        public ClippedMean {
            if (!(norm > 0 && norm <= LARGEST_NORM)) {
                throw new IllegalArgumentException("clipped mean: a norm of " + norm + ", expected more than 0 and at most "
                        + LARGEST_NORM);
            }
        }
    }

    /**
     * The mean of clipped changes with Gaussian noise, every device alike: what is known of a device after it is bounded.
     *
     * @param mechanism clip, noise and rate
     */
    record PrivateMean(GaussianMechanism mechanism) implements Aggregation {
        /** What has no place in the mechanism would tell of devices what the noise hides. */
        private UnsupportedOperationException outside(String what) {
            return new UnsupportedOperationException("differential privacy: " + what + " lie outside of the mechanism; use a method that "
                    + "takes nothing from devices but their values");
        }
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
         * @return what they come to
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
            // 0.28 times 25 is more than 7 in double precision.
            int cut = Math.min((int) StrictMath.ceil(share * count - 1e-9), (count - 1) / 2);
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
         * @param weight above 0, as {@link Aggregation#weight} gives it
         * @param values arrays of the same lengths every time; not to be changed afterwards
         * @throws IllegalArgumentException if the lengths differ from those before
         * @throws ArithmeticException if a value is out of the range of sums
         */
        void add(int weight, List<float[]> values);

        /**
         * Adds what another server, or another thread, has put together.
         *
         * @param other a sum by the same rule; stays as it is, and is of no use afterwards
         * @throws IllegalArgumentException if it is by another rule
         */
        void merge(Average other);

        /**
         * What all devices weigh.
         *
         * @return Σ of the weights; 0 when nobody was added
         */
        long weights();

        /**
         * What they come to.
         *
         * @return new arrays
         * @throws IllegalStateException if nobody was added
         */
        List<float[]> values();

        /**
         * What they add up to, each value times its device's weight, before anything is divided: whole numbers stay whole.
         *
         * @return new arrays; none where nobody was added
         * @throws UnsupportedOperationException if the rule is no sum
         */
        default List<double[]> totals() {
            throw new UnsupportedOperationException(getClass().getSimpleName() + " puts values together by another rule than a sum");
        }

        /**
         * A state with these values.
         *
         * @param state whose masks the values are under
         * @return the same state with other values
         */
        default ModelState in(ModelState state) {
            return ModelState.of(state.network(), state.masks(), values());
        }
    }

    /** Models of several devices under masks of their own, coordinate by coordinate over those that hold it. Not thread-safe. */
    interface MaskedSum {
        /**
         * Adds a device.
         *
         * @param weight above 0, as {@link Aggregation#weight} gives it
         * @param masks one a parameter
         * @param values one array a parameter, active positions; not to be changed afterwards
         * @throws ArithmeticException if a value is out of the range of sums
         */
        void add(int weight, List<Mask> masks, List<float[]> values);

        /**
         * Adds what another server, or another thread, has put together.
         *
         * @param other a sum by the same rule; stays as it is, and is of no use afterwards
         * @throws IllegalArgumentException if it is by another rule
         */
        void merge(MaskedSum other);

        /**
         * What all devices weigh.
         *
         * @return Σ of the weights of all devices; 0 when nobody was added
         */
        long weights();

        /**
         * What they come to under the union of all masks.
         *
         * @param state of which the network is taken
         * @return a state under that union
         */
        ModelState united(ModelState state);

        /**
         * What they come to at every position that somebody holds.
         *
         * @param dense whose other values stay
         * @return a dense state
         */
        ModelState into(ModelState dense);
    }
}
