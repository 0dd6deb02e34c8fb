package dev.fedtiny.engine.onnx;

import dev.fedtiny.engine.layer.Layer;
import dev.fedtiny.engine.onnx.OnnxModel.Attribute;
import dev.fedtiny.engine.tensor.Shape;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** One node, as an {@link OperatorReader} sees it: attributes and inputs with what they must be, and the network that it adds layers to. */
final class NodeReader {
    /** Numbers of a list of axes or extents. */
    static final int MOST_NUMBERS = 32;

    private final GraphImport graph;
    private final OnnxModel.Node node;
    private final Set<String> asked = new HashSet<>();
    private boolean refused;

    /** The node cannot be taken; its reasons are noted. */
    static final class Refused extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private Refused() {
            super("refused", null, false, false);
        }
    }

    NodeReader(GraphImport graph, OnnxModel.Node node) {
        this.graph = graph;
        this.node = node;
    }

    /** The graph, for what concerns more than this node. */
    GraphImport graph() {
        return graph;
    }

    /** Version of the operator set. */
    long opset() {
        return graph.opset();
    }

    /** The node as it is written. */
    OnnxModel.Node node() {
        return node;
    }

    /** Notes a reason; the others are still looked for until {@link #checkAttributes}. */
    void refuse(String reason) {
        refused = true;
        graph.problem(node.text() + ": " + reason);
    }

    /** Notes a reason and stops. */
    Refused stop(String reason) {
        refuse(reason);
        return new Refused();
    }

    /** Ends the part that reads attributes: refuses those that were not asked for, and stops where any has been refused. */
    void checkAttributes() {
        node.attributes().keySet().stream().filter(name -> !asked.contains(name)).forEach(name -> refuse("attribute '" + name
                + "' is not known"));
        if (refused) {
            throw new Refused();
        }
    }

    private <T extends Attribute> Optional<T> attribute(String name, Class<T> type, String expected) {
        asked.add(name);
        Attribute found = node.attributes().get(name);
        if (found == null) {
            return Optional.empty();
        }
        if (!type.isInstance(found)) {
            refuse("attribute '" + name + "' is " + found + ", expected " + expected);
            return Optional.empty();
        }
        return Optional.of(type.cast(found));
    }

    /** A whole number. */
    long whole(String name, long otherwise) {
        return attribute(name, Attribute.Whole.class, "a whole number").map(Attribute.Whole::value).orElse(otherwise);
    }

    /** A number that means yes or no. */
    boolean flag(String name, boolean otherwise) {
        long value = whole(name, otherwise ? 1 : 0);
        if (value != 0 && value != 1) {
            refuse("attribute '" + name + "' is " + value + ", expected 0 or 1");
        }
        return value == 1;
    }

    /** A whole number of which this engine knows one value. */
    void only(String name, long known, String why) {
        long value = whole(name, known);
        if (value != known) {
            refuse("attribute '" + name + "' is " + value + ", expected " + known + ": " + why);
        }
    }

    /** A number. */
    float real(String name, float otherwise) {
        float value = attribute(name, Attribute.Real.class, "a number").map(Attribute.Real::value).orElse(otherwise);
        if (!Float.isFinite(value)) {
            refuse("attribute '" + name + "' is " + value + ", expected a finite number");
        }
        return value;
    }

    /** Text. */
    String text(String name, String otherwise) {
        return attribute(name, Attribute.Text.class, "text").map(Attribute.Text::value).orElse(otherwise);
    }

    /** Whole numbers within {@code int}; empty where the attribute is not there. */
    Optional<List<Integer>> wholes(String name) {
        Optional<Attribute.Wholes> list = attribute(name, Attribute.Wholes.class, "whole numbers");
        if (list.isPresent() && list.get().values().stream().anyMatch(value -> value != value.intValue())) {
            refuse("attribute '" + name + "' is " + list.get().values() + ", expected numbers of at most 32 bits");
            return Optional.empty();
        }
        return list.map(numbers -> numbers.values().stream().map(Long::intValue).toList());
    }

    /** Whether the node has an input at a place. */
    boolean has(int input) {
        return input < node.inputs().size() && !node.inputs().get(input).isEmpty();
    }

    /** Refuses a node with more inputs than its operator has here. */
    void atMostInputs(int count) {
        if (node.inputs().size() > count) {
            throw stop("has " + node.inputs().size() + " inputs, expected at most " + count);
        }
    }

    /** The term of an input. */
    Term term(int input) {
        if (!has(input)) {
            throw stop("input " + input + " is missing");
        }
        Term term = graph.term(node.inputs().get(input)).orElseThrow(() -> stop("input '" + node.inputs().get(input)
                + "' is neither a constant, nor the graph's input, nor computed by a node before this one"));
        if (term instanceof Term.Unknown) {
            throw new Refused();
        }
        return term;
    }

    /** An input that is the output of a layer. */
    Term.Activation activation(int input) {
        Term term = term(input);
        if (term instanceof Term.Extents) {
            throw stop("input '" + node.inputs().get(input) + "' holds extents of a shape, expected values computed from the images");
        }
        return term instanceof Term.Activation activation ? activation : fail(input, "computed from the images");
    }

    /** An input that is the output of a layer, of one of the ranks. */
    Term.Activation activation(int input, int... ranks) {
        Term.Activation activation = activation(input);
        for (int rank : ranks) {
            if (rank == activation.rank()) {
                return activation;
            }
        }
        throw stop("input '" + node.inputs().get(input) + "' has " + activation.rank() + " dimensions, expected "
                + (ranks.length == 1 ? ranks[0] : ranks[0] + " or " + ranks[ranks.length - 1]) + ", the images' included");
    }

    /** An input that is a constant, with as many numbers as its shape has. */
    Term.Constant constant(int input) throws IOException {
        Term.Constant constant = term(input) instanceof Term.Constant found ? found
                : fail(input, "a constant: an initializer or a Constant node");
        constant.tensor().check();
        return constant;
    }

    private <T> T fail(int input, String expected) {
        throw stop("input '" + node.inputs().get(input) + "' is not " + expected);
    }

    /** Whole numbers of a constant input, or extents computed from a shape. */
    List<Long> numbers(int input) throws IOException {
        Term term = term(input);
        if (term instanceof Term.Extents extents) {
            return extents.values();
        }
        OnnxTensor tensor = constant(input).tensor();
        if (tensor.elements() > MOST_NUMBERS) {
            throw stop("input '" + node.inputs().get(input) + "' has " + tensor.elements() + " numbers, expected axes or extents, at most "
                    + MOST_NUMBERS);
        }
        return Arrays.stream(tensor.longs()).boxed().toList();
    }

    /** A constant input of one number. */
    float scalar(int input) throws IOException {
        OnnxTensor tensor = constant(input).tensor();
        if (tensor.elements() != 1) {
            throw stop("input '" + node.inputs().get(input) + "' has shape " + tensor.text() + ", expected one number");
        }
        return tensor.floats()[0];
    }

    /** A constant input of one truth value. */
    boolean truth(int input) throws IOException {
        OnnxTensor tensor = constant(input).tensor();
        if (tensor.elements() != 1) {
            throw stop("input '" + node.inputs().get(input) + "' has shape " + tensor.text() + ", expected one truth value");
        }
        return tensor.truths()[0];
    }

    /**
     * A node that puts a constant to a value, and alone reads it.
     *
     * @param node an Add or a Mul
     * @param constant of floats, its other input
     */
    record Operand(OnnxModel.Node node, Term.Constant constant) {
        /** The value that it computes. */
        String output() {
            return node.outputs().getFirst();
        }
    }

    /** This node's first output. */
    String ownOutput() {
        return node.outputs().getFirst();
    }

    /** The constant that an operator puts to a value, where nothing else reads that. */
    Optional<Operand> operand(String operator, String value) {
        return graph.onlyReader(value).filter(reader -> reader.operator().equals(operator) && reader.domain().isEmpty()
                && reader.attributes().isEmpty() && reader.inputs().size() == 2 && reader.outputs().size() == 1).flatMap(reader -> {
                    String other = reader.inputs().get(reader.inputs().getFirst().equals(value) ? 1 : 0);
                    return graph.term(other).orElse(null) instanceof Term.Constant constant && constant.tensor().type().isFloating()
                            ? Optional.of(new Operand(reader, constant)) : Optional.empty();
                });
    }

    /** Lets a node's output be what this one has given. */
    void absorb(Operand operand) {
        graph.put(operand.output(), graph.term(ownOutput()).orElseThrow());
        graph.absorb(operand.node());
    }

    /** The shape of a layer's output. */
    Shape shape(Term.Activation activation) {
        return graph.shape(activation.layer());
    }

    /** Adds a layer. */
    int add(Layer layer) {
        return graph.add(layer);
    }

    /** What the node computes first. */
    void output(Term term) {
        graph.put(node.outputs().isEmpty() ? "" : node.outputs().getFirst(), term);
    }
}
