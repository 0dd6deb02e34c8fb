package dev.fedtiny.engine.onnx;

import dev.fedtiny.engine.internal.protobuf.ProtobufWriter;
import dev.fedtiny.engine.layer.AveragePool2d;
import dev.fedtiny.engine.layer.Conv2d;
import dev.fedtiny.engine.layer.Layer;
import dev.fedtiny.engine.layer.MaxPool2d;
import dev.fedtiny.engine.layer.Parameter;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.tensor.Shape;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** Turns a network and a state into the messages of a model: dense, zeros where pruned, with a free number of images. */
final class GraphExport {
    /** The operator set that is written where no layer needs a later one. */
    static final int OPSET = 17;

    private static final int IR_VERSION = 8;
    private static final String INPUT = "input";
    /** UTF-8 bytes of a name, at most: what readers take, and room for what names of values within a layer end with. */
    private static final int MOST_NAME_BYTES = ProtobufReader.MOST_TEXT - 256;
    /** Letters of such a name that a message shows. */
    private static final int SHOWN = 40;
    /** Ends names that would else be those of outputs or parameters; no other name ends so. */
    private static final String OTHER = "_";

    private final ModelState state;
    private final Network network;
    private final ProtobufWriter graph = new ProtobufWriter();
    private final ProtobufWriter constants = new ProtobufWriter();
    private final Set<String> constantNames = new HashSet<>();
    private final Set<String> problems = new TreeSet<>();
    private final boolean oneDimension;
    private final String[] values;
    private final int[] ranks;
    /** Names of the network's outputs, by the layer's position. */
    private final Map<Integer, String> outputs;
    /** Names that stand fixed: of outputs and parameters. */
    private final Set<String> given = new HashSet<>();
    private final String input;
    private int nodes;
    private int opset = OPSET;

    private GraphExport(ModelState state) {
        this.state = state;
        this.network = state.network();
        this.oneDimension = isOneDimension(network);
        this.values = new String[network.layers().size()];
        this.ranks = new int[values.length];
        this.outputs = network.outputs().stream().collect(Collectors.toMap(Network.Output::layer, Network.Output::name));
        network.parameters().forEach(parameter -> given.add(parameter.name()));
        outputs.values().stream().filter(name -> !given.add(name)).findFirst().ifPresent(name -> {
            throw new IllegalArgumentException("ONNX: output '" + name + "' is called as a parameter; name it otherwise");
        });
        given.forEach(GraphExport::checkName);
        this.input = free(INPUT);
    }

    /** Refuses a name that would not be read as it is. */
    private static void checkName(String name) {
        int bytes = name.getBytes(StandardCharsets.UTF_8).length;
        if (bytes > MOST_NAME_BYTES) {
            throw new IllegalArgumentException("ONNX: the name '" + name.substring(0, SHOWN) + "...' has " + bytes + " bytes, and at most "
                    + MOST_NAME_BYTES + " are read; name the layer or output otherwise, or save the model with ModelFile");
        }
    }

    /**
     * The model.
     *
     * @throws IllegalArgumentException naming every layer that ONNX has no operator for
     */
    static ProtobufWriter write(ModelState state) {
        return new GraphExport(state).write();
    }

    /** Whether rows of one pixel's height are one dimension, N,C,L, as whoever works with signals has it. */
    private static boolean isOneDimension(Network network) {
        return network.input().height() == 1 && network.input().width() > 1 && network.layers().stream().allMatch(layer ->
                layer.output().height() == 1 && switch (layer) {
                    case Conv2d conv -> conv.geometry().kernelHeight() == 1 && conv.geometry().padding().top() == 0
                            && conv.geometry().padding().bottom() == 0;
                    case MaxPool2d pool -> pool.geometry().kernel().height() == 1;
                    case AveragePool2d pool -> pool.geometry().kernel().height() == 1;
                    default -> true;
                });
    }

    private ProtobufWriter write() {
        values[0] = input;
        ranks[0] = network.input().pixels() == 1 ? 2 : mapRank();
        for (int i = 1; i < values.length; i++) {
            Layer layer = network.layers().get(i);
            LayerWriter writer = Operators.WRITERS.get(layer.getClass());
            if (writer == null) {
                problems.add(layer.describe());
            } else {
                writer.write(layer, new Place(i, layer));
            }
            if (values[i] == null) {
                values[i] = "none";
            }
        }
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException("ONNX: there is no operator for " + String.join(", ", problems)
                    + "; save the model with ModelFile");
        }
        ProtobufWriter whole = new ProtobufWriter();
        whole.append(graph);
        whole.text(2, "network").append(constants);
        whole.message(11, value(input, network.input(), ranks[0]));
        network.outputs().forEach(output -> whole.message(12, value(output.name(), network.shape(output), ranks[output.layer()])));
        return new ProtobufWriter().number(1, IR_VERSION).text(2, "fedtiny").message(7, whole)
                .message(8, new ProtobufWriter().text(1, "").number(2, opset));
    }

    /** A name for a value of the graph that nobody has named: the wanted one, or, where an output or a parameter has it, one beside it. */
    private String free(String wanted) {
        String name = wanted;
        while (given.contains(name)) {
            name += OTHER;
        }
        return name;
    }

    private static ProtobufWriter value(String name, Shape map, int rank) {
        ProtobufWriter shape = new ProtobufWriter().message(1, new ProtobufWriter().text(2, "N"));
        extents(map, rank).forEach(extent -> shape.message(1, new ProtobufWriter().number(1, extent)));
        ProtobufWriter tensor = new ProtobufWriter().number(1, 1).message(2, shape);
        return new ProtobufWriter().text(1, name).message(2, new ProtobufWriter().message(1, tensor));
    }

    private static List<Integer> extents(Shape map, int rank) {
        return switch (rank) {
            case 2 -> List.of(map.size());
            case 3 -> List.of(map.channels(), map.width());
            default -> List.of(map.channels(), map.height(), map.width());
        };
    }

    private int mapRank() {
        return oneDimension ? 3 : 4;
    }

    /** Writes the nodes of one layer. */
    interface LayerWriter {
        /** Adds them; the last one is the layer's output. */
        void write(Layer layer, Place to);
    }

    /** Where a layer is written: its inputs, its parameters, and nodes that follow each other. */
    final class Place {
        private final int position;
        private final Layer layer;

        private Place(int position, Layer layer) {
            this.position = position;
            this.layer = layer;
        }

        /** Whether maps have one dimension. */
        boolean oneDimension() {
            return oneDimension;
        }

        /** Dimensions of maps, the images' included. */
        int mapRank() {
            return GraphExport.this.mapRank();
        }

        /** Dimensions of an input as it is. */
        int rank(int input) {
            return ranks[layer.sources().get(input)];
        }

        /** An input as a tensor of so many dimensions. */
        String input(int input, int rank) {
            int source = layer.sources().get(input);
            Shape map = network.layers().get(source).output();
            if (ranks[source] == rank) {
                return values[source];
            }
            String name = free(values[source] + "_rank" + rank);
            if (constantNames.add(name)) {
                if (rank == 2) {
                    add("Flatten", List.of(values[source]), name, whole("axis", 1));
                } else {
                    List<Long> shape = new ArrayList<>(List.of(0L));
                    extents(map, rank).forEach(extent -> shape.add(extent.longValue()));
                    add("Reshape", List.of(values[source], numbers(free(name + "_shape"), shape)), name);
                }
            }
            return name;
        }

        /** A parameter of the layer as a constant, of the extents that PyTorch has for it. */
        String parameter(int index) {
            int place = network.firstParameter(position) + index;
            Parameter parameter = network.parameters().get(place);
            return initializer(parameter.name(), shape(parameter.shape()), parameter.size(), () -> state.dense(place));
        }

        /** Weights have a height of 1 where maps have a height, and none where maps have none. */
        private List<Integer> shape(List<Integer> own) {
            boolean kernel = isKernel(own);
            if (kernel && oneDimension && own.size() == 4) {
                return List.of(own.get(0), own.get(1), own.get(3));
            }
            return kernel && !oneDimension && own.size() == 3 ? List.of(own.get(0), own.get(1), 1, own.get(2)) : own;
        }

        private boolean isKernel(List<Integer> own) {
            return layer instanceof Conv2d && own.size() > 1;
        }

        private String initializer(String name, List<Integer> shape, int count, Supplier<float[]> numbers) {
            if (constantNames.add(name)) {
                constants.message(5, new ProtobufWriter().numbers(1, shape).number(2, 1).text(8, name).floats(9, count, numbers));
            }
            return name;
        }

        /** A constant of floats, called by what it is to the layer. */
        String constant(String role, List<Integer> shape, float... numbers) {
            return initializer(free(label() + "_" + role), shape, numbers.length, () -> numbers);
        }

        /** A constant of one float. */
        String number(String role, double number) {
            return constant(role, List.of(), (float) number);
        }

        /** A constant of whole numbers. */
        private String numbers(String name, List<Long> numbers) {
            if (constantNames.add(name)) {
                constants.message(5, new ProtobufWriter().numbers(1, List.of(numbers.size())).number(2, 7).text(8, name)
                        .numbers(7, numbers));
            }
            return name;
        }

        /** A node between the layer's inputs and its last node. */
        String inner(String operator, List<String> inputs, ProtobufWriter... attributes) {
            String name = free(label() + "_" + operator.toLowerCase(java.util.Locale.ROOT) + "_" + nodes);
            add(operator, inputs, name, attributes);
            return name;
        }

        /** The node that computes the layer's output. */
        void output(String operator, List<String> inputs, int rank, ProtobufWriter... attributes) {
            values[position] = outputs.getOrDefault(position, free(label()));
            ranks[position] = rank;
            add(operator, inputs, values[position], attributes);
        }

        /** Says that an operator is of a later operator set. */
        void needs(int version) {
            opset = Math.max(opset, version);
        }

        /** What values of this layer are called, unless that is taken. */
        private String label() {
            return layer.name().isEmpty() ? layer.kind() + "_" + position : layer.name() + "_" + position;
        }

        private void add(String operator, List<String> inputs, String output, ProtobufWriter... attributes) {
            ProtobufWriter node = new ProtobufWriter();
            inputs.forEach(input -> node.text(1, input));
            node.text(2, output).text(3, operator + "_" + nodes++).text(4, operator);
            for (ProtobufWriter attribute : attributes) {
                node.message(5, attribute);
            }
            graph.message(1, node);
        }
    }

    /** An attribute of one whole number. */
    static ProtobufWriter whole(String name, long value) {
        return new ProtobufWriter().text(1, name).number(3, value).number(20, 2);
    }

    /** An attribute of whole numbers. */
    static ProtobufWriter wholes(String name, List<Integer> values) {
        return new ProtobufWriter().text(1, name).numbers(8, values).number(20, 7);
    }

    /** An attribute of one number. */
    static ProtobufWriter real(String name, double value) {
        return new ProtobufWriter().text(1, name).real(2, (float) value).number(20, 1);
    }

    /** An attribute that is text. */
    static ProtobufWriter text(String name, String value) {
        return new ProtobufWriter().text(1, name).text(4, value).number(20, 3);
    }
}
