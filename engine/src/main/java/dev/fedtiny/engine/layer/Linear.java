package dev.fedtiny.engine.layer;

import dev.fedtiny.engine.internal.check.Given;
import dev.fedtiny.engine.layer.Parameter.Kind;
import dev.fedtiny.engine.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/**
 * A fully connected layer; an input of several pixels is flattened in C,H,W order.
 *
 * @param name prefix of {@code .weight} (out,in) and {@code .bias} (out)
 * @param source position of the input
 * @param input C × H × W
 * @param outputs values of the output
 * @param bias whether there is a bias
 * @param prunable whether methods prune the weight
 */
public record Linear(String name, int source, Shape input, int outputs, boolean bias, boolean prunable) implements WeightedLayer {
    static final LayerKind KIND = LayerKind.of("linear", 1, (attributes, sources, inputs) -> new Linear(attributes.text("name"),
            sources.getFirst(), inputs.getFirst(), attributes.integer("outputs"), attributes.flag("bias"), attributes.flag("prunable")));

    /** Checks the outputs. */
    public Linear {
        Given.notNull(name, "linear: name", "what its parameters begin with, such as 'conv1'");
        Given.notNull(input, "linear: input", "the shape of the input");
        if (outputs < 1) {
            throw new IllegalArgumentException("network: linear '" + name + "' has outputs: " + outputs + ", must be at least 1");
        }
    }

    /** {@return how many values the flattened input has: C·H·W} */
    public int features() {
        return input.size();
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
        return List.of(input);
    }

    @Override
    public Shape output() {
        return Shape.features(outputs);
    }

    @Override
    public List<Parameter> parameters() {
        List<Parameter> parameters = new ArrayList<>();
        parameters.add(new Parameter(name + ".weight", Kind.LINEAR_WEIGHT, List.of(outputs, features()), prunable));
        if (bias) {
            parameters.add(new Parameter(name + ".bias", Kind.BIAS, List.of(outputs), false));
        }
        return parameters;
    }

    @Override
    public long multiplyAdds() {
        return 1;
    }

    @Override
    public Attributes attributes() {
        return Attributes.EMPTY.with("name", name).with("outputs", outputs).with("bias", bias).with("prunable", prunable);
    }

    @Override
    public Linear withSources(List<Integer> sources) {
        return new Linear(name, sources.getFirst(), input, outputs, bias, prunable);
    }

    @Override
    public Linear withPrunable(boolean allowed) {
        return new Linear(name, source, input, outputs, bias, allowed);
    }
}
