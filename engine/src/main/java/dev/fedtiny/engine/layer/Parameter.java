package dev.fedtiny.engine.layer;

import dev.fedtiny.engine.internal.check.Given;
import dev.fedtiny.engine.internal.check.Names;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * One tensor of a network's {@code state_dict}: what it is called and what it is, not its values.
 *
 * @param name the {@code state_dict} key, for example {@code layer1.0.conv1.weight}
 * @param kind what the tensor is
 * @param shape extents as PyTorch has them
 * @param prunable whether methods prune it, and densities count it; only weights are prunable
 */
public record Parameter(String name, Kind kind, List<Integer> shape, boolean prunable) {
    /** What a tensor of the {@code state_dict} is. */
    public enum Kind {
        /** K,C/groups,R,S. */
        CONVOLUTION_WEIGHT,
        /** out,in. */
        LINEAR_WEIGHT,
        /** One value an output channel. */
        BIAS,
        /** γ of a normalisation. */
        GAMMA,
        /** β of a normalisation. */
        BETA,
        /** Running mean; not trained by gradients. */
        RUNNING_MEAN,
        /** Running variance, unbiased; not trained by gradients. */
        RUNNING_VARIANCE;

        /** {@return whether an optimiser changes it} */
        public boolean trainable() {
            return this != RUNNING_MEAN && this != RUNNING_VARIANCE;
        }

        /** {@return whether it is a matrix of weights: the kinds that may be pruned} */
        public boolean isWeight() {
            return this == CONVOLUTION_WEIGHT || this == LINEAR_WEIGHT;
        }
    }

    /**
     * Keeps its own copy of the shape.
     *
     * @throws IllegalArgumentException if the name has half a surrogate pair, an extent is below 1, there are more than 2^31 − 1 positions,
     *     or something else than a weight is prunable
     */
    public Parameter {
        Names.writable("parameter", Given.notNull(name, "parameter: name", "its state_dict key"));
        Given.notNull(kind, "parameter: kind", "what it is in its layer");
        Given.notNull(shape, "parameter: shape", "the extents of its tensor");
        shape = List.copyOf(shape);
        long size = shape.isEmpty() ? 0 : 1;
        for (int extent : shape) {
            size = extent < 1 || size > Integer.MAX_VALUE ? 0 : size * extent;
        }
        if (size < 1 || size > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("parameter '" + name + "' has shape " + shape
                    + "; every extent must be at least 1, and there may be 2^31 - 1 positions");
        }
        if (prunable && !kind.isWeight()) {
            throw new IllegalArgumentException("parameter '" + name + "' is " + kind + " and cannot be prunable; only weights are pruned");
        }
    }

    /**
     * Refuses a number of active positions that the parameter cannot have: the one rule for masks of states, sessions, files and estimates.
     * Every weight may have a mask, also one that is not prunable, which methods leave alone; nothing else may.
     *
     * @param active positions that are not pruned
     * @throws IllegalArgumentException if it is negative, above the number of positions, or below it where there is no weight
     */
    public void checkActive(int active) {
        if (active < 0 || active > size()) {
            throw new IllegalArgumentException("'" + name + "' has " + size() + " positions " + shape + ", got " + active
                    + " active ones; must be in [0, " + size() + "]");
        }
        if (active < size() && !kind.isWeight()) {
            throw new IllegalArgumentException("'" + name + "' is " + kind + " and cannot be pruned: it keeps all of its " + size()
                    + " positions " + shape + ", got " + active + " active ones; give it a full mask");
        }
    }

    /**
     * {@return parameters of certain names}
     *
     * @param names a {@code state_dict} name, in which {@code *} stands for any characters: {@code features.*}, {@code *.bias}
     */
    public static Predicate<Parameter> named(String names) {
        Given.notNull(names, "parameters: names", "the name of a parameter, or a pattern of names");
        Pattern pattern = Pattern.compile(Arrays.stream(names.split("\\*", -1)).map(Pattern::quote).collect(Collectors.joining(".*")),
                Pattern.DOTALL);
        return parameter -> pattern.matcher(parameter.name()).matches();
    }

    /** {@return n, the positions of the tensor} */
    public int size() {
        int size = 1;
        for (int extent : shape) {
            size *= extent;
        }
        return size;
    }

    /** {@return rows of the weight matrix: K, or out} */
    public int rows() {
        return shape.getFirst();
    }

    /** {@return columns of the weight matrix: C·R·S, or in} */
    public int columns() {
        return size() / rows();
    }
}
