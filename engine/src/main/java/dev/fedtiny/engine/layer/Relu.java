package dev.fedtiny.engine.layer;

import dev.fedtiny.engine.tensor.Shape;
import java.util.List;

/**
 * max(x, 0).
 *
 * @param source position of the input
 * @param output as the input
 */
public record Relu(int source, Shape output) implements Layer {
    static final LayerKind KIND = LayerKind.of("relu", 1, (attributes, sources, inputs) -> new Relu(sources.getFirst(), inputs.getFirst()));

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
        return Attributes.EMPTY;
    }

    @Override
    public Relu withSources(List<Integer> sources) {
        return new Relu(sources.getFirst(), output);
    }
}
