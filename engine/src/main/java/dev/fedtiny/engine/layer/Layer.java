package dev.fedtiny.engine.layer;

import dev.fedtiny.engine.tensor.Shape;
import java.util.List;

/**
 * One node of a network: an immutable value that says everything about itself. It names its sources by their position in the network,
 * always earlier than its own. Few layers are known to the planner, which fuses them; every other one is an {@link OperatorLayer}, an
 * embedder's own as well.
 */
public sealed interface Layer permits Input, WeightedLayer, BatchNorm2d, Clamp, Add, OperatorLayer {
    /** {@return what files call the layer: PyTorch's name of it in lower case, for example {@code max_pool2d}; see {@link LayerKind}} */
    String kind();

    /** {@return prefix of its parameters in a {@code state_dict}, for example {@code layer1.0.conv1}; empty where it has none} */
    default String name() {
        return "";
    }

    /** {@return positions of what it reads} */
    List<Integer> sources();

    /** {@return the shapes it reads, one a source, in their order} */
    List<Shape> inputs();

    /** {@return the shape of the layer's output for one image} */
    Shape output();

    /** {@return the tensors it holds, in {@code state_dict} order; their names begin with {@link #name()} and a dot} */
    default List<Parameter> parameters() {
        return List.of();
    }

    /** {@return everything else that a file must know of it: not its sources, nor the shapes it reads, which follow from them} */
    Attributes attributes();

    /**
     * The same layer, which reads at other positions.
     *
     * @param sources positions of as many layers, whose outputs have the shapes of {@link #inputs()}
     * @return a copy
     */
    Layer withSources(List<Integer> sources);

    /** {@return what messages call it: kind, name and output} */
    default String describe() {
        return kind() + (name().isEmpty() ? "" : " '" + name() + "'") + " of " + output();
    }
}
