package dev.fedtiny.protocol;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What a device does with the weights of a {@link Train} message besides E epochs of training under their mask. Payload: one byte that
 * names the sort, then as stated; a list of layers is its length (4 bytes) and for every layer its parameter (4) and limit (4).
 */
public sealed interface LocalTask {
    /** Layers whose pruned positions matter, in the order of the answer; empty in most rounds. */
    default List<GrowthRequest> layers() {
        return List.of();
    }

    /** Whether local steps give gradients at pruned positions. */
    default boolean grows() {
        return !layers().isEmpty();
    }

    /** Train, and nothing else: no further bytes. Answered by {@link LocalResult.None}. */
    record Ordinary() implements LocalTask {
    }

    /**
     * Send the a_l largest gradients at pruned positions, from the last full-size batch of the last epoch. Payload: layers. Answered by
     * {@link LocalResult.Grown}.
     *
     * @param layers of the adjustment
     */
    record Grow(List<GrowthRequest> layers) implements LocalTask {
        /** Keeps its own list. */
        public Grow {
            layers = List.copyOf(layers);
        }
    }

    /**
     * As {@link Grow}, but only positions are sent. Payload: layers. Answered by {@link LocalResult.Votes}.
     *
     * @param layers of the adjustment; a limit is the most positions a device votes for
     */
    record Vote(List<GrowthRequest> layers) implements LocalTask {
        /** Keeps its own list. */
        public Vote {
            layers = List.copyOf(layers);
        }
    }

    /**
     * Sum the squared gradients of all prunable weights, pruned or not, over all local steps. Payload: upload (1). Answered by
     * {@link LocalResult.Importance}.
     *
     * @param upload whether the sums are sent
     */
    record Accumulate(boolean upload) implements LocalTask {
        @Override
        public boolean grows() {
            return true;
        }
    }

    /**
     * After ⌈E/2⌉ epochs prune a_l weights and grow as many, then train on under the new mask. Payload: layers, guided (1), and if so
     * share pruned (8), share grown (8) and for every layer its directions, ⌈n_l/4⌉ bytes, two bits a position, lowest first: 0 none,
     * 1 up, 2 down. Answered by {@link LocalResult.Adjusted}.
     *
     * @param layers of the adjustment
     * @param guide directions to agree with; empty: magnitude and gradient alone decide
     */
    record Adjust(List<GrowthRequest> layers, Optional<Guide> guide) implements LocalTask {
        /** Keeps its own list. */
        public Adjust {
            layers = List.copyOf(layers);
            Objects.requireNonNull(guide, "guide");
            if (guide.isPresent() && guide.get().directions().size() != layers.size()) {
                throw new IllegalArgumentException("adjust: directions of " + guide.get().directions().size() + " layers for "
                        + layers.size());
            }
        }
    }

    /**
     * The directions in which the global weights moved last.
     *
     * @param pruneShare of a_l, taken from weights that moved against them, in [0, 1]
     * @param growShare of a_l, given to positions whose gradient step goes with them, in [0, 1]
     * @param directions for every layer one of −1, 0, 1 a position; not to be changed
     */
    record Guide(double pruneShare, double growShare, List<byte[]> directions) {
        /** Keeps its own list. */
        public Guide {
            directions = List.copyOf(directions);
        }
    }

    /**
     * As {@link Grow}, while the a_l smallest weights of every layer, which are likely to go, are pulled to 0 by an L2 penalty, and while
     * the backward pass sees only the largest activations. Payload: penalty (8), share (8), layers. Answered by {@link LocalResult.Grown}.
     *
     * @param layers of the adjustment; empty in a round without one, then nothing is pulled
     * @param penalty λ, added to the gradient as λ·w
     * @param activationShare of the activations that the backward pass keeps, in (0, 1]
     */
    record Extrude(List<GrowthRequest> layers, double penalty, double activationShare) implements LocalTask {
        /** Keeps its own list. */
        public Extrude {
            layers = List.copyOf(layers);
        }
    }

    /**
     * Look for a sub-network of one's own: evaluate what came on held-out data; if it is good enough and still too dense, prune a share of
     * every layer by magnitude and go back to the initial values; then train on the samples that are not held out. Payload: threshold (8),
     * share (8), density (8), where the initial values are (1), and the initial values of all parameters if they follow (4 each).
     * Answered by {@link LocalResult.SubNetwork}.
     *
     * @param threshold accuracy above which a device prunes, in [0, 1]
     * @param share of a layer's weights pruned at once, in (0, 1)
     * @param density d in (0, 1]: no layer goes below the count of
     *        {@link dev.fedtiny.pruning.LayerCounts#uniform(dev.fedtiny.engine.model.Network, double)}
     * @param source where the device finds the initial values
     * @param initial dense values of all parameters if they follow, else empty; not to be changed
     */
    record SearchSubNetwork(double threshold, double share, double density, Source source, List<float[]> initial) implements LocalTask {
        /** Where a device finds the values it goes back to. */
        public enum Source {
            /** It has them already. */
            HELD,
            /** They are the values of this very message, which is dense. */
            VALUES,
            /** They follow the task. */
            FOLLOW
        }

        /** Keeps its own list. */
        public SearchSubNetwork {
            initial = List.copyOf(initial);
        }

        /** The same for a device that does not have the initial values: they follow, unless the message's own values are they. */
        public SearchSubNetwork following(List<float[]> values) {
            return source == Source.HELD ? new SearchSubNetwork(threshold, share, density, Source.FOLLOW, values) : this;
        }
    }
}
