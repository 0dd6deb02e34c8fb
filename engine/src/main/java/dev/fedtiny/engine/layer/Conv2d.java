package dev.fedtiny.engine.layer;

import dev.fedtiny.engine.internal.check.Given;
import dev.fedtiny.engine.layer.Parameter.Kind;
import dev.fedtiny.engine.tensor.Conv2dGeometry;
import dev.fedtiny.engine.tensor.Padding;
import dev.fedtiny.engine.tensor.PerAxis;
import dev.fedtiny.engine.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/**
 * A convolution of any stride, padding, dilation and number of groups, in two dimensions or in one.
 *
 * @param name prefix of {@code .weight} (K,C/groups,R,S; K,C/groups,S in one dimension) and {@code .bias} (K)
 * @param source position of the input
 * @param geometry shapes and all the rest; in one dimension of a height of 1
 * @param dimensions 2, or 1 for what PyTorch calls {@code Conv1d}: the same sums, a weight of three extents
 * @param bias whether there is a bias
 * @param prunable whether methods prune the weight
 */
public record Conv2d(String name, int source, Conv2dGeometry geometry, int dimensions, boolean bias, boolean prunable)
        implements WeightedLayer {
    static final LayerKind KIND = LayerKind.of("conv2d", 1, Conv2d::read);

    /** Refuses one dimension of a height or kernel above 1. */
    public Conv2d {
        Given.notNull(name, "conv2d: name", "what its parameters begin with, such as 'conv1'");
        Given.notNull(geometry, "conv2d: geometry", "shapes, strides, padding, dilation and groups");
        if (dimensions != 2 && (dimensions != 1 || geometry.input().height() != 1 || geometry.kernelHeight() != 1)) {
            throw new IllegalArgumentException("convolution '" + name + "' of " + dimensions + " dimensions on " + geometry.input()
                    + " with a " + geometry.kernelHeight() + "×" + geometry.kernelWidth()
                    + " kernel; expected 2 dimensions, or 1 where input and kernel have a height of 1");
        }
    }

    /**
     * A convolution in two dimensions.
     *
     * @param name prefix of its tensors
     * @param source position of the input
     * @param geometry shapes and all the rest
     * @param bias whether there is a bias
     * @param prunable whether methods prune the weight
     */
    public Conv2d(String name, int source, Conv2dGeometry geometry, boolean bias, boolean prunable) {
        this(name, source, geometry, 2, bias, prunable);
    }

    private static Conv2d read(Attributes attributes, List<Integer> sources, List<Shape> inputs) {
        List<Integer> padding = attributes.integers("padding", 4);
        Conv2dGeometry geometry = new Conv2dGeometry(inputs.getFirst(), attributes.integer("output_channels"),
                perAxis(attributes, "kernel"), perAxis(attributes, "stride"),
                new Padding(padding.get(0), padding.get(1), padding.get(2), padding.get(3)), perAxis(attributes, "dilation"),
                attributes.integer("groups"));
        return new Conv2d(attributes.text("name"), sources.getFirst(), geometry, attributes.integer("dimensions"),
                attributes.flag("bias"), attributes.flag("prunable"));
    }

    private static PerAxis perAxis(Attributes attributes, String name) {
        List<Integer> values = attributes.integers(name, 2);
        return new PerAxis(values.get(0), values.get(1));
    }

    private static List<Integer> list(PerAxis values) {
        return List.of(values.height(), values.width());
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
        return List.of(geometry.input());
    }

    @Override
    public Shape output() {
        return geometry.output();
    }

    @Override
    public List<Parameter> parameters() {
        List<Parameter> parameters = new ArrayList<>();
        List<Integer> shape = dimensions == 1 ? List.of(geometry.outputChannels(), geometry.groupInputs(), geometry.kernelWidth())
                : List.of(geometry.outputChannels(), geometry.groupInputs(), geometry.kernelHeight(), geometry.kernelWidth());
        parameters.add(new Parameter(name + ".weight", Kind.CONVOLUTION_WEIGHT, shape, prunable));
        if (bias) {
            parameters.add(new Parameter(name + ".bias", Kind.BIAS, List.of(geometry.outputChannels()), false));
        }
        return parameters;
    }

    @Override
    public long multiplyAdds() {
        return output().pixels();
    }

    @Override
    public Attributes attributes() {
        Padding padding = geometry.padding();
        return Attributes.EMPTY.with("name", name).with("dimensions", dimensions)
                .with("output_channels", geometry.outputChannels()).with("kernel", list(geometry.kernel()))
                .with("stride", list(geometry.stride()))
                .with("padding", List.of(padding.top(), padding.left(), padding.bottom(), padding.right()))
                .with("dilation", list(geometry.dilation())).with("groups", geometry.groups())
                .with("bias", bias).with("prunable", prunable);
    }

    @Override
    public Conv2d withSources(List<Integer> sources) {
        return new Conv2d(name, sources.getFirst(), geometry, dimensions, bias, prunable);
    }

    @Override
    public Conv2d withPrunable(boolean allowed) {
        return new Conv2d(name, source, geometry, dimensions, bias, allowed);
    }
}
