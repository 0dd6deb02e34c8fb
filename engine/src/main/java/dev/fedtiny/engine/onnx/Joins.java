package dev.fedtiny.engine.onnx;

import dev.fedtiny.engine.layer.Activation;
import dev.fedtiny.engine.layer.Activation.Function;
import dev.fedtiny.engine.layer.Add;
import dev.fedtiny.engine.layer.Concat;
import dev.fedtiny.engine.layer.Conv2d;
import dev.fedtiny.engine.layer.Multiply;
import dev.fedtiny.engine.tensor.Conv2dGeometry;
import dev.fedtiny.engine.tensor.Shape;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Operators of several inputs: sums, products and concatenations, and the same with constants. */
final class Joins {
    private Joins() {
    }

    static void add(NodeReader node) throws IOException {
        node.checkAttributes();
        node.atMostInputs(2);
        if (node.term(0) instanceof Term.Constant) {
            affine(node, 1, 1, node.constant(0), true);
        } else if (node.term(1) instanceof Term.Constant) {
            affine(node, 0, 1, node.constant(1), true);
        } else {
            sum(node, node.activation(0), node.activation(1));
        }
    }

    static void sumOfAll(NodeReader node) {
        node.checkAttributes();
        Term.Activation total = node.activation(0);
        for (int i = 1; i < node.node().inputs().size(); i++) {
            sum(node, total, node.activation(i));
            total = (Term.Activation) node.graph().term(node.node().outputs().getFirst()).orElseThrow();
        }
        node.output(total);
    }

    private static void sum(NodeReader node, Term.Activation left, Term.Activation right) {
        int[] layers = aligned(node, left, right);
        Shape map = node.graph().shape(layers[0]);
        if (!map.equals(node.graph().shape(layers[1]))) {
            throw node.stop("adds images of " + map + " and " + node.graph().shape(layers[1]) + ", expected equal extents");
        }
        node.output(new Term.Activation(node.add(new Add(layers[0], layers[1], map)), left.rank()));
    }

    static void subtract(NodeReader node) throws IOException {
        node.checkAttributes();
        node.atMostInputs(2);
        if (node.term(0) instanceof Term.Constant) {
            affine(node, 1, -1, node.constant(0), true);
        } else if (node.term(1) instanceof Term.Constant) {
            affine(node, 0, 1, node.constant(1), false);
        } else {
            Term.Activation right = node.activation(1);
            int negated = node.add(new Activation(Function.AFFINE, -1, 0, right.layer(), node.shape(right)));
            sum(node, node.activation(0), new Term.Activation(negated, right.rank()));
        }
    }

    static void multiply(NodeReader node) throws IOException {
        node.checkAttributes();
        node.atMostInputs(2);
        if (node.term(0) instanceof Term.Extents || node.term(1) instanceof Term.Extents) {
            ShapeArithmetic.multiply(node);
        } else if (node.term(0) instanceof Term.Constant) {
            scale(node, 1, node.constant(0), false);
        } else if (node.term(1) instanceof Term.Constant) {
            scale(node, 0, node.constant(1), false);
        } else {
            product(node, node.activation(0), node.activation(1));
        }
    }

    static void divide(NodeReader node) throws IOException {
        node.checkAttributes();
        node.atMostInputs(2);
        Term.Constant divisor = node.constant(1);
        if (divisor.tensor().elements() == 1 && Activations.isGelu(node, node.activation(0), divisor.tensor().floats()[0])) {
            return;
        }
        scale(node, 0, divisor, true);
    }

    private static void product(NodeReader node, Term.Activation left, Term.Activation right) {
        int[] layers = aligned(node, left, right);
        Shape first = node.graph().shape(layers[0]);
        Shape second = node.graph().shape(layers[1]);
        boolean firstIsLarger = first.size() >= second.size();
        node.output(new Term.Activation(node.add(firstIsLarger ? new Multiply(layers[0], layers[1], first, second)
                : new Multiply(layers[1], layers[0], second, first)), left.rank()));
    }

    /** The layers of two inputs whose axes are the same ones. */
    private static int[] aligned(NodeReader node, Term.Activation left, Term.Activation right) {
        if (left.rank() != right.rank()) {
            throw node.stop("has inputs of " + left.rank() + " and " + right.rank() + " dimensions, expected equally many");
        }
        boolean same = node.shape(left).equals(node.shape(right));
        return same ? new int[] {left.layer(), right.layer()}
                : new int[] {Reshapes.features(node, left), Reshapes.features(node, right)};
    }

    /** sign·x + c or x − c. */
    private static void affine(NodeReader node, int input, float sign, Term.Constant constant, boolean plus) throws IOException {
        Term.Activation x = laidOut(node, node.activation(input), constant.tensor());
        float[] values = values(node, x, constant);
        if (!plus) {
            for (int i = 0; i < values.length; i++) {
                values[i] = -values[i];
            }
        }
        if (values.length == 1) {
            node.output(new Term.Activation(node.add(new Activation(Function.AFFINE, sign, values[0], x.layer(), node.shape(x))),
                    x.rank()));
        } else {
            float[] factors = new float[values.length];
            Arrays.fill(factors, sign);
            perChannel(node, x, constant, factors, values);
        }
    }

    private static void scale(NodeReader node, int input, Term.Constant constant, boolean divide) throws IOException {
        Term.Activation x = laidOut(node, node.activation(input), constant.tensor());
        float[] values = values(node, x, constant);
        for (int i = 0; divide && i < values.length; i++) {
            values[i] = 1 / values[i];
        }
        if (values.length == 1) {
            Optional<NodeReader.Operand> summand = node.operand("Add", node.ownOutput()).filter(added ->
                    isOne(added.constant().tensor(), x));
            float plus = summand.isPresent() ? summand.get().constant().tensor().floats()[0] : 0;
            node.output(new Term.Activation(node.add(new Activation(Function.AFFINE, values[0], plus, x.layer(), node.shape(x))),
                    x.rank()));
            summand.ifPresent(node::absorb);
        } else {
            perChannel(node, x, constant, values, null);
        }
    }

    /** Where a constant has a value for each of a flattened map, these are its channels. */
    private static Term.Activation laidOut(NodeReader node, Term.Activation x, OnnxTensor constant) throws OnnxException {
        boolean each = x.rank() == 2 && constant.elements() > 1 && constant.elements() == node.shape(x).size();
        return each ? new Term.Activation(Reshapes.features(node, x), 2) : x;
    }

    /** Whether a constant is one value that does not add dimensions to x. */
    private static boolean isOne(OnnxTensor constant, Term.Activation x) {
        return constant.shape().size() <= x.rank() && constant.shape().stream().allMatch(extent -> extent == 1);
    }

    /** A constant's one value, or one for each channel. */
    private static float[] values(NodeReader node, Term.Activation x, Term.Constant constant) throws IOException {
        OnnxTensor tensor = constant.tensor();
        int channels = node.shape(x).channels();
        // With more dimensions than x it would give the result as many.
        if (tensor.elements() != 1 && !isEach(node, x, tensor) || tensor.shape().size() > x.rank()) {
            throw node.stop("the constant '" + constant.name() + "' is " + tensor.text() + ", expected one value or one for each of "
                    + channels + " channels");
        }
        return tensor.floats();
    }

    /** Whether a constant is one value for each channel of x, along the axis of the channels. */
    static boolean isEach(NodeReader node, Term.Activation x, OnnxTensor tensor) throws OnnxException {
        int channels = node.shape(x).channels();
        int channelAxis = tensor.shape().size() - (x.rank() - 1);
        return tensor.elements() == channels && channelAxis >= 0 && tensor.shape().size() <= x.rank()
                && tensor.shape().get(channelAxis) == channels && (x.rank() > 2 || node.shape(x).pixels() == 1);
    }

    /** A convolution of one tap a channel is what a factor and a summand for each channel are. */
    private static void perChannel(NodeReader node, Term.Activation x, Term.Constant constant, float[] factors, float[] summands) {
        Shape map = node.shape(x);
        String name = node.graph().layerName(Convolutions.ofNode(node.node()));
        Conv2dGeometry geometry = new Conv2dGeometry(map, map.channels(), 1, 1, 1, 0).withGroups(map.channels());
        int layer = node.add(new Conv2d(name, x.layer(), geometry, summands != null, false));
        node.graph().value(name + ".weight", factors, constant.tensor().type());
        if (summands != null) {
            node.graph().value(name + ".bias", summands, constant.tensor().type());
        }
        node.graph().note("'" + constant.name() + "' of " + node.node().text() + " became a convolution '" + name + "' of one tap a "
                + "channel, which is trained");
        node.output(new Term.Activation(layer, x.rank()));
    }

    static void concat(NodeReader node) throws IOException {
        long axis = node.whole("axis", Long.MIN_VALUE);
        node.checkAttributes();
        int count = node.node().inputs().size();
        boolean extents = false;
        boolean constants = true;
        for (int i = 0; i < count; i++) {
            extents |= node.term(i) instanceof Term.Extents;
            constants &= node.term(i) instanceof Term.Constant;
        }
        if (extents) {
            Reshapes.joinExtents(node);
            return;
        }
        if (constants) {
            ShapeArithmetic.joinConstants(node, axis);
            return;
        }
        List<Integer> layers = new ArrayList<>();
        List<Shape> shapes = new ArrayList<>();
        int rank = node.activation(0).rank();
        for (int i = 0; i < count; i++) {
            Term.Activation input = node.activation(i, rank);
            layers.add(Reshapes.features(node, input));
            shapes.add(node.graph().shape(layers.getLast()));
        }
        if (axis != 1 && axis != 1 - rank) {
            throw node.stop("attribute 'axis' is " + axis + ", expected 1, the channels");
        }
        node.output(new Term.Activation(node.add(new Concat(layers, shapes)), rank));
    }

    static void write(Add layer, GraphExport.Place to) {
        int rank = Math.max(to.rank(0), to.rank(1));
        to.output("Add", List.of(to.input(0, rank), to.input(1, rank)), rank);
    }

    static void write(Multiply layer, GraphExport.Place to) {
        int rank = Math.max(to.rank(0), to.rank(1));
        to.output("Mul", List.of(to.input(0, rank), to.input(1, rank)), rank);
    }

    static void write(Concat layer, GraphExport.Place to) {
        int rank = 0;
        for (int i = 0; i < layer.sources().size(); i++) {
            rank = Math.max(rank, to.rank(i));
        }
        List<String> inputs = new ArrayList<>();
        for (int i = 0; i < layer.sources().size(); i++) {
            inputs.add(to.input(i, rank));
        }
        to.output("Concat", inputs, rank, GraphExport.whole("axis", 1));
    }
}
