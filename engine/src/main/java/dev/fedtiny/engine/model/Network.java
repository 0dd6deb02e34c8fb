package dev.fedtiny.engine.model;

import dev.fedtiny.engine.model.Parameter.Kind;
import dev.fedtiny.engine.tensor.Conv2dGeometry;
import dev.fedtiny.engine.tensor.Shape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * An immutable architecture: layers in an order in which every source comes first, the parameters they hold in
 * {@code state_dict} order, and the blocks in which progressive pruning visits the prunable ones. The last layer's output
 * holds the logits.
 */
public final class Network {
    private final List<Layer> layers;
    private final List<Parameter> parameters;
    private final List<Block> blocks;
    private final Map<String, Integer> parameterIndex;
    private final NetworkSpec spec;

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

    Network(List<Layer> layers, List<Parameter> parameters, List<Block> blocks, NetworkSpec spec) {
        this.layers = List.copyOf(layers);
        this.parameters = List.copyOf(parameters);
        this.blocks = List.copyOf(blocks);
        this.spec = spec;
        this.parameterIndex = new HashMap<>();
        for (int i = 0; i < parameters.size(); i++) {
            if (parameterIndex.put(parameters.get(i).name(), i) != null) {
                throw new IllegalArgumentException("network: two parameters are called '" + parameters.get(i).name() + "'");
            }
        }
    }

    /** The layers, each source before its user. */
    public List<Layer> layers() {
        return layers;
    }

    /** All parameters and running statistics, in {@code state_dict} order. */
    public List<Parameter> parameters() {
        return parameters;
    }

    /** Blocks of prunable weights, input first. */
    public List<Block> blocks() {
        return blocks;
    }

    /** What the network was built from, when it was one of the known architectures. */
    public Optional<NetworkSpec> spec() {
        return Optional.ofNullable(spec);
    }

    /** The shape of an image. */
    public Shape input() {
        return layers.getFirst().output();
    }

    /** The number of logits. */
    public int classes() {
        return layers.getLast().output().size();
    }

    /** The position of a parameter, or empty when there is none of that name. */
    public OptionalInt find(String parameterName) {
        Integer index = parameterIndex.get(parameterName);
        return index == null ? OptionalInt.empty() : OptionalInt.of(index);
    }

    /**
     * The position of a parameter.
     *
     * @throws IllegalArgumentException if there is none of that name
     */
    public int indexOf(String parameterName) {
        return find(parameterName).orElseThrow(() -> new IllegalArgumentException("network has no parameter '" + parameterName + "'"));
    }

    /** Positions of the prunable weights, input first. */
    public List<Integer> prunable() {
        List<Integer> prunable = new ArrayList<>();
        for (int i = 0; i < parameters.size(); i++) {
            if (parameters.get(i).prunable()) {
                prunable.add(i);
            }
        }
        return prunable;
    }

    /** Number of values an optimiser trains, pruned or not. */
    public long trainableCount() {
        return parameters.stream().filter(p -> p.kind().trainable()).mapToLong(Parameter::size).sum();
    }

    /** The same architecture in which one weight may not be pruned; a block that it leaves empty disappears. */
    public Network withoutPruning(String parameterName) {
        int exempt = indexOf(parameterName);
        List<Parameter> changed = new ArrayList<>(parameters);
        Parameter old = parameters.get(exempt);
        changed.set(exempt, new Parameter(old.name(), old.kind(), old.shape(), false));
        List<Block> rest = new ArrayList<>();
        for (Block block : blocks) {
            List<Integer> members = block.parameters().stream().filter(i -> i != exempt).toList();
            if (!members.isEmpty()) {
                rest.add(new Block(block.name(), members));
            }
        }
        return new Network(layers, changed, rest, spec);
    }

    /** Starts a network from the shape of its images. */
    public static Builder builder(Shape input) {
        return new Builder(input);
    }

    /** Builds a network layer by layer; every method answers the position of the layer it added. */
    public static final class Builder {
        private final List<Layer> layers = new ArrayList<>();
        private final List<Parameter> parameters = new ArrayList<>();
        private final List<Block> blocks = new ArrayList<>();
        private String blockName;
        private List<Integer> blockMembers = new ArrayList<>();

        private Builder(Shape input) {
            layers.add(new Layer.Input(Objects.requireNonNull(input, "network: the shape of the images")));
        }

        /**
         * The shape of a layer's output.
         *
         * @throws IllegalArgumentException if there is no such layer yet, as in every method that is given one
         */
        public Shape shape(int layer) {
            if (layer < 0 || layer >= layers.size()) {
                throw new IllegalArgumentException("network: there is no layer " + layer + ", the positions so far are 0 (the images) to "
                        + (layers.size() - 1) + "; give what a method of this builder has answered");
            }
            return layers.get(layer).output();
        }

        /** Prunable weights added from here on belong to a new block of this name. */
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

        private static void atLeastOne(String what, int value) {
            if (value < 1) {
                throw new IllegalArgumentException("network: " + what + " " + value + ", must be at least 1");
            }
        }

        private int add(Layer layer) {
            layers.add(layer);
            return layers.size() - 1;
        }

        private void weight(String name, Kind kind, List<Integer> shape, boolean prunable) {
            if (prunable) {
                if (blockName == null) {
                    throw new IllegalStateException("network: prunable weight '" + name + "' belongs to no block; call block(name) first");
                }
                blockMembers.add(parameters.size());
            }
            parameters.add(new Parameter(name, kind, shape, prunable));
        }

        private void vector(String name, Kind kind, int size) {
            parameters.add(new Parameter(name, kind, List.of(size), false));
        }

        /** A convolution with a square kernel; see {@link Layer.Conv2d}. */
        public int conv2d(String name, int source, int outputChannels, int kernel, int stride, int padding, boolean bias,
                boolean prunable) {
            return conv2d(name, source, new Conv2dGeometry(shape(source), outputChannels, kernel, kernel, stride, padding), bias, prunable);
        }

        /**
         * A convolution of any geometry; see {@link Layer.Conv2d}.
         *
         * @throws IllegalArgumentException if the geometry's input is not the source's output
         */
        public int conv2d(String name, int source, Conv2dGeometry geometry, boolean bias, boolean prunable) {
            Shape in = shape(source);
            if (!geometry.input().equals(in)) {
                throw new IllegalArgumentException("conv2d '" + name + "': the source is " + in + ", the geometry expects "
                        + geometry.input());
            }
            weight(name + ".weight", Kind.CONVOLUTION_WEIGHT,
                    List.of(geometry.outputChannels(), geometry.groupInputs(), geometry.kernelHeight(), geometry.kernelWidth()), prunable);
            if (bias) {
                vector(name + ".bias", Kind.BIAS, geometry.outputChannels());
            }
            return add(new Layer.Conv2d(name, source, geometry, bias));
        }

        /** A batch normalisation; see {@link Layer.BatchNorm2d}. */
        public int batchNorm2d(String name, int source) {
            int channels = shape(source).channels();
            vector(name + ".weight", Kind.GAMMA, channels);
            vector(name + ".bias", Kind.BETA, channels);
            vector(name + ".running_mean", Kind.RUNNING_MEAN, channels);
            vector(name + ".running_var", Kind.RUNNING_VARIANCE, channels);
            return add(new Layer.BatchNorm2d(name, source, shape(source)));
        }

        /** A ReLU. */
        public int relu(int source) {
            return add(new Layer.Relu(source, shape(source)));
        }

        /** A sum of two layers of one shape. */
        public int add(int left, int right) {
            if (!shape(left).equals(shape(right))) {
                throw new IllegalArgumentException("add: shapes " + shape(left) + " and " + shape(right) + " differ");
            }
            return add(new Layer.Add(left, right, shape(left)));
        }

        /** A max pooling without padding. */
        public int maxPool2d(int source, int kernel, int stride) {
            Shape in = shape(source);
            atLeastOne("a pool's kernel is", kernel);
            atLeastOne("a pool's stride is", stride);
            if (kernel > in.height() || kernel > in.width()) {
                throw new IllegalArgumentException("network: a pool's kernel of " + kernel + "×" + kernel
                        + " does not fit into its source, "
                        + in);
            }
            return add(new Layer.MaxPool2d(source, shape(source), kernel, stride));
        }

        /** A mean over each map. */
        public int globalAveragePool(int source) {
            return add(new Layer.GlobalAveragePool(source, shape(source)));
        }

        /** A 1 × 1 map repeated. */
        public int repeat(int source, int height, int width) {
            if (shape(source).pixels() != 1) {
                throw new IllegalArgumentException("repeat: the source is " + shape(source) + ", only 1×1 maps can be repeated");
            }
            return add(new Layer.Repeat(source, new Shape(shape(source).channels(), height, width)));
        }

        /** A dropout. */
        public int dropout(int source, double probability) {
            if (!(probability >= 0 && probability < 1)) {
                throw new IllegalArgumentException("network: dropout with probability " + probability + ", must be in [0, 1)");
            }
            return add(new Layer.Dropout(source, shape(source), probability));
        }

        /** A fully connected layer. */
        public int linear(String name, int source, int outputs, boolean bias, boolean prunable) {
            int inputs = shape(source).size();
            atLeastOne("linear '" + name + "' has outputs:", outputs);
            weight(name + ".weight", Kind.LINEAR_WEIGHT, List.of(outputs, inputs), prunable);
            if (bias) {
                vector(name + ".bias", Kind.BIAS, outputs);
            }
            return add(new Layer.Linear(name, source, inputs, outputs, bias));
        }

        /**
         * The network as built, of no known architecture. The layer added last is its output.
         *
         * @throws IllegalArgumentException if nothing reads one of the other layers, or two parameters have one name
         */
        public Network build() {
            return build(null);
        }

        Network build(NetworkSpec spec) {
            closeBlock();
            checkRead();
            return new Network(layers, parameters, blocks, spec);
        }

        /** Refuses layers that nothing reads: they would be computed for nothing, and no gradient would come to them. */
        private void checkRead() {
            boolean[] read = new boolean[layers.size()];
            read[layers.size() - 1] = true;
            layers.forEach(layer -> layer.sources().forEach(source -> read[source] = true));
            for (int i = 0; i < read.length; i++) {
                if (!read[i]) {
                    throw new IllegalArgumentException("network: nothing reads layer " + i + ", " + describe(i) + ", and the output is "
                            + "layer " + (read.length - 1) + ", " + describe(read.length - 1)
                            + "; let a layer read it, leave it out, or add "
                            + "the output last");
                }
            }
        }

        private String describe(int layer) {
            Layer described = layers.get(layer);
            return described.getClass().getSimpleName() + (described instanceof Layer.Named named ? " '" + named.name() + "'" : "")
                    + " of " + described.output();
        }
    }
}
