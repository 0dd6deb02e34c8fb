package dev.fedtiny.method;

import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.pruning.PositionPosterior;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What a method remembers beyond the model: one record a sort, so that a checkpoint can hold each of them. */
public sealed interface AlgorithmState {
    /** Nothing. */
    record None() implements AlgorithmState {
    }

    /**
     * Which positions each layer's last adjustment grew, to tell later how many of them lasted.
     *
     * @param positions ascending flat indices by parameter, for layers adjusted at least once; not copied, not to be changed
     */
    record Grown(Map<Integer, int[]> positions) implements AlgorithmState {
        /** Keeps its own map, in parameter order. */
        public Grown {
            positions = Collections.unmodifiableMap(new TreeMap<>(positions));
        }

        /** Before the first adjustment. */
        public Grown() {
            this(Map.of());
        }

        /** A memory of this sort as it is, the start of one for any other. */
        public static Grown of(AlgorithmState memory) {
            return memory instanceof Grown grown ? grown : new Grown();
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Grown that && positions.keySet().equals(that.positions.keySet())
                    && positions.keySet().stream().allMatch(p -> Arrays.equals(positions.get(p), that.positions.get(p)));
        }

        @Override
        public int hashCode() {
            return positions.keySet().hashCode();
        }
    }

    /**
     * Whatever a method writes and reads by itself, for methods that none of the other sorts serves.
     *
     * @param content in a form of the method's own, which checks what it reads: it may come from a damaged file; not copied, not to be
     * changed
     */
    record Bytes(byte[] content) implements AlgorithmState {
        @Override
        public boolean equals(Object other) {
            return other instanceof Bytes that && Arrays.equals(content, that.content);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(content);
        }
    }

    /**
     * In which direction every prunable weight moved last ({@link FedSgc}).
     *
     * @param signs for every prunable parameter, in the network's order, one of −1, 0, 1 a position; not copied, not to be changed
     * @param grown positions of the last adjustments
     */
    record Directions(List<byte[]> signs, Grown grown) implements AlgorithmState {
        /** Keeps its own list. */
        public Directions {
            signs = List.copyOf(signs);
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Directions that && grown.equals(that.grown)
                    && Arrays.deepEquals(signs.toArray(), that.signs.toArray());
        }

        @Override
        public int hashCode() {
            return Arrays.deepHashCode(signs.toArray());
        }
    }

    /**
     * The belief that every prunable weight should be kept ({@link FedRts}).
     *
     * @param layers one a prunable parameter, in the network's order; empty when masks are never adjusted
     * @param grown positions of the last adjustments
     */
    record Posteriors(List<PositionPosterior> layers, Grown grown) implements AlgorithmState {
        /** Keeps its own list. */
        public Posteriors {
            layers = List.copyOf(layers);
        }
    }

    /**
     * Every device's own sub-network ({@link LotteryFl}), which fresh devices are given back when a run resumes.
     *
     * @param masks for every device one mask a parameter
     * @param initial dense values of all parameters that devices go back to; not copied, not to be changed
     */
    record SubNetworks(List<List<Mask>> masks, List<float[]> initial) implements AlgorithmState {
        /** Keeps its own lists. */
        public SubNetworks {
            masks = masks.stream().map(List::copyOf).toList();
            initial = List.copyOf(initial);
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof SubNetworks that && masks.equals(that.masks)
                    && Arrays.deepEquals(initial.toArray(), that.initial.toArray());
        }

        @Override
        public int hashCode() {
            return masks.hashCode();
        }
    }
}
