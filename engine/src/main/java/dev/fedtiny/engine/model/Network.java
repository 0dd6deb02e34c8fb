package dev.fedtiny.engine.model;

import dev.fedtiny.engine.internal.check.Given;
import dev.fedtiny.engine.internal.check.Names;
import dev.fedtiny.engine.layer.Input;
import dev.fedtiny.engine.layer.Layer;
import dev.fedtiny.engine.layer.Parameter;
import dev.fedtiny.engine.layer.WeightedLayer;
import dev.fedtiny.engine.tensor.Shape;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * An immutable architecture: layers in an order in which every source comes first, the parameters they hold in
 * {@code state_dict} order, the blocks in which progressive pruning visits the prunable ones, and the outputs: that of the last layer, or
 * those that the builder was told.
 */
public final class Network extends NetworkIndex {
    private final List<Block> blocks;
    private final List<Output> outputs;
    private final NetworkSpec spec;

    /**
     * Prunable layers that are grown and pruned together.
     *
     * @param name for example {@code conv5_x}
     * @param parameters positions of their weights in {@link Network#parameters()}, input first
     */
    public record Block(String name, List<Integer> parameters) {
        /** Keeps its own copy of the list, and refuses a name with half a surrogate pair. */
        public Block {
            Names.writable("network: block", Given.notNull(name, "network: block", "what reports call it"));
            Given.notNull(parameters, "network: parameters of a block", "positions of its weights");
            parameters = List.copyOf(parameters);
        }
    }

    /**
     * What a pass answers: the values of a layer.
     *
     * @param name what losses, sessions and files call it
     * @param layer position in {@link Network#layers()}
     */
    public record Output(String name, int layer) {
        /** What the only output of a network is called that says nothing else. */
        public static final String ONLY = "output";

        /**
         * Checks the name.
         *
         * @throws IllegalArgumentException if it is blank, or has half a surrogate pair
         */
        public Output {
            if (Given.notNull(name, "network: output", "a name that no other output has").isBlank()) {
                throw new IllegalArgumentException("network: the output of layer " + layer + " has no name; give it one");
            }
            Names.writable("network: output", name);
        }
    }

    private Network(List<Layer> layers, List<Block> blocks, List<Output> outputs, NetworkSpec spec, BitSet frozen) {
        super(layers, frozen);
        this.blocks = List.copyOf(blocks);
        this.outputs = List.copyOf(outputs);
        this.spec = spec;
    }

    /**
     * Whether another network has the same layers, whatever may be pruned of them: states of one fit the other.
     *
     * @param other any network
     * @return true where layers, names and shapes are equal
     */
    public boolean sameLayers(Network other) {
        Given.notNull(other, "network: other", "a network to compare with");
        return this == other || layers.equals(other.layers) || Prunability.none(layers).equals(Prunability.none(other.layers));
    }

    /** {@return blocks of prunable weights, input first} */
    public List<Block> blocks() {
        return blocks;
    }

    /** {@return what the network was built from, when it was one of the known architectures} */
    public Optional<NetworkSpec> spec() {
        return Optional.ofNullable(spec);
    }

    /** {@return the shape of an image} */
    public Shape input() {
        return layers.getFirst().output();
    }

    /** {@return the outputs, at least one, in the order in which they were named} */
    public List<Output> outputs() {
        return outputs;
    }

    /**
     * The shape of an output for one image.
     *
     * @param output one of {@link #outputs()}
     * @return C × H × W
     */
    public Shape shape(Output output) {
        return layers.get(checkLayer(Given.notNull(output, "network: output", "one of Network.outputs()").layer())).output();
    }

    /**
     * The number of logits.
     *
     * @return values of the only output for one image
     * @throws IllegalStateException if there are several outputs, of which none is the logits
     */
    public int classes() {
        if (outputs.size() > 1) {
            throw new IllegalStateException("network: it has the outputs " + outputs.stream().map(Output::name).toList()
                    + "; classes are counted where there is one");
        }
        return shape(outputs.getFirst()).size();
    }

    /**
     * The same architecture in which training leaves further parameters as they are, as {@code requires_grad = False} in PyTorch and
     * {@code trainable = False} in Keras do. A training session of it stops its backward pass at the first trained layer, and holds
     * neither gradients of frozen parameters nor what only they would need; optimisers remember nothing of them. A batch normalisation
     * whose γ and β are both frozen normalises by its running statistics in training, too, and leaves them as they are, so that frozen
     * layers compute in training what they compute in inference.
     *
     * <p>States of either network fit sessions of the other. Model files do not hold what is frozen.
     *
     * @param which the parameters to freeze, besides those that are frozen already
     * @return the network with these parameters frozen
     * @throws IllegalArgumentException if no trained parameter is among them
     */
    public Network freeze(Predicate<Parameter> which) {
        Given.notNull(which, "network: which", "a rule that says of a parameter whether it is frozen");
        return freeze(which, "the rule names");
    }

    /**
     * As {@link #freeze(Predicate)}, of parameters of certain names.
     *
     * @param names {@code state_dict} names; {@code *} stands for any characters
     * @return the network with these parameters frozen
     * @throws IllegalArgumentException if no trained parameter is called so
     */
    public Network freeze(String names) {
        Names.check(parameters().stream().anyMatch(Parameter.named(names)), "network: nothing to freeze", names, table.names());
        return freeze(Parameter.named(names), "'" + names + "' names");
    }

    private Network freeze(Predicate<Parameter> which, String who) {
        return new Network(layers, blocks, outputs, spec, table.frozenWith(which, who));
    }

    /** {@return the same architecture in which every parameter is trained} */
    public Network unfreeze() {
        return new Network(layers, blocks, outputs, spec, new BitSet());
    }

    /**
     * The same architecture in which one weight may not be pruned; a block that it leaves empty disappears.
     *
     * @param parameterName {@code state_dict} key of a weight
     * @return a new network with the same parameters
     */
    public Network withoutPruning(String parameterName) {
        int exempt = indexOf(parameterName);
        return new Network(Prunability.with(layers, parameterName, false), Prunability.leave(blocks, exempt), outputs, spec, table.frozen);
    }

    /**
     * The same architecture in which one more weight may be pruned, for example the first convolution, which the known architectures keep
     * dense. It joins the first block that has a later weight, or else the last one; a network without blocks gets one of its name.
     *
     * @param parameterName {@code state_dict} key of a weight
     * @return a new network with the same parameters; this one where the weight may be pruned already
     * @throws IllegalArgumentException if the parameter is no weight
     */
    public Network withPruning(String parameterName) {
        int joining = indexOf(parameterName);
        if (!parameters().get(joining).kind().isWeight()) {
            throw new IllegalArgumentException("network: '" + parameterName + "' is no weight of a convolution or linear layer, and only "
                    + "those are pruned");
        }
        if (parameters().get(joining).prunable()) {
            return this;
        }
        return new Network(Prunability.with(layers, parameterName, true), Prunability.join(blocks, joining, parameterName), outputs, spec,
                table.frozen);
    }

    /**
     * Starts a network from the shape of its images.
     *
     * @param input C × H × W of an image
     * @return a builder that has one layer, the images, at position 0
     */
    public static Builder builder(Shape input) {
        return new Builder(input);
    }

    /** Builds a network layer by layer; every method answers the position of the layer it added. */
    public static final class Builder extends LayerBuilder {
        private final List<Layer> layers = new ArrayList<>();
        private final Map<String, List<Integer>> blocks = new LinkedHashMap<>();
        private int parameters;
        private String block;
        private final List<Output> outputs = new ArrayList<>();

        private Builder(Shape input) {
            layers.add(new Input(Given.notNull(input, "network: input", "the shape of the images")));
        }

        /**
         * The shape of a layer's output.
         *
         * @param layer what a method of this builder answered; 0 for the images
         * @return C × H × W of one image
         * @throws IllegalArgumentException if there is no such layer yet, as in every method that is given one
         */
        @Override
        public Shape shape(int layer) {
            if (layer < 0 || layer >= layers.size()) {
                throw new IllegalArgumentException("network: there is no layer " + layer + ", the positions so far are 0 (the images) to "
                        + (layers.size() - 1) + "; give what a method of this builder has answered");
            }
            return layers.get(layer).output();
        }

        /**
         * Names an output: what a layer gives is an answer of the network, with a loss of its own. A network in which none is named has
         * one, that of the last layer, called {@value Output#ONLY}.
         *
         * @param name that no other output has
         * @param layer what a method of this builder answered; other layers may read it, too
         * @return this
         * @throws IllegalArgumentException if there is no such layer yet, it is the images, or it or the name is an output already
         */
        public Builder output(String name, int layer) {
            shape(layer);
            Output output = new Output(name, layer);
            NetworkRules.checkOutput(output, outputs);
            outputs.add(output);
            return this;
        }

        /**
         * Prunable weights added from here on belong to the block of this name. There is one block a name: one that was left for another
         * goes on where it is named again. Blocks stand in the order of their first weights.
         *
         * @param name for example {@code conv5_x}
         * @return this
         * @throws IllegalArgumentException if the name is blank, since reports tell blocks apart by it, or has half a surrogate pair
         */
        public Builder block(String name) {
            if (Given.notNull(name, "network: block", "a name, such as 'conv5_x'").isBlank()) {
                throw new IllegalArgumentException("network: a block has no name; give it one, such as 'conv5_x'");
            }
            block = Names.writable("network: block", name);
            return this;
        }

        /**
         * Any layer, an embedder's own as well. Its weight, if it has one that may be pruned, belongs to the block that is open.
         *
         * @param layer reads layers that are there
         * @return its position
         * @throws IllegalArgumentException if it reads layers that are not there yet, or of other shapes than it says; an {@link Input} is
         *     added by nobody
         * @throws IllegalStateException if its weight may be pruned and no block is open
         */
        @Override
        public int add(Layer layer) {
            Given.notNull(layer, "network: layer", "a layer that reads layers that are there");
            NetworkRules.checkSources(layer, this);
            if (layer instanceof WeightedLayer weighted && weighted.prunable()) {
                if (block == null) {
                    throw new IllegalStateException("network: prunable weight '" + weighted.weight().name()
                            + "' belongs to no block; call block(name) first");
                }
                blocks.computeIfAbsent(block, name -> new ArrayList<>()).add(parameters);
            }
            parameters += layer.parameters().size();
            layers.add(layer);
            return layers.size() - 1;
        }

        /**
         * The network as built, of no known architecture. The layer added last is its output, unless outputs were named.
         *
         * @return the network
         * @throws IllegalArgumentException if there is no layer yet, nothing reads one but the last, or two parameters have one name
         */
        public Network build() {
            return build(null);
        }

        Network build(NetworkSpec spec) {
            if (layers.size() == 1) {
                throw new IllegalArgumentException("network: there is no layer but the images; add at least one that computes something");
            }
            List<Block> all = blocks.entrySet().stream().map(entry -> new Block(entry.getKey(), entry.getValue())).toList();
            boolean named = !outputs.isEmpty();
            List<Output> declared = named ? outputs : List.of(new Output(Output.ONLY, layers.size() - 1));
            NetworkRules.checkRead(layers, declared, named);
            return new Network(layers, all, declared, spec, new BitSet());
        }
    }
}
