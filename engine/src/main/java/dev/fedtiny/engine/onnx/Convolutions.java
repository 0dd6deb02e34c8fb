package dev.fedtiny.engine.onnx;

import dev.fedtiny.engine.layer.Conv2d;
import dev.fedtiny.engine.layer.Linear;
import dev.fedtiny.engine.tensor.Conv2dGeometry;
import dev.fedtiny.engine.tensor.Shape;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Layers with a weight: Conv, Gemm and MatMul, and a bias that an Add brings. */
final class Convolutions {
    private static final String WEIGHT = ".weight";
    private static final String BIAS = ".bias";

    private Convolutions() {
    }

    static void convolution(NodeReader node) throws IOException {
        Window.Pending attributes = Window.read(node);
        long groups = node.whole("group", 1);
        node.checkAttributes();
        node.atMostInputs(3);
        Term.Constant weight = node.constant(1);
        Term.Activation input = node.activation(0, 3, 4);
        List<Long> extents = weight.tensor().shape();
        Shape map = node.shape(input);
        weight.tensor().elements();
        if (extents.size() != input.rank() || extents.contains(0L) || groups < 1 || groups > map.channels()
                || extents.get(1) * groups != map.channels()) {
            throw node.stop("the weight is " + weight.tensor().text() + " in " + groups + " groups, which does not fit an input of "
                    + map.channels() + " channels and " + input.rank() + " dimensions; expected K x C/groups x kernel");
        }
        int outputs = extents.getFirst().intValue();
        List<Integer> kernel = extents.stream().skip(2).map(Long::intValue).toList();
        Window window = attributes.over(kernel, input.rank(), map);
        Conv2dGeometry geometry = new Conv2dGeometry(map, outputs, window.kernel(), window.stride(), window.padding(), window.dilation(),
                (int) groups);
        Bias bias = bias(node, 2, outputs, input.rank() - 2);
        String name = name(node, weight, bias);
        node.output(new Term.Activation(weighted(node, name, weight, weight.tensor().floats(), bias, prunable ->
                new Conv2d(name, input.layer(), geometry, input.rank() - 2, bias.present(), prunable)), input.rank()));
        bias.absorbInto(node);
    }

    static void gemm(NodeReader node) throws IOException {
        node.only("transA", 0, "images are rows");
        boolean transposed = node.flag("transB", false);
        float alpha = node.real("alpha", 1);
        float beta = node.real("beta", 1);
        node.checkAttributes();
        node.atMostInputs(3);
        linear(node, transposed, new float[] {alpha, beta});
    }

    static void matMul(NodeReader node) throws IOException {
        node.checkAttributes();
        node.atMostInputs(2);
        linear(node, false, new float[] {1, 1});
    }

    private static void linear(NodeReader node, boolean turned, float[] factors) throws IOException {
        boolean transposed = turned;
        Term.Constant weight;
        if (node.term(1) instanceof Term.Transposed other) {
            weight = other.constant();
            weight.tensor().check();
            transposed = !turned;
        } else {
            weight = node.constant(1);
        }
        Term.Activation input = node.activation(0, 2);
        Shape map = node.shape(input);
        List<Long> extents = weight.tensor().shape();
        weight.tensor().elements();
        if (extents.size() != 2 || extents.contains(0L) || extents.get(transposed ? 1 : 0) != map.size()) {
            throw node.stop("the weight is " + weight.tensor().text() + ", which does not fit an input of " + map.size()
                    + " values; expected " + (transposed ? "outputs x inputs" : "inputs x outputs"));
        }
        int outputs = extents.get(transposed ? 0 : 1).intValue();
        float[] stored = weight.tensor().floats();
        float[] rows = transposed ? stored : transpose(stored, map.size(), outputs);
        scale(rows, factors[0]);
        Bias bias = bias(node, 2, outputs, 0);
        if (bias.present()) {
            scale(bias.values(), node.has(2) ? factors[1] : 1);
        }
        String name = name(node, weight, bias);
        node.output(new Term.Activation(weighted(node, name, weight, rows, bias, prunable ->
                new Linear(name, input.layer(), map, outputs, bias.present(), prunable)), 2));
        bias.absorbInto(node);
    }

    private static float[] transpose(float[] stored, int inputs, int outputs) {
        float[] rows = new float[stored.length];
        for (int in = 0; in < inputs; in++) {
            for (int out = 0; out < outputs; out++) {
                rows[out * inputs + in] = stored[in * outputs + out];
            }
        }
        return rows;
    }

    private static void scale(float[] values, float factor) {
        for (int i = 0; factor != 1 && i < values.length; i++) {
            values[i] *= factor;
        }
    }

    static void write(Conv2d conv, GraphExport.Place to) {
        Conv2dGeometry geometry = conv.geometry();
        List<String> inputs = new ArrayList<>(List.of(to.input(0, to.mapRank()), to.parameter(0)));
        if (conv.bias()) {
            inputs.add(to.parameter(1));
        }
        to.output("Conv", inputs, to.mapRank(), Window.write(to, geometry.kernel(), geometry.stride(), geometry.padding(),
                geometry.dilation(), GraphExport.whole("group", geometry.groups())));
    }

    static void write(Linear linear, GraphExport.Place to) {
        List<String> inputs = new ArrayList<>(List.of(to.input(0, 2), to.parameter(0)));
        if (linear.bias()) {
            inputs.add(to.parameter(1));
        }
        to.output("Gemm", inputs, 2, GraphExport.whole("transB", 1));
    }

    private interface Maker {
        dev.fedtiny.engine.layer.Layer make(boolean prunable);
    }

    private static int weighted(NodeReader node, String name, Term.Constant weight, float[] values, Bias bias, Maker maker) {
        boolean prunable = node.graph().hasWeights();
        node.graph().enterBlock(name);
        int layer = node.add(maker.make(prunable));
        node.graph().value(name + WEIGHT, values, weight.tensor().type());
        if (bias.present()) {
            node.graph().value(name + BIAS, bias.values(), weight.tensor().type());
        }
        return layer;
    }

    /**
     * The bias of a layer.
     *
     * @param name of the constant; empty where there is none
     * @param values one an output; null where there is none
     * @param summand where a node of its own adds it
     */
    private record Bias(String name, float[] values, Optional<NodeReader.Operand> summand) {
        private boolean present() {
            return values != null;
        }

        /** Lets the Add's output be the layer's. */
        private void absorbInto(NodeReader node) {
            summand.ifPresent(node::absorb);
        }
    }

    /** The bias that is an input, or that an Add brings which alone reads the output. */
    private static Bias bias(NodeReader node, int input, int outputs, int pixelsAxes) throws IOException {
        if (node.has(input)) {
            Term.Constant constant = node.constant(input);
            float[] values = perOutput(constant.tensor(), outputs, 0);
            if (values == null) {
                throw node.stop("the bias '" + constant.name() + "' is " + constant.tensor().text() + ", expected " + outputs + " values");
            }
            return new Bias(constant.name(), values, Optional.empty());
        }
        Optional<NodeReader.Operand> summand = node.operand("Add", node.ownOutput());
        float[] values = summand.isPresent() ? perOutput(summand.get().constant().tensor(), outputs, pixelsAxes) : null;
        return values == null ? new Bias("", null, Optional.empty()) : new Bias(summand.get().constant().name(), values, summand);
    }

    /** One value an output of a constant that broadcasts to it: K values with so many extents of 1 after them, or a single value. */
    private static float[] perOutput(OnnxTensor tensor, int outputs, int trailingOnes) throws IOException {
        if (tensor.shape().size() > trailingOnes + 2) {
            // The sum would have more dimensions than the layer's output.
            return null;
        }
        if (tensor.elements() == 1) {
            float[] values = new float[outputs];
            Arrays.fill(values, tensor.floats()[0]);
            return values;
        }
        int channel = tensor.shape().size() - trailingOnes - 1;
        boolean fits = tensor.elements() == outputs && channel >= 0 && tensor.shape().get(channel) == outputs;
        return fits ? tensor.floats() : null;
    }

    /** The state_dict prefix that the constants' names have, or what the node is called. */
    private static String name(NodeReader node, Term.Constant weight, Bias bias) {
        String name = weight.name().endsWith(WEIGHT) ? weight.name().substring(0, weight.name().length() - WEIGHT.length())
                : bias.name().endsWith(BIAS) ? bias.name().substring(0, bias.name().length() - BIAS.length()) : ofNode(node.node());
        return node.graph().layerName(name);
    }

    /** A node's own name as a prefix: {@code /layer1/conv1/Conv} is {@code layer1.conv1}. */
    static String ofNode(OnnxModel.Node node) {
        String name = node.name().isEmpty() ? node.outputs().getFirst() : node.name();
        String path = name.endsWith("/" + node.operator()) ? name.substring(0, name.length() - node.operator().length() - 1) : name;
        String dots = path.replaceAll("[/:\\s]+", ".");
        int from = 0;
        int to = dots.length();
        while (from < to && dots.charAt(from) == '.') {
            from++;
        }
        while (to > from && dots.charAt(to - 1) == '.') {
            to--;
        }
        String dotted = dots.substring(from, to);
        return dotted.isEmpty() ? node.operator().toLowerCase(java.util.Locale.ROOT) : dotted;
    }
}
