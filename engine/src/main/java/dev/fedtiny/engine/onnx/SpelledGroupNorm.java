package dev.fedtiny.engine.onnx;

import dev.fedtiny.engine.layer.GroupNorm;
import dev.fedtiny.engine.tensor.Shape;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Group normalisation as exporters spell it out before operator set 21: a Reshape to N x groups x rest, an InstanceNormalization whose
 * scale is 1 and whose bias is 0, a Reshape back, and γ and β as a Mul and an Add of one value a channel.
 */
final class SpelledGroupNorm {
    private SpelledGroupNorm() {
    }

    /** Whether a Reshape to these extents an image is the first of the nodes. */
    static boolean cuts(NodeReader node, Term.Activation input, List<Long> rest) {
        return rest.size() == 2 && node.shape(input).channels() % rest.getFirst() == 0
                && node.graph().onlyReader(node.ownOutput()).filter(reader -> reader.operator().equals("InstanceNormalization")
                && reader.domain().isEmpty()).isPresent();
    }

    /** The groups' extents, the images' first. */
    static List<Long> extents(NodeReader node, Term.Groups groups) {
        return List.of(Term.BATCH, (long) groups.number(), (long) node.shape(groups.input()).size() / groups.number());
    }

    /** The InstanceNormalization. */
    static void normalize(NodeReader node, Term.Groups groups, float epsilon) throws IOException {
        checkAll(node, 1, groups.number(), 1);
        checkAll(node, 2, groups.number(), 0);
        node.output(new Term.Groups(groups.input(), groups.number(), node.node(), epsilon));
    }

    private static void checkAll(NodeReader node, int input, int count, float value) throws IOException {
        OnnxTensor tensor = node.constant(input).tensor();
        boolean good = tensor.elements() == count;
        if (good) {
            for (float found : tensor.floats()) {
                good &= found == value;
            }
        }
        if (!good) {
            throw node.stop("normalises " + count + " groups of channels, and input '" + node.node().inputs().get(input)
                    + "' is not as many times " + value + ": a scale and a summand for each channel are expected behind it");
        }
    }

    /** The Reshape back, and what stands behind it. */
    static void join(NodeReader node, Term.Groups groups, List<Long> rest) throws IOException {
        Term.Activation input = groups.input();
        List<Long> before = Reshapes.extents(node, input);
        if (groups.norm() == null || !rest.equals(before.subList(1, before.size()))) {
            throw node.stop("gives groups of channels of " + Reshapes.text(before) + " the extents " + Reshapes.text(rest)
                    + " an image, expected those that they were cut from");
        }
        Optional<NodeReader.Operand> scale = perChannel(node, input, node.operand("Mul", node.ownOutput()));
        Optional<NodeReader.Operand> shift = perChannel(node, input, node.operand("Add", scale.map(NodeReader.Operand::output)
                .orElse(node.ownOutput())));
        Shape map = node.shape(input);
        String name = node.graph().layerName(name(scale, ".weight").or(() -> name(shift, ".bias"))
                .orElse(Convolutions.ofNode(groups.norm())));
        int layer = node.add(new GroupNorm(name, input.layer(), map, groups.number(), Normalizations.decimal(groups.epsilon())));
        value(node, name + ".weight", scale, map.channels(), 1);
        value(node, name + ".bias", shift, map.channels(), 0);
        node.output(new Term.Activation(layer, input.rank()));
        scale.ifPresent(node::absorb);
        shift.ifPresent(node::absorb);
    }

    private static Optional<NodeReader.Operand> perChannel(NodeReader node, Term.Activation input, Optional<NodeReader.Operand> operand)
            throws OnnxException {
        return operand.isPresent() && Joins.isEach(node, input, operand.get().constant().tensor()) ? operand : Optional.empty();
    }

    private static Optional<String> name(Optional<NodeReader.Operand> operand, String suffix) {
        return operand.map(found -> found.constant().name()).filter(name -> name.endsWith(suffix) && name.length() > suffix.length())
                .map(name -> name.substring(0, name.length() - suffix.length()));
    }

    private static void value(NodeReader node, String parameter, Optional<NodeReader.Operand> operand, int channels, float otherwise)
            throws IOException {
        float[] values = new float[channels];
        Arrays.fill(values, otherwise);
        if (operand.isPresent()) {
            values = operand.get().constant().tensor().floats();
        }
        node.graph().value(parameter, values, operand.map(found -> found.constant().tensor().type()).orElse(OnnxTensor.Type.FLOAT));
    }
}
