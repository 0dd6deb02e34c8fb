package dev.fedtiny.engine.onnx;

import dev.fedtiny.engine.internal.protobuf.ProtobufWriter;
import dev.fedtiny.engine.layer.BatchNorm2d;
import dev.fedtiny.engine.layer.GroupNorm;
import dev.fedtiny.engine.layer.LayerNorm;
import dev.fedtiny.engine.tensor.Shape;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.Collections;
import java.util.List;

/** BatchNormalization, kept as a layer with its own ε and momentum. */
final class Normalizations {
    private static final List<String> SUFFIXES = List.of(".weight", ".bias", ".running_mean", ".running_var");

    private Normalizations() {
    }

    static void batchNormalization(NodeReader node) throws IOException {
        float epsilon = node.real("epsilon", 1e-5f);
        float momentum = node.real("momentum", 0.9f);
        node.only("training_mode", 0, "export the model in evaluation form (model.eval() in PyTorch); it is trained here all the same");
        node.only("spatial", 1, "statistics are a channel's, not a pixel's");
        if (!(epsilon > 0)) {
            node.refuse("attribute 'epsilon' is " + epsilon + ", expected a number above 0");
        }
        if (!(momentum >= 0 && momentum <= 1)) {
            node.refuse("attribute 'momentum' is " + momentum + ", expected the share of the old value, 0 to 1");
        }
        node.checkAttributes();
        node.atMostInputs(5);
        Term.Constant[] constants = {node.constant(1), node.constant(2), node.constant(3), node.constant(4)};
        Term.Activation input = node.activation(0);
        int layer = Reshapes.features(node, input);
        Shape map = node.graph().shape(layer);
        for (Term.Constant constant : constants) {
            if (constant.tensor().elements() != map.channels()) {
                throw node.stop("'" + constant.name() + "' is " + constant.tensor().text() + ", expected one value for each of "
                        + map.channels() + " channels");
            }
        }
        String name = name(node, constants[0]);
        int position = node.add(new BatchNorm2d(name, layer, map, decimal(epsilon), share(momentum),
                BatchNorm2d.Statistics.BATCH));
        values(node, name, constants);
        node.output(new Term.Activation(position, input.rank()));
    }

    private static String name(NodeReader node, Term.Constant scale) {
        String weight = SUFFIXES.getFirst();
        return node.graph().layerName(scale.name().endsWith(weight) ? scale.name().substring(0, scale.name().length() - weight.length())
                : Convolutions.ofNode(node.node()));
    }

    private static void values(NodeReader node, String name, Term.Constant... constants) throws IOException {
        for (int i = 0; i < constants.length; i++) {
            node.graph().value(name + SUFFIXES.get(i), constants[i].tensor().floats(), constants[i].tensor().type());
        }
    }

    private static float epsilon(NodeReader node) {
        float epsilon = node.real("epsilon", 1e-5f);
        if (!(epsilon >= 0)) {
            node.refuse("attribute 'epsilon' is " + epsilon + ", expected a number of at least 0");
        }
        return epsilon;
    }

    /** γ and β, one value a channel of the map; β is 0 where a layer normalisation is exported without. */
    private static Term.Constant[] scaleAndShift(NodeReader node, Shape map, boolean mayLackShift) throws IOException {
        Term.Constant scale = node.constant(1);
        Term.Constant shift = node.has(2) || !mayLackShift ? node.constant(2) : new Term.Constant("", OnnxTensor.of(node.graph().source(),
                List.of((long) map.channels()), Collections.nCopies(map.channels(), 0f)));
        Term.Constant[] constants = {scale, shift};
        for (Term.Constant constant : constants) {
            if (constant.tensor().elements() != map.channels()) {
                throw node.stop("'" + constant.name() + "' is " + constant.tensor().text() + ", expected one value for each of "
                        + map.channels() + " channels");
            }
        }
        return constants;
    }

    static void groupNormalization(NodeReader node) throws IOException {
        float epsilon = epsilon(node);
        int groups = Math.clamp(node.whole("num_groups", 0), 0, Integer.MAX_VALUE);
        node.only("stash_type", 1, "statistics are computed in float32");
        node.checkAttributes();
        if (node.opset() < 21) {
            throw node.stop("has one scale a group before operator set 21, expected one a channel");
        }
        groupNorm(node, node.activation(0), groups, epsilon);
    }

    static void instanceNormalization(NodeReader node) throws IOException {
        float epsilon = epsilon(node);
        node.checkAttributes();
        if (node.term(0) instanceof Term.Groups groups) {
            SpelledGroupNorm.normalize(node, groups, epsilon);
            return;
        }
        Term.Activation input = node.activation(0, 3, 4);
        groupNorm(node, input, node.shape(input).channels(), epsilon);
    }

    private static void groupNorm(NodeReader node, Term.Activation input, int groups, float epsilon) throws IOException {
        int layer = Reshapes.features(node, input);
        Shape map = node.graph().shape(layer);
        Term.Constant[] constants = scaleAndShift(node, map, false);
        String name = name(node, constants[0]);
        int position = node.add(new GroupNorm(name, layer, map, groups, decimal(epsilon)));
        values(node, name, constants);
        node.output(new Term.Activation(position, input.rank()));
    }

    static void layerNormalization(NodeReader node) throws IOException {
        long axis = node.whole("axis", -1);
        float epsilon = epsilon(node);
        node.only("stash_type", 1, "statistics are computed in float32");
        node.checkAttributes();
        Term.Activation input = node.activation(0, 2);
        if (axis != -1 && axis != 1) {
            throw node.stop("attribute 'axis' is " + axis + ", expected the channels");
        }
        node.output(layerNorm(node, Reshapes.features(node, input), epsilon, 2));
    }

    private static Term.Activation layerNorm(NodeReader node, int layer, float epsilon, int rank) throws IOException {
        Shape map = node.graph().shape(layer);
        Term.Constant[] constants = scaleAndShift(node, map, true);
        String name = name(node, constants[0]);
        int position = node.add(new LayerNorm(name, layer, map, decimal(epsilon)));
        values(node, name, constants);
        return new Term.Activation(position, rank);
    }

    /** A transposition to N,H,W,C, layer normalisation over C and the way back: nothing else is known of layouts. */
    static void channelsLast(NodeReader node) throws IOException {
        List<Integer> permutation = node.wholes("perm").orElse(List.of());
        node.checkAttributes();
        Term.Activation input = node.activation(0);
        OnnxModel.Node norm = node.graph().onlyReader(node.node().outputs().getFirst()).filter(n ->
                n.operator().equals("LayerNormalization") && n.domain().isEmpty()).orElse(null);
        OnnxModel.Node back = norm == null ? null : node.graph().onlyReader(norm.outputs().getFirst()).filter(n ->
                n.operator().equals("Transpose") && n.domain().isEmpty()).orElse(null);
        if (back == null || input.rank() != 4 || !permutation.equals(List.of(0, 2, 3, 1))
                || !List.of(0, 3, 1, 2).equals(new NodeReader(node.graph(), back).wholes("perm").orElse(List.of()))) {
            throw node.stop("transposes by " + permutation + ", which is only known around a LayerNormalization over channels");
        }
        NodeReader inner = new NodeReader(node.graph(), norm);
        long axis = inner.whole("axis", -1);
        float epsilon = epsilon(inner);
        inner.only("stash_type", 1, "statistics are computed in float32");
        inner.checkAttributes();
        if (axis != -1 && axis != 3) {
            throw inner.stop("attribute 'axis' is " + axis + ", expected the channels");
        }
        node.graph().put(back.outputs().getFirst(), layerNorm(inner, input.layer(), epsilon, input.rank()));
        node.graph().absorb(norm);
        node.graph().absorb(back);
    }

    static void write(GroupNorm layer, GraphExport.Place to) {
        List<String> inputs = List.of(to.input(0, to.rank(0)), to.parameter(0), to.parameter(1));
        ProtobufWriter epsilon = epsilon("group norm", layer.name(), layer.epsilon(), 0);
        if (layer.groups() == layer.output().channels() && to.rank(0) > 2) {
            to.output("InstanceNormalization", inputs, to.rank(0), epsilon);
        } else {
            to.needs(21);
            to.output("GroupNormalization", inputs, to.rank(0), epsilon, GraphExport.whole("num_groups", layer.groups()));
        }
    }

    static void write(LayerNorm layer, GraphExport.Place to) {
        ProtobufWriter epsilon = epsilon("layer norm", layer.name(), layer.epsilon(), 0);
        if (layer.output().pixels() == 1) {
            to.output("LayerNormalization", List.of(to.input(0, 2), to.parameter(0), to.parameter(1)), 2, epsilon,
                    GraphExport.whole("axis", -1));
            return;
        }
        String last = to.inner("Transpose", List.of(to.input(0, 4)), GraphExport.wholes("perm", List.of(0, 2, 3, 1)));
        String normal = to.inner("LayerNormalization", List.of(last, to.parameter(0), to.parameter(1)), epsilon,
                GraphExport.whole("axis", -1));
        to.output("Transpose", List.of(normal), 4, GraphExport.wholes("perm", List.of(0, 3, 1, 2)));
    }

    static void write(BatchNorm2d norm, GraphExport.Place to) {
        int rank = to.rank(0);
        to.output("BatchNormalization", List.of(to.input(0, rank), to.parameter(0), to.parameter(1), to.parameter(2), to.parameter(3)),
                rank, epsilon("batch normalisation", norm.name(), norm.epsilon(), Float.MIN_VALUE),
                GraphExport.real("momentum", 1 - norm.momentum()));
    }

    /** ε as an attribute, in single precision; refuses one that readers refuse then. */
    private static ProtobufWriter epsilon(String kind, String name, double epsilon, float least) {
        float rounded = (float) epsilon;
        if (rounded < least || rounded > Float.MAX_VALUE) {
            throw new IllegalArgumentException("ONNX: " + kind + " '" + name + "' has epsilon " + epsilon + ", which is " + rounded
                    + " in single precision, as ONNX has it; take another one, or save the model with ModelFile");
        }
        return GraphExport.real("epsilon", epsilon);
    }

    /** The number that was meant: 1e-5 for the float nearest to it. */
    static double decimal(float value) {
        return Double.parseDouble(Float.toString(value));
    }

    /** The new value's share as PyTorch has it, of ONNX's share of the old one: 0.1 of 0.9. */
    private static double share(float old) {
        return BigDecimal.ONE.subtract(new BigDecimal(Float.toString(old))).doubleValue();
    }
}
