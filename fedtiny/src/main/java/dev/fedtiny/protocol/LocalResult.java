package dev.fedtiny.protocol;

import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.sparse.Mask;
import java.util.List;

/**
 * What a device learnt besides its values: the part of an {@link Update} that its {@link LocalTask} asks for and reads. It writes itself,
 * and says what the server must know to compare it with those of others. A method brings its own.
 */
public interface LocalResult {
    /**
     * Writes itself, and at their place the values of the update; {@link LocalTask#readResult} reads both.
     *
     * @param values of the update
     * @param writer makes the bytes, or counts them
     * @param network the run's
     */
    default void write(PayloadWriter writer, Network network, List<float[]> values) {
        writer.float32s(values);
    }

    /**
     * The masks that the update's values are under, one a parameter.
     *
     * @param sent the masks that the device was sent
     * @return by default those that it was sent
     */
    default List<Mask> masks(List<Mask> sent) {
        return sent;
    }

    /** {@return whether training began from the values that the device holds ({@link Restore#held}), not from those that it was sent} */
    default boolean fromHeldValues() {
        return false;
    }

    /** {@return how many of the device's samples were not trained on} */
    default int heldOut() {
        return 0;
    }

    /** {@return positions that the device votes for, one array a layer of {@link LocalTask#ballots}; by default none} */
    default List<int[]> votes() {
        return List.of();
    }

    /** {@return arrays beside the update's values that the server adds up over the devices, weighed as the values are} */
    default List<float[]> averaged() {
        return List.of();
    }

    /**
     * What besides the values may be out of all proportion to other devices' answers, in the same order for all of them.
     *
     * @param network the run's
     * @return one norm a part; by default none
     */
    default List<Part> parts(Network network) {
        return List.of();
    }

    /**
     * A part of a result that is measured.
     *
     * @param name for people, for example {@code growth gradient of 'conv.weight'}
     * @param norm a Euclidean norm, sums in double
     */
    record Part(String name, double norm) {
        /**
         * The Euclidean norm of an array.
         *
         * @param values any
         * @return √Σ v²
         */
        public static double norm(float[] values) {
            double sum = 0;
            for (float value : values) {
                sum += (double) value * value;
            }
            return Math.sqrt(sum);
        }
    }

    /** Nothing: no bytes. */
    record None() implements LocalResult {
    }
}
