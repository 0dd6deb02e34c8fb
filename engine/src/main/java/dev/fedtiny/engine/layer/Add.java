package dev.fedtiny.engine.layer;

import dev.fedtiny.engine.internal.check.Given;
import dev.fedtiny.engine.tensor.Shape;
import java.util.List;

/**
 * Sum of two activations of one shape.
 *
 * @param left position of one input
 * @param right position of the other
 * @param output as the inputs
 */
public record Add(int left, int right, Shape output) implements Layer {
    static final LayerKind KIND = LayerKind.of("add", 2, (attributes, sources, inputs) -> new Add(sources.get(0), sources.get(1),
            inputs.getFirst()));

    /** Checks that there is a shape. */
    public Add {
        Given.notNull(output, "add: output", "the shape of the output");
    }

    @Override
    public String kind() {
        return KIND.key();
    }

    @Override
    public List<Integer> sources() {
        return List.of(left, right);
    }

    @Override
    public List<Shape> inputs() {
        return List.of(output, output);
    }

    @Override
    public Attributes attributes() {
        return Attributes.EMPTY;
    }

    @Override
    public Add withSources(List<Integer> sources) {
        return new Add(sources.get(0), sources.get(1), output);
    }
}
