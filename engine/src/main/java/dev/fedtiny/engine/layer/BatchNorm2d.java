package dev.fedtiny.engine.layer;

import dev.fedtiny.engine.layer.Parameter.Kind;
import dev.fedtiny.engine.tensor.Shape;
import java.util.List;

/**
 * Batch normalisation over N, H and W, eps 1e-5, momentum 0.1 (Ioffe and Szegedy, 2015).
 *
 * @param name prefix of {@code .weight} (γ), {@code .bias} (β), {@code .running_mean} and {@code .running_var}, each (C)
 * @param source position of the input
 * @param output C × H × W, as the input
 */
public record BatchNorm2d(String name, int source, Shape output) implements Layer {
    static final LayerKind KIND = LayerKind.of("batch_norm2d", 1, (attributes, sources, inputs) -> new BatchNorm2d(attributes.text("name"),
            sources.getFirst(), inputs.getFirst()));

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
    public List<Parameter> parameters() {
        List<Integer> channels = List.of(output.channels());
        return List.of(new Parameter(name + ".weight", Kind.GAMMA, channels, false),
                new Parameter(name + ".bias", Kind.BETA, channels, false),
                new Parameter(name + ".running_mean", Kind.RUNNING_MEAN, channels, false),
                new Parameter(name + ".running_var", Kind.RUNNING_VARIANCE, channels, false));
    }

    @Override
    public Attributes attributes() {
        return Attributes.EMPTY.with("name", name);
    }

    @Override
    public BatchNorm2d withSources(List<Integer> sources) {
        return new BatchNorm2d(name, sources.getFirst(), output);
    }
}
