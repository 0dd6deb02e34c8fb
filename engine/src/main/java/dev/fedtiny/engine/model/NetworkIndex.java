package dev.fedtiny.engine.model;

import dev.fedtiny.engine.internal.check.Given;
import dev.fedtiny.engine.internal.check.Names;
import dev.fedtiny.engine.layer.Layer;
import dev.fedtiny.engine.layer.Parameter;
import java.util.BitSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/** What a network consists of, and where: layers and parameters by position and by name. Nothing of it changes. */
abstract class NetworkIndex {
    final List<Layer> layers;
    final ParameterTable table;

    NetworkIndex(List<Layer> layers, BitSet frozen) {
        this.layers = List.copyOf(layers);
        this.table = new ParameterTable(this.layers, frozen);
    }

    final int checkLayer(int layer) {
        if (layer < 0 || layer >= layers.size()) {
            throw new IllegalArgumentException("network: layer " + layer + ", must be in [0, " + layers.size()
                    + "), the positions in Network.layers()");
        }
        return layer;
    }

    private int checkParameter(int parameter) {
        if (parameter < 0 || parameter >= parameters().size()) {
            throw new IllegalArgumentException("network: parameter " + parameter + ", must be in [0, " + parameters().size()
                    + "), the positions in Network.parameters()");
        }
        return parameter;
    }

    /** {@return the layers, each source before its user} */
    public List<Layer> layers() {
        return layers;
    }

    /** {@return all parameters and running statistics, in {@code state_dict} order} */
    public List<Parameter> parameters() {
        return table.parameters;
    }

    /**
     * Position in {@link #parameters()} of a layer's first parameter; its others follow.
     *
     * @param layer position in {@link #layers()}, of a layer that has parameters
     * @return position of the first of them
     */
    public int firstParameter(int layer) {
        return table.first[checkLayer(layer)];
    }

    /**
     * The layer that holds a parameter.
     *
     * @param parameter position in {@link #parameters()}
     * @return the layer
     */
    public Layer layerOf(int parameter) {
        return table.owners.get(checkParameter(parameter));
    }

    /**
     * The layer of a name, which is the prefix of its parameters.
     *
     * @param name for example {@code layer4.1.conv2}
     * @return its position in {@link #layers()}
     * @throws IllegalArgumentException if there is none
     */
    public int layer(String name) {
        Given.notNull(name, "network: name", "the prefix of a layer's parameters");
        for (int i = 0; i < layers.size(); i++) {
            if (!name.isEmpty() && layers.get(i).name().equals(name)) {
                return i;
            }
        }
        throw new IllegalArgumentException("network: no layer is called '" + name + "'; the names are " + layers.stream().map(Layer::name)
                .filter(other -> !other.isEmpty()).toList());
    }

    /**
     * What the layer of a name reads: of a classifier, the features that it classifies by.
     *
     * @param name as for {@link #layer}
     * @return position in {@link #layers()} of its only, or first, source
     * @throws IllegalArgumentException if there is none of that name
     */
    public int inputOf(String name) {
        return layers.get(layer(name)).sources().getFirst();
    }

    /**
     * The position of a parameter, or empty when there is none of that name.
     *
     * @param parameterName its {@code state_dict} key
     * @return position in {@link #parameters()}
     */
    public OptionalInt find(String parameterName) {
        Given.notNull(parameterName, "network: parameterName", "the state_dict key of a parameter");
        Integer index = table.positions.get(parameterName);
        return index == null ? OptionalInt.empty() : OptionalInt.of(index);
    }

    /**
     * The position of a parameter.
     *
     * @param parameterName its {@code state_dict} key
     * @return position in {@link #parameters()}
     * @throws IllegalArgumentException if there is none of that name
     */
    public int indexOf(String parameterName) {
        return find(parameterName).orElseThrow(() -> new IllegalArgumentException("network has no parameter '" + parameterName + "'"
                + Names.hint(parameterName, table.names())));
    }

    /** {@return positions of the prunable weights, input first} */
    public List<Integer> prunable() {
        return IntStream.range(0, parameters().size()).filter(i -> parameters().get(i).prunable()).boxed().toList();
    }

    /** {@return number of values an optimiser trains, pruned or not; what is frozen is not among them} */
    public long trainableCount() {
        return table.trained().mapToLong(i -> parameters().get(i).size()).sum();
    }

    /**
     * Whether training changes a parameter: it is of a kind that is trained, and not {@linkplain Network#freeze frozen}.
     *
     * @param parameter its place in {@link #parameters()}
     * @return whether it has a gradient in a training session
     */
    public boolean isTrained(int parameter) {
        return table.isTrained(checkParameter(parameter));
    }

    /**
     * Whether a backward pass comes by a layer: it, or a layer that it depends on, has a trained parameter.
     *
     * @param layer its place in {@link #layers()}
     * @return whether training needs the gradient of the layer's output
     */
    public boolean needsGradient(int layer) {
        return table.needsGradient[checkLayer(layer)];
    }
}
