package dev.fedtiny.engine.layer;

import dev.fedtiny.engine.internal.check.Given;
import dev.fedtiny.engine.tensor.Shape;
import java.util.List;

/**
 * The images.
 *
 * @param output C × H × W
 */
public record Input(Shape output) implements Layer {
    static final LayerKind KIND = LayerKind.of("input", 0, (attributes, sources, inputs) -> {
        List<Integer> extents = attributes.integers("shape", 3);
        return new Input(new Shape(extents.get(0), extents.get(1), extents.get(2)));
    });

    /** Checks that there is a shape. */
    public Input {
        Given.notNull(output, "input: output", "the shape of the output");
    }

    @Override
    public String kind() {
        return KIND.key();
    }

    @Override
    public List<Integer> sources() {
        return List.of();
    }

    @Override
    public List<Shape> inputs() {
        return List.of();
    }

    @Override
    public Attributes attributes() {
        return Attributes.EMPTY.with("shape", List.of(output.channels(), output.height(), output.width()));
    }

    @Override
    public Input withSources(List<Integer> sources) {
        return this;
    }
}
