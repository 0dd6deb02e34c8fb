package dev.fedtiny.engine.nn;

import java.util.List;

/**
 * One tensor of a network's {@code state_dict}: what it is called and what it is, not its values.
 *
 * @param name the {@code state_dict} key, for example {@code layer1.0.conv1.weight}
 * @param kind what the tensor is
 * @param shape extents as PyTorch has them
 * @param prunable whether positions may be pruned
 */
public record Parameter(String name, Kind kind, List<Integer> shape, boolean prunable) {
    /** What a tensor of the {@code state_dict} is. */
    public enum Kind {
        /** K,C,R,S. */
        CONVOLUTION_WEIGHT,
        /** out,in. */
        LINEAR_WEIGHT,
        /** One value an output channel. */
        BIAS,
        /** γ of a batch normalisation. */
        GAMMA,
        /** β of a batch normalisation. */
        BETA,
        /** Running mean; not trained by gradients. */
        RUNNING_MEAN,
        /** Running variance, unbiased; not trained by gradients. */
        RUNNING_VARIANCE;

        /** Whether an optimiser changes it. */
        public boolean trainable() {
            return this != RUNNING_MEAN && this != RUNNING_VARIANCE;
        }

        /** Whether it is a matrix of weights: the kinds that may be pruned. */
        public boolean isWeight() {
            return this == CONVOLUTION_WEIGHT || this == LINEAR_WEIGHT;
        }
    }

    /** Keeps its own copy of the shape. */
    public Parameter {
        shape = List.copyOf(shape);
    }

    /** n, the positions of the tensor. */
    public int size() {
        int size = 1;
        for (int extent : shape) {
            size *= extent;
        }
        return size;
    }

    /** Rows of the weight matrix: K, or out. */
    public int rows() {
        return shape.getFirst();
    }

    /** Columns of the weight matrix: C·R·S, or in. */
    public int columns() {
        return size() / rows();
    }
}
