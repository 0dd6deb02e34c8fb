package dev.fedtiny.engine.layer;

import dev.fedtiny.engine.internal.check.Given;
import dev.fedtiny.engine.tensor.Shape;
import java.util.List;

/**
 * min(max(x, lower), upper): ReLU (0, ∞), ReLU6 (0, 6), hard tanh (−1, 1). Its derivative is 1 between the bounds and 0 elsewhere, on the
 * bounds as well, as PyTorch's is.
 *
 * @param source position of the input
 * @param output as the input
 * @param lower the smallest value; −∞ for none
 * @param upper the largest value; ∞ for none
 */
public record Clamp(int source, Shape output, float lower, float upper) implements Layer {
    static final LayerKind KIND = LayerKind.of("clamp", 1, (attributes, sources, inputs) -> new Clamp(sources.getFirst(), inputs.getFirst(),
            bound(attributes, "lower", Float.NEGATIVE_INFINITY), bound(attributes, "upper", Float.POSITIVE_INFINITY)));

    /** Checks the bounds. */
    public Clamp {
        Given.notNull(output, "clamp: output", "the shape of the output");
        if (!(lower < upper)) {
            throw new IllegalArgumentException("clamp: bounds " + lower + " and " + upper + ", the lower one must be below the upper one");
        }
    }

    /**
     * max(x, 0).
     *
     * @param source position of the input
     * @param output C × H × W, as the input
     * @return the layer with bounds 0 and ∞
     */
    public static Clamp relu(int source, Shape output) {
        return new Clamp(source, output, 0, Float.POSITIVE_INFINITY);
    }

    private static float bound(Attributes attributes, String name, float none) {
        return attributes.has(name) ? (float) attributes.number(name) : none;
    }

    @Override
    public String kind() {
        return KIND.key();
    }

    @Override
    public List<Integer> sources() {
        return List.of(source);
    }

    @Override
    public List<Shape> inputs() {
        return List.of(output);
    }

    @Override
    public Attributes attributes() {
        Attributes attributes = Attributes.EMPTY;
        attributes = Float.isInfinite(lower) ? attributes : attributes.with("lower", (double) lower);
        return Float.isInfinite(upper) ? attributes : attributes.with("upper", (double) upper);
    }

    @Override
    public Clamp withSources(List<Integer> sources) {
        return new Clamp(sources.getFirst(), output, lower, upper);
    }

    @Override
    public String describe() {
        return (lower == 0 && upper == Float.POSITIVE_INFINITY ? "relu" : "clamp to [" + lower + ", " + upper + "]") + " of " + output;
    }
}
