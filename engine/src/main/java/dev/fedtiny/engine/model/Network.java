package dev.fedtiny.engine.model;

import dev.fedtiny.engine.layer.Activation;
import dev.fedtiny.engine.layer.Add;
import dev.fedtiny.engine.layer.AveragePool2d;
import dev.fedtiny.engine.layer.BatchNorm2d;
import dev.fedtiny.engine.layer.Clamp;
import dev.fedtiny.engine.layer.Concat;
import dev.fedtiny.engine.layer.Conv2d;
import dev.fedtiny.engine.layer.Dropout;
import dev.fedtiny.engine.layer.Flatten;
import dev.fedtiny.engine.layer.GlobalAveragePool;
import dev.fedtiny.engine.layer.GroupNorm;
import dev.fedtiny.engine.layer.Input;
import dev.fedtiny.engine.layer.Layer;
import dev.fedtiny.engine.layer.LayerNorm;
import dev.fedtiny.engine.layer.Linear;
import dev.fedtiny.engine.layer.MaxPool2d;
import dev.fedtiny.engine.layer.Multiply;
import dev.fedtiny.engine.layer.OperatorLayer;
import dev.fedtiny.engine.layer.Parameter;
import dev.fedtiny.engine.layer.Repeat;
import dev.fedtiny.engine.layer.Softmax;
import dev.fedtiny.engine.layer.Upsample;
import dev.fedtiny.engine.layer.WeightedLayer;
import dev.fedtiny.engine.tensor.Conv2dGeometry;
import dev.fedtiny.engine.tensor.PerAxis;
import dev.fedtiny.engine.tensor.Pool2dGeometry;
import dev.fedtiny.engine.tensor.Shape;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * An immutable architecture: layers in an order in which every source comes first, the parameters they hold in
 * {@code state_dict} order, the blocks in which progressive pruning visits the prunable ones, and the outputs: that of the last layer, or
 * those that the builder was told.
 */
public final class Network {
    /** Names that a message lists. */
    private static final int MOST_NAMES = 5;

    private final List<Layer> layers;
    private final List<Parameter> parameters;
    /** Position of each layer's first parameter. */
    private final int[] firstParameters;
    /** Each parameter's layer. */
    private final List<Layer> owners;
    private final List<Block> blocks;
    private final List<Output> outputs;
    private final Map<String, Integer> parameterIndex;
    private final NetworkSpec spec;
    /** Positions of the parameters that training leaves as they are. */
    private final BitSet frozen;
    /** Whether a trained parameter is in a layer or in one that it depends on. */
    private final boolean[] needsGradient;

    /**
     * Prunable layers that are grown and pruned together.
     *
     * @param name for example {@code conv5_x}
     * @param parameters positions of their weights in {@link Network#parameters()}, input first
     */
    public record Block(String name, List<Integer> parameters) {
        /** Keeps its own copy of the list. */
        public Block {
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
         * @throws IllegalArgumentException if it is blank
         */
        public Output {
            if (name.isBlank()) {
                throw new IllegalArgumentException("network: the output of layer " + layer + " has no name; give it one");
            }
        }
    }

    private Network(List<Layer> layers, List<Block> blocks, List<Output> outputs, NetworkSpec spec, BitSet frozen) {
        this.layers = List.copyOf(layers);
        this.blocks = List.copyOf(blocks);
        this.outputs = List.copyOf(outputs);
        this.spec = spec;
        this.frozen = frozen;
        this.firstParameters = new int[layers.size()];
        List<Parameter> all = new ArrayList<>();
        List<Layer> owning = new ArrayList<>();
        for (int i = 0; i < firstParameters.length; i++) {
            firstParameters[i] = all.size();
            for (Parameter parameter : layers.get(i).parameters()) {
                all.add(parameter);
                owning.add(layers.get(i));
            }
        }
        this.parameters = List.copyOf(all);
        this.owners = List.copyOf(owning);
        this.parameterIndex = new HashMap<>();
        for (int i = 0; i < parameters.size(); i++) {
            if (parameterIndex.put(parameters.get(i).name(), i) != null) {
                throw new IllegalArgumentException("network: two parameters are called '" + parameters.get(i).name() + "'");
            }
        }
        this.needsGradient = new boolean[layers.size()];
        for (int i = 0; i < needsGradient.length; i++) {
            int first = firstParameters[i];
            Layer layer = layers.get(i);
            needsGradient[i] = layer.sources().stream().anyMatch(source -> needsGradient[source])
                    || IntStream.range(first, first + layer.parameters().size()).anyMatch(this::isTrained);
        }
    }

    /** {@return the layers, each source before its user} */
    public List<Layer> layers() {
        return layers;
    }

    /** {@return all parameters and running statistics, in {@code state_dict} order} */
    public List<Parameter> parameters() {
        return parameters;
    }

    /**
     * Position in {@link #parameters()} of a layer's first parameter; its others follow.
     *
     * @param layer position in {@link #layers()}, of a layer that has parameters
     * @return position of the first of them
     */
    public int firstParameter(int layer) {
        return firstParameters[layer];
    }

    /**
     * The layer that holds a parameter.
     *
     * @param parameter position in {@link #parameters()}
     * @return the layer
     */
    public Layer layerOf(int parameter) {
        return owners.get(parameter);
    }

    /**
     * Whether another network has the same layers, whatever may be pruned of them: states of one fit the other.
     *
     * @param other any network
     * @return true where layers, names and shapes are equal
     */
    public boolean sameLayers(Network other) {
        return this == other || layers.equals(other.layers) || unprunable(layers).equals(unprunable(other.layers));
    }

    private static List<Layer> unprunable(List<Layer> layers) {
        return layers.stream().map(layer -> layer instanceof WeightedLayer weighted ? weighted.withPrunable(false) : layer).toList();
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
        return layers.get(output.layer()).output();
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
     * The layer of a name, which is the prefix of its parameters.
     *
     * @param name for example {@code layer4.1.conv2}
     * @return its position in {@link #layers()}
     * @throws IllegalArgumentException if there is none
     */
    public int layer(String name) {
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
        Integer index = parameterIndex.get(parameterName);
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
        return find(parameterName).orElseThrow(() -> new IllegalArgumentException("network has no parameter '" + parameterName + "'"));
    }

    /** {@return positions of the prunable weights, input first} */
    public List<Integer> prunable() {
        List<Integer> prunable = new ArrayList<>();
        for (int i = 0; i < parameters.size(); i++) {
            if (parameters.get(i).prunable()) {
                prunable.add(i);
            }
        }
        return prunable;
    }

    /** {@return number of values an optimiser trains, pruned or not; what is frozen is not among them} */
    public long trainableCount() {
        return trained().mapToLong(i -> parameters.get(i).size()).sum();
    }

    /**
     * Whether training changes a parameter: it is of a kind that is trained, and not {@linkplain #freeze frozen}.
     *
     * @param parameter its place in {@link #parameters()}
     * @return whether it has a gradient in a training session
     */
    public boolean isTrained(int parameter) {
        return parameters.get(parameter).kind().trainable() && !frozen.get(parameter);
    }

    /**
     * Whether a backward pass comes by a layer: it, or a layer that it depends on, has a trained parameter.
     *
     * @param layer its place in {@link #layers()}
     * @return whether training needs the gradient of the layer's output
     */
    public boolean needsGradient(int layer) {
        return needsGradient[layer];
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
        return freeze(Parameter.named(names), "'" + names + "' names");
    }

    private Network freeze(Predicate<Parameter> which, String who) {
        int[] more = trained().filter(i -> which.test(parameters.get(i))).toArray();
        if (more.length == 0) {
            List<String> names = trained().limit(MOST_NAMES).mapToObj(i -> parameters.get(i).name()).toList();
            throw new IllegalArgumentException("network: nothing to freeze: " + who + " none of the " + trained().count()
                    + " trained parameters, which begin with " + names);
        }
        BitSet all = (BitSet) frozen.clone();
        IntStream.of(more).forEach(all::set);
        return new Network(layers, blocks, outputs, spec, all);
    }

    private IntStream trained() {
        return IntStream.range(0, parameters.size()).filter(this::isTrained);
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
        List<Layer> changed = layers.stream().map(layer -> layer instanceof WeightedLayer weighted
                && weighted.weight().name().equals(parameterName) ? weighted.withPrunable(false) : layer).toList();
        List<Block> rest = new ArrayList<>();
        for (Block block : blocks) {
            List<Integer> members = block.parameters().stream().filter(i -> i != exempt).toList();
            if (!members.isEmpty()) {
                rest.add(new Block(block.name(), members));
            }
        }
        return new Network(changed, rest, outputs, spec, frozen);
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
        if (!parameters.get(joining).kind().isWeight()) {
            throw new IllegalArgumentException("network: '" + parameterName + "' is no weight of a convolution or linear layer, and only "
                    + "those are pruned");
        }
        if (parameters.get(joining).prunable()) {
            return this;
        }
        List<Layer> changed = layers.stream().map(layer -> layer instanceof WeightedLayer weighted
                && weighted.weight().name().equals(parameterName) ? weighted.withPrunable(true) : layer).toList();
        int place = 0;
        while (place < blocks.size() - 1 && blocks.get(place).parameters().getLast() < joining) {
            place++;
        }
        List<Block> joined = new ArrayList<>(blocks);
        if (blocks.isEmpty()) {
            joined.add(new Block(parameterName, List.of(joining)));
        } else {
            joined.set(place, new Block(blocks.get(place).name(),
                    Stream.concat(blocks.get(place).parameters().stream(), Stream.of(joining)).sorted().toList()));
        }
        return new Network(changed, joined, outputs, spec, frozen);
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
    public static final class Builder {
        private final List<Layer> layers = new ArrayList<>();
        private final List<Block> blocks = new ArrayList<>();
        private int parameters;
        private String blockName;
        private List<Integer> blockMembers = new ArrayList<>();
        private final List<Output> outputs = new ArrayList<>();

        private Builder(Shape input) {
            layers.add(new Input(Objects.requireNonNull(input, "network: the shape of the images")));
        }

        /**
         * The shape of a layer's output.
         *
         * @param layer what a method of this builder answered; 0 for the images
         * @return C × H × W of one image
         * @throws IllegalArgumentException if there is no such layer yet, as in every method that is given one
         */
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
            if (layer == 0) {
                throw new IllegalArgumentException("network: output '" + name + "' is the images; name a layer that computes something");
            }
            for (Output other : outputs) {
                if (other.name().equals(name) || other.layer() == layer) {
                    throw new IllegalArgumentException("network: output '" + name + "' of layer " + layer + " beside '" + other.name()
                            + "' of layer " + other.layer() + "; give every output a name and a layer of its own");
                }
            }
            outputs.add(new Output(name, layer));
            return this;
        }

        /**
         * Prunable weights added from here on belong to a new block of this name.
         *
         * @param name for example {@code conv5_x}; no other block has it
         * @return this
         */
        public Builder block(String name) {
            closeBlock();
            blockName = name;
            return this;
        }

        private void closeBlock() {
            if (!blockMembers.isEmpty()) {
                blocks.add(new Block(blockName, blockMembers));
                blockMembers = new ArrayList<>();
            }
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
        public int add(Layer layer) {
            if (layer instanceof Input) {
                throw new IllegalArgumentException("network: the images are there already, as layer 0; a network has one input");
            }
            if (layer.sources().size() != layer.inputs().size()) {
                throw new IllegalArgumentException("network: " + layer.describe() + " has " + layer.sources().size() + " sources and "
                        + layer.inputs().size() + " shapes of inputs; give one shape a source");
            }
            for (int i = 0; i < layer.sources().size(); i++) {
                Shape shape = shape(layer.sources().get(i));
                if (!shape.equals(layer.inputs().get(i))) {
                    throw new IllegalArgumentException("network: " + layer.describe() + " expects " + layer.inputs().get(i)
                            + " as its input " + i + ", but its source, layer " + layer.sources().get(i) + ", gives " + shape);
                }
                if (layer instanceof OperatorLayer operator && operator.channelwise() && shape.channels() != layer.output().channels()) {
                    throw new IllegalArgumentException("network: " + layer.describe() + " says that it treats every channel by itself, but "
                            + "its input " + i + " has " + shape.channels() + " channels");
                }
            }
            if (layer instanceof WeightedLayer weighted && weighted.prunable()) {
                if (blockName == null) {
                    throw new IllegalStateException("network: prunable weight '" + weighted.weight().name()
                            + "' belongs to no block; call block(name) first");
                }
                blockMembers.add(parameters);
            }
            parameters += layer.parameters().size();
            layers.add(layer);
            return layers.size() - 1;
        }

        /**
         * A convolution with a square kernel; see {@link Conv2d}.
         *
         * @param name prefix of its tensors: {@code name.weight} (K,C,R,S), {@code name.bias} (K)
         * @param source position of the input
         * @param outputChannels K
         * @param kernel R and S
         * @param stride pixels between two windows, along both axes
         * @param padding zeros on all four sides
         * @param bias whether there is a bias
         * @param prunable whether methods prune the weight
         * @return its position
         * @throws IllegalArgumentException naming layer, shapes and rule if there can be no such convolution
         */
        public int conv2d(String name, int source, int outputChannels, int kernel, int stride, int padding, boolean bias,
                boolean prunable) {
            Shape in = shape(source);
            return conv2d(name, source, possible("conv2d '" + name + "'", source,
                    () -> new Conv2dGeometry(in, outputChannels, kernel, kernel, stride, padding)), bias, prunable);
        }

        /**
         * A convolution of any geometry; see {@link Conv2d}.
         *
         * @param name prefix of its tensors: {@code name.weight} (K,C/groups,R,S), {@code name.bias} (K)
         * @param source position of the input
         * @param geometry shapes, strides, padding, dilation, groups
         * @param bias whether there is a bias
         * @param prunable whether methods prune the weight
         * @return its position
         * @throws IllegalArgumentException if the geometry's input is not the source's output
         */
        public int conv2d(String name, int source, Conv2dGeometry geometry, boolean bias, boolean prunable) {
            checkInput("conv2d", name, source, geometry);
            return add(new Conv2d(name, source, geometry, bias, prunable));
        }

        /**
         * A convolution along one dimension, N × C × L, which is a height of 1; its weight is K,C,S.
         *
         * @param padding zeros on both sides
         * @param name prefix of its tensors: {@code name.weight} (K,C,S), {@code name.bias} (K)
         * @param source position of the input, C × 1 × L
         * @param outputChannels K
         * @param kernel S
         * @param stride values between two windows
         * @param bias whether there is a bias
         * @param prunable whether methods prune the weight
         * @return its position
         * @throws IllegalArgumentException naming layer, shapes and rule if there can be no such convolution
         */
        public int conv1d(String name, int source, int outputChannels, int kernel, int stride, int padding, boolean bias,
                boolean prunable) {
            Shape in = shape(source);
            return conv1d(name, source, possible("conv1d '" + name + "'", source,
                    () -> Conv2dGeometry.conv1d(in, outputChannels, kernel, stride, padding)), bias, prunable);
        }

        /**
         * A convolution along one dimension of any geometry; its weight is K,C/groups,S.
         *
         * @param name prefix of its tensors: {@code name.weight}, {@code name.bias} (K)
         * @param source position of the input, C × 1 × L
         * @param geometry shapes, strides, padding, dilation, groups
         * @param bias whether there is a bias
         * @param prunable whether methods prune the weight
         * @return its position
         * @throws IllegalArgumentException if the geometry's input is not the source's output, or input or kernel are higher than 1
         */
        public int conv1d(String name, int source, Conv2dGeometry geometry, boolean bias, boolean prunable) {
            checkInput("conv1d", name, source, geometry);
            return add(new Conv2d(name, source, geometry, 1, bias, prunable));
        }

        /** A geometry, or an error that names the layer besides the rule. */
        private <T> T possible(String layer, int source, Supplier<T> geometry) {
            try {
                return geometry.get();
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(layer + " on layer " + source + " of " + shape(source) + " cannot be: " + e.getMessage(),
                        e);
            }
        }

        private void checkInput(String kind, String name, int source, Conv2dGeometry geometry) {
            Shape in = shape(source);
            if (!geometry.input().equals(in)) {
                throw new IllegalArgumentException(kind + " '" + name + "': the source is " + in + ", the geometry expects "
                        + geometry.input());
            }
        }

        /**
         * A batch normalisation; see {@link BatchNorm2d}.
         *
         * @param name prefix of its tensors
         * @param source position of the input
         * @return its position
         */
        public int batchNorm2d(String name, int source) {
            return add(new BatchNorm2d(name, source, shape(source)));
        }

        /**
         * A batch normalisation with an ε and momentum of its own.
         *
         * @param name prefix of its tensors
         * @param source position of the input
         * @param epsilon ε, above 0
         * @param momentum share of a batch's statistics in the running ones, in [0, 1]
         * @return its position
         */
        public int batchNorm2d(String name, int source, double epsilon, double momentum) {
            return add(new BatchNorm2d(name, source, shape(source), epsilon, momentum, BatchNorm2d.Statistics.BATCH));
        }

        /**
         * A ReLU.
         *
         * @param source position of the input
         * @return its position
         */
        public int relu(int source) {
            return add(Clamp.relu(source, shape(source)));
        }

        /**
         * A ReLU of at most 6.
         *
         * @param source position of the input
         * @return its position
         */
        public int relu6(int source) {
            return add(new Clamp(source, shape(source), 0, 6));
        }

        /**
         * A sum of two layers of one shape.
         *
         * @param left position of one summand
         * @param right position of the other
         * @return its position
         */
        public int add(int left, int right) {
            if (!shape(left).equals(shape(right))) {
                throw new IllegalArgumentException("add: shapes " + shape(left) + " and " + shape(right) + " differ");
            }
            return add(new Add(left, right, shape(left)));
        }

        /**
         * An activation function with its default numbers; for ReLU see {@link #relu}.
         *
         * @param source position of the input
         * @param function what is computed of every value
         * @return its position
         */
        public int activation(int source, Activation.Function function) {
            return add(new Activation(function, source, shape(source)));
        }

        /**
         * An activation function with numbers of one's own; see {@link Activation}.
         *
         * @param source position of the input
         * @param function what is computed of every value
         * @param a its first number; 0 where it has none
         * @param b its second number; 0 where it has none
         * @return its position
         */
        public int activation(int source, Activation.Function function, double a, double b) {
            return add(new Activation(function, a, b, source, shape(source)));
        }

        /**
         * A product of two layers; one is broadcast over the other where an extent of it is 1. See {@link Multiply}.
         *
         * @param left position of one factor
         * @param right position of the other
         * @return its position; the output has the larger factor's shape
         */
        public int multiply(int left, int right) {
            boolean swapped = shape(left).size() < shape(right).size();
            int source = swapped ? right : left;
            int factor = swapped ? left : right;
            return add(new Multiply(source, factor, shape(source), shape(factor)));
        }

        /**
         * Layers one behind the other along channels.
         *
         * @param sources positions of inputs of one height and width, at least one
         * @return its position
         */
        public int concat(int... sources) {
            return add(new Concat(IntStream.of(sources).boxed().toList(), IntStream.of(sources).mapToObj(this::shape).toList()));
        }

        /**
         * A softmax over the channels.
         *
         * @param source position of the input
         * @return its position
         */
        public int softmax(int source) {
            return add(new Softmax(source, shape(source)));
        }

        /**
         * A normalisation of every pixel over its channels; see {@link LayerNorm}.
         *
         * @param name prefix of its tensors {@code name.weight} and {@code name.bias}, each (C)
         * @param source position of the input
         * @param epsilon ε, above 0
         * @return its position
         */
        public int layerNorm(String name, int source, double epsilon) {
            return add(new LayerNorm(name, source, shape(source), epsilon));
        }

        /**
         * A normalisation of every image over groups of channels; see {@link GroupNorm}.
         *
         * @param name prefix of its tensors {@code name.weight} and {@code name.bias}, each (C)
         * @param source position of the input
         * @param groups divides the input's channels; 1: all channels together, C: each alone
         * @param epsilon ε, above 0
         * @return its position
         */
        public int groupNorm(String name, int source, int groups, double epsilon) {
            return add(new GroupNorm(name, source, shape(source), groups, epsilon));
        }

        /**
         * A max pooling with square windows and without padding.
         *
         * @param source position of the input
         * @param kernel height and width of a window
         * @param stride pixels between two windows, along both axes
         * @return its position
         */
        public int maxPool2d(int source, int kernel, int stride) {
            Shape in = shape(source);
            return maxPool2d(source, possible("max_pool2d", source, () -> new Pool2dGeometry(in, kernel, stride)));
        }

        /**
         * A max pooling of any geometry; see {@link MaxPool2d}.
         *
         * @param source position of the input
         * @param geometry windows over the source's output
         * @return its position
         */
        public int maxPool2d(int source, Pool2dGeometry geometry) {
            return add(new MaxPool2d(source, geometry));
        }

        /**
         * The largest value of each map.
         *
         * @param source position of the input
         * @return its position; the output is C × 1 × 1
         */
        public int globalMaxPool(int source) {
            return maxPool2d(source, Pool2dGeometry.whole(shape(source)));
        }

        /**
         * Means of windows; see {@link AveragePool2d}.
         *
         * @param source position of the input
         * @param geometry windows over the source's output
         * @param countsPadding whether zeros of the padding are counted in the mean, PyTorch's {@code count_include_pad}
         * @return its position
         */
        public int averagePool2d(int source, Pool2dGeometry geometry, boolean countsPadding) {
            return add(new AveragePool2d(source, geometry, countsPadding));
        }

        /**
         * Every pixel as a rectangle.
         *
         * @param source position of the input
         * @param scale height and width of a pixel's rectangle
         * @return its position
         */
        public int upsample(int source, PerAxis scale) {
            return add(new Upsample(source, shape(source), scale));
        }

        /**
         * The values of a map as channels, in the order C, H, W.
         *
         * @param source position of the input
         * @return its position; the output is C·H·W × 1 × 1
         */
        public int flatten(int source) {
            return add(new Flatten(source, shape(source)));
        }

        /**
         * A mean over each map.
         *
         * @param source position of the input
         * @return its position; the output is C × 1 × 1
         */
        public int globalAveragePool(int source) {
            return add(new GlobalAveragePool(source, shape(source)));
        }

        /**
         * A 1 × 1 map repeated.
         *
         * @param source position of the input, C × 1 × 1
         * @param height of the output
         * @param width of the output
         * @return its position
         */
        public int repeat(int source, int height, int width) {
            if (shape(source).pixels() != 1) {
                throw new IllegalArgumentException("repeat: the source is " + shape(source) + ", only 1×1 maps can be repeated");
            }
            return add(new Repeat(source, new Shape(shape(source).channels(), height, width)));
        }

        /**
         * A dropout.
         *
         * @param source position of the input
         * @param probability of a value to be set to 0 in training, in [0, 1); the others are divided by 1 minus it
         * @return its position
         */
        public int dropout(int source, double probability) {
            return add(new Dropout(source, shape(source), probability));
        }

        /**
         * A fully connected layer.
         *
         * @param name prefix of its tensors: {@code name.weight} (out,in), {@code name.bias} (out)
         * @param source position of the input, flattened in C,H,W order
         * @param outputs values of the output
         * @param bias whether there is a bias
         * @param prunable whether methods prune the weight
         * @return its position
         */
        public int linear(String name, int source, int outputs, boolean bias, boolean prunable) {
            return add(new Linear(name, source, shape(source), outputs, bias, prunable));
        }

        /**
         * The network as built, of no known architecture. The layer added last is its output, unless outputs were named.
         *
         * @return the network
         * @throws IllegalArgumentException if nothing reads one of the other layers, or two parameters have one name
         */
        public Network build() {
            return build(null);
        }

        Network build(NetworkSpec spec) {
            closeBlock();
            checkRead();
            return new Network(layers, blocks, declared(), spec, new BitSet());
        }

        /** The named outputs; else the last layer is the only one. */
        private List<Output> declared() {
            return outputs.isEmpty() ? List.of(new Output(Output.ONLY, layers.size() - 1)) : outputs;
        }

        /** Refuses layers that nothing reads: they would be computed for nothing, and no gradient would come to them. */
        private void checkRead() {
            boolean[] read = new boolean[layers.size()];
            declared().forEach(output -> read[output.layer()] = true);
            layers.forEach(layer -> layer.sources().forEach(source -> read[source] = true));
            for (int i = 0; i < read.length; i++) {
                if (!read[i]) {
                    String ends = declared().stream().map(output -> (outputs.isEmpty() ? "" : "'" + output.name() + "', ") + "layer "
                            + output.layer() + ", " + layers.get(output.layer()).describe()).collect(Collectors.joining("; "));
                    throw new IllegalArgumentException("network: nothing reads layer " + i + ", " + layers.get(i).describe()
                            + ", and the output is " + ends + "; let a layer read it, leave it out, "
                            + (outputs.isEmpty() ? "or add the output last" : "or name it as an output"));
                }
            }
        }
    }
}
