package dev.fedtiny.engine.onnx;

import dev.fedtiny.engine.layer.Activation;
import dev.fedtiny.engine.layer.Activation.Function;
import dev.fedtiny.engine.layer.Clamp;
import dev.fedtiny.engine.layer.Softmax;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Functions of a value by itself, and softmax. */
final class Activations {
    private static final Map<Function, String> PLAIN = Map.of(Function.SIGMOID, "Sigmoid", Function.TANH, "Tanh", Function.HARD_SWISH,
            "HardSwish");

    private Activations() {
    }

    /** A reader of nodes without attributes. */
    static OperatorReader plain(Function function) {
        return node -> {
            node.checkAttributes();
            apply(node, new Activation(function, 0, node.graph().shape(0)));
        };
    }

    /** Adds a function of the first input; source and shape of the one given do not matter. */
    private static void apply(NodeReader node, Activation function) {
        Term.Activation input = node.activation(0);
        node.output(new Term.Activation(node.add(new Activation(function.function(), function.a(), function.b(), input.layer(),
                node.shape(input))), input.rank()));
    }

    static void relu(NodeReader node) {
        node.checkAttributes();
        clamp(node, 0, Float.POSITIVE_INFINITY);
    }

    static void clip(NodeReader node) throws IOException {
        node.checkAttributes();
        node.atMostInputs(3);
        float lower = node.has(1) ? node.scalar(1) : Float.NEGATIVE_INFINITY;
        float upper = node.has(2) ? node.scalar(2) : Float.POSITIVE_INFINITY;
        clamp(node, lower, upper);
    }

    private static void clamp(NodeReader node, float lower, float upper) {
        Term.Activation input = node.activation(0);
        if (Float.isNaN(lower) || Float.isNaN(upper) || lower >= upper) {
            throw node.stop("clips to " + lower + " and " + upper + ", expected a lower bound below the upper one");
        }
        if (lower == Float.NEGATIVE_INFINITY && upper == Float.POSITIVE_INFINITY) {
            node.output(input);
        } else {
            node.output(new Term.Activation(node.add(new Clamp(input.layer(), node.shape(input), lower, upper)), input.rank()));
        }
    }

    static void leakyRelu(NodeReader node) {
        double slope = Normalizations.decimal(node.real("alpha", 0.01f));
        node.checkAttributes();
        apply(node, new Activation(Function.LEAKY_RELU, slope, 0, 0, node.graph().shape(0)));
    }

    static void hardSigmoid(NodeReader node) {
        float alpha = node.real("alpha", 0.2f);
        double beta = Normalizations.decimal(node.real("beta", 0.5f));
        node.checkAttributes();
        // PyTorch's, which has no finite decimals.
        double factor = alpha == 1 / 6f ? 1 / 6.0 : Normalizations.decimal(alpha);
        apply(node, new Activation(Function.HARD_SIGMOID, factor, beta, 0, node.graph().shape(0)));
    }

    static void gelu(NodeReader node) {
        String approximate = node.text("approximate", "none");
        if (!approximate.equals("none") && !approximate.equals("tanh")) {
            node.refuse("attribute 'approximate' is '" + approximate + "', expected none or tanh");
        }
        node.checkAttributes();
        apply(node, new Activation(approximate.equals("none") ? Function.GELU : Function.GELU_TANH, 0, node.graph().shape(0)));
    }

    /** Before operator set 20 exporters spell GELU out: x / √2, Erf, + 1, times x, times 1/2; this is the first of the five. */
    static boolean isGelu(NodeReader node, Term.Activation input, float divisor) throws IOException {
        if (Math.abs(divisor - Math.sqrt(2)) > 1e-6) {
            return false;
        }
        String x = node.node().inputs().getFirst();
        Optional<OnnxModel.Node> erf = follower(node, node.node(), "Erf");
        Optional<OnnxModel.Node> sum = erf.flatMap(n -> follower(node, n, "Add"));
        Optional<OnnxModel.Node> product = sum.flatMap(n -> follower(node, n, "Mul"));
        if (product.isEmpty() || !is(node, sum.get(), 1)) {
            return false;
        }
        List<String> factors = product.get().inputs();
        Optional<OnnxModel.Node> half = follower(node, product.get(), "Mul");
        if (!factors.contains(x) || half.isEmpty() || !is(node, half.get(), 0.5f)) {
            return false;
        }
        int layer = node.add(new Activation(Function.GELU, input.layer(), node.shape(input)));
        List.of(erf.get(), sum.get(), product.get(), half.get()).forEach(node.graph()::absorb);
        node.graph().put(half.get().outputs().getFirst(), new Term.Activation(layer, input.rank()));
        return true;
    }

    private static Optional<OnnxModel.Node> follower(NodeReader node, OnnxModel.Node of, String operator) {
        return node.graph().onlyReader(of.outputs().getFirst()).filter(reader -> reader.operator().equals(operator)
                && reader.domain().isEmpty() && reader.outputs().size() == 1);
    }

    /** Whether one of a node's inputs is a constant of this value. */
    private static boolean is(NodeReader node, OnnxModel.Node of, float value) throws IOException {
        for (String input : of.inputs()) {
            if (node.graph().term(input).orElse(null) instanceof Term.Constant constant && constant.tensor().type().isFloating()
                    && constant.tensor().elements() == 1 && constant.tensor().floats()[0] == value) {
                return true;
            }
        }
        return false;
    }

    static void softmax(NodeReader node) {
        long axis = node.whole("axis", -1);
        node.checkAttributes();
        Term.Activation input = node.activation(0);
        if (axis != 1 && axis != 1 - input.rank()) {
            throw node.stop("attribute 'axis' is " + axis + ", expected 1, the channels");
        }
        int layer = Reshapes.features(node, input);
        node.output(new Term.Activation(node.add(new Softmax(layer, node.graph().shape(layer))), input.rank()));
        node.graph().note("the model has a softmax in it, '" + node.node().outputs().getFirst() + "'; losses for classes take what is in "
                + "front of it");
    }

    static void write(Clamp clamp, GraphExport.Place to) {
        int rank = to.rank(0);
        if (clamp.lower() == 0 && clamp.upper() == Float.POSITIVE_INFINITY) {
            to.output("Relu", List.of(to.input(0, rank)), rank);
            return;
        }
        String lower = clamp.lower() == Float.NEGATIVE_INFINITY ? "" : to.number("lower", clamp.lower());
        String upper = clamp.upper() == Float.POSITIVE_INFINITY ? "" : to.number("upper", clamp.upper());
        to.output("Clip", List.of(to.input(0, rank), lower, upper), rank);
    }

    static void write(Activation layer, GraphExport.Place to) {
        int rank = to.rank(0);
        String x = to.input(0, rank);
        switch (layer.function()) {
            case LEAKY_RELU -> to.output("LeakyRelu", List.of(x), rank, GraphExport.real("alpha", layer.a()));
            case HARD_SIGMOID -> to.output("HardSigmoid", List.of(x), rank, GraphExport.real("alpha", layer.a()),
                    GraphExport.real("beta", layer.b()));
            case SILU -> to.output("Mul", List.of(x, to.inner("Sigmoid", List.of(x))), rank);
            case GELU, GELU_TANH -> {
                to.needs(20);
                to.output("Gelu", List.of(x), rank, GraphExport.text("approximate", layer.function() == Function.GELU ? "none" : "tanh"));
            }
            case AFFINE -> affine(layer, x, rank, to);
            default -> to.output(PLAIN.get(layer.function()), List.of(x), rank);
        }
    }

    /** A sum alone is written as a difference: an Add would be read as the bias, or the summand, of the layer in front. */
    private static void affine(Activation layer, String x, int rank, GraphExport.Place to) {
        if (layer.b() == 0) {
            to.output("Mul", List.of(x, to.number("factor", layer.a())), rank);
        } else if (layer.a() == 1) {
            to.output("Sub", List.of(x, to.number("subtrahend", -layer.b())), rank);
        } else {
            to.output("Add", List.of(to.inner("Mul", List.of(x, to.number("factor", layer.a()))), to.number("summand", layer.b())), rank);
        }
    }

    static void write(Softmax layer, GraphExport.Place to) {
        to.output("Softmax", List.of(to.input(0, to.rank(0))), to.rank(0), GraphExport.whole("axis", 1));
    }
}
