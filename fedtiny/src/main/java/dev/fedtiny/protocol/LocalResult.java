package dev.fedtiny.protocol;

import dev.fedtiny.engine.sparse.Mask;
import java.util.List;

/** What a device learnt besides its values: the second half of an {@link Update}, of the sort its {@link LocalTask} asks for. */
public sealed interface LocalResult {
    /** Nothing: no bytes. */
    record None() implements LocalResult {
    }

    /**
     * The largest gradients at pruned positions. Payload: for every layer asked the number of pairs (4) and the pairs (index 4, value 4).
     *
     * @param layers one a layer asked
     */
    record Grown(List<Growth> layers) implements LocalResult {
        /** Keeps its own list. */
        public Grown {
            layers = List.copyOf(layers);
        }
    }

    /**
     * The positions of the largest gradients. Payload: for every layer asked the number of positions (4) and the positions (4 each).
     *
     * @param positions one array a layer asked, strictly ascending pruned positions; not to be changed
     */
    record Votes(List<int[]> positions) implements LocalResult {
        /** Keeps its own list. */
        public Votes {
            positions = List.copyOf(positions);
        }
    }

    /**
     * Squared gradients of all prunable weights, summed over the local steps: 4 bytes a position, pruned or kept.
     *
     * @param squares one dense array a prunable parameter, or none where they were not to be sent; not to be changed
     */
    record Importance(List<float[]> squares) implements LocalResult {
        /** Keeps its own list. */
        public Importance {
            squares = List.copyOf(squares);
        }
    }

    /**
     * The masks after a local adjustment, under which the update's values are: before the values, one mask a layer asked
     * ({@link MaskCodec}). Counts are those of the masks sent.
     *
     * @param masks one a parameter
     * @param layers positions of the weights of the layers asked, in that order
     */
    record Adjusted(List<Mask> masks, List<Integer> layers) implements LocalResult {
        /** Keeps its own lists. */
        public Adjusted {
            masks = List.copyOf(masks);
            layers = List.copyOf(layers);
        }
    }

    /**
     * A device's own sub-network. Before the values: held-out samples (4), right answers (4), whether it pruned (1), and if so the masks
     * of the prunable parameters ({@link MaskCodec}).
     *
     * @param masks one a parameter, under which the update's values are, and which the device holds from now on
     * @param pruned whether they differ from those sent
     * @param heldOut samples of the evaluation
     * @param correct right answers of the model as it came
     */
    record SubNetwork(List<Mask> masks, boolean pruned, int heldOut, int correct) implements LocalResult {
        /** Keeps its own list. */
        public SubNetwork {
            masks = List.copyOf(masks);
        }

        /**
         * How many of a device's samples are held out of its training: its development samples, or a tenth of all where those are
         * more than half of them; 0 with fewer than ten.
         */
        public static int heldOut(int samples, int developmentSamples) {
            return 2L * developmentSamples <= samples ? developmentSamples : samples / 10;
        }
    }
}
