package dev.fedtiny.engine.onnx;

import dev.fedtiny.engine.layer.Dropout;
import dev.fedtiny.engine.layer.Flatten;
import dev.fedtiny.engine.layer.Identity;
import dev.fedtiny.engine.tensor.Shape;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Operators that compute nothing: other views of an activation, and the arithmetic of extents by which exporters write them. */
final class Reshapes {
    /** A Dropout node's, where it says none. */
    private static final float USUAL_RATIO = 0.5f;

    private Reshapes() {
    }

    static void identity(NodeReader node) {
        node.checkAttributes();
        node.output(node.term(0));
    }

    /** In ONNX the identity, unless an input asks for training: then a dropout, which is one in training alone. */
    static void dropout(NodeReader node) throws IOException {
        node.real("ratio", 0);
        node.whole("seed", 0);
        node.checkAttributes();
        node.atMostInputs(3);
        Term.Activation input = node.activation(0);
        if (!node.has(2) || !node.truth(2)) {
            node.graph().note("dropout is left out, in training too: a Dropout node whose training_mode is not true is the identity");
            node.output(input);
            return;
        }
        float ratio = node.has(1) ? node.scalar(1) : USUAL_RATIO;
        if (!(ratio >= 0 && ratio < 1)) {
            throw node.stop("input '" + node.node().inputs().get(1) + "', the ratio, is " + ratio + ", expected at least 0 and below 1");
        }
        // The number that was meant: 0.1 is no float.
        double probability = Double.parseDouble(Float.toString(ratio));
        node.output(new Term.Activation(node.add(new Dropout(input.layer(), node.shape(input), probability)), input.rank()));
    }

    static void cast(NodeReader node) throws IOException {
        OnnxTensor.Type type = OnnxTensor.Type.of(node.whole("to", 0));
        node.whole("saturate", 1);
        if (type == OnnxTensor.Type.OTHER || type == OnnxTensor.Type.BOOL) {
            node.refuse("attribute 'to' is a type that is not taken, expected FLOAT, FLOAT16, BFLOAT16, DOUBLE, INT32 or INT64");
        }
        node.checkAttributes();
        Term term = node.term(0);
        if (term instanceof Term.Constant constant && constant.tensor().type().isFloating() && !type.isFloating()) {
            throw node.stop("casts the constant '" + constant.name() + "' to " + type + ", which rounds it; expected a floating-point "
                    + "type, or whole numbers from the beginning");
        }
        if (term instanceof Term.Activation) {
            if (!type.isFloating()) {
                throw node.stop("casts activations to " + type + ", expected a floating-point type");
            }
            node.graph().note("activations are computed in float32 throughout; casts between floating-point types are passed over");
        }
        boolean whole = term instanceof Term.Constant constant && type.isFloating() && constant.tensor().type().isWhole();
        node.output(whole ? ShapeArithmetic.toFloats(node, (Term.Constant) term) : term);
    }

    static void flatten(NodeReader node) {
        long axis = node.whole("axis", 1);
        node.checkAttributes();
        Term.Activation input = node.activation(0);
        if (axis != 1 && axis != 1 - input.rank()) {
            throw node.stop("attribute 'axis' is " + axis + ", expected 1: images stay apart");
        }
        node.output(new Term.Activation(input.layer(), 2));
    }

    static void reshape(NodeReader node) throws IOException {
        boolean zeroIsZero = node.flag("allowzero", false);
        node.checkAttributes();
        node.atMostInputs(2);
        Term term = node.term(0);
        List<Long> wanted = node.numbers(1);
        switch (term) {
            case Term.Groups groups -> SpelledGroupNorm.join(node, groups, perImage(node, groups.input(), target(wanted,
                    SpelledGroupNorm.extents(node, groups), zeroIsZero)));
            case Term.Activation input -> view(node, input, target(wanted, extents(node, input), zeroIsZero));
            case Term.Constant constant -> ShapeArithmetic.reshapeConstant(node, constant, wanted, zeroIsZero);
            default -> throw node.stop("reshapes '" + node.node().inputs().getFirst() + "', expected an activation or a constant");
        }
    }

    /** Extents of which 0 stands for the old one. */
    static List<Long> target(List<Long> wanted, List<Long> old, boolean zeroIsZero) {
        return IntStream.range(0, wanted.size()).mapToObj(i -> wanted.get(i) == 0 && !zeroIsZero && i < old.size() ? old.get(i)
                : wanted.get(i)).toList();
    }

    /** Extents of an image: the first of the target is the images', one may be -1 and follows from the others. */
    private static List<Long> perImage(NodeReader node, Term.Activation input, List<Long> target) {
        Shape map = node.shape(input);
        int rank = target.size();
        boolean good = rank >= 2 && rank <= 4 && (target.getFirst() == -1 || node.graph().isBatch(target.getFirst()));
        List<Long> rest = new ArrayList<>(target.subList(Math.min(1, rank), rank));
        long known = 1;
        for (long extent : rest) {
            good &= extent > 0 || extent == -1;
            known = extent > 0 && known <= map.size() ? known * extent : known;
        }
        int free = rest.indexOf(-1L);
        if (good && free >= 0 && map.size() % known == 0) {
            rest.set(free, map.size() / known);
            known = map.size();
        }
        if (!good || known != map.size() || rest.contains(-1L)) {
            throw node.stop("gives images of " + text(extents(node, input)) + " the extents " + text(target)
                    + ", expected as many values an image");
        }
        return rest;
    }

    /** A view of other extents. */
    private static void view(NodeReader node, Term.Activation input, List<Long> target) {
        Shape map = node.shape(input);
        int rank = target.size();
        List<Long> rest = perImage(node, input, target);
        List<Long> own = List.of((long) map.channels(), (long) map.height(), (long) map.width());
        if (rank == 2 || rank == 4 && rest.equals(own) || rank == 3 && map.height() == 1 && rest.equals(List.of(own.get(0), own.get(2)))) {
            node.output(new Term.Activation(input.layer(), rank));
            return;
        }
        if (SpelledGroupNorm.cuts(node, input, rest)) {
            node.output(new Term.Groups(input, rest.getFirst().intValue(), null, 0));
            return;
        }
        if (rest.getFirst() == map.size()) {
            // All values as channels of one pixel.
            node.output(new Term.Activation(node.add(new Flatten(input.layer(), map)), rank));
            return;
        }
        throw node.stop("rearranges images of " + text(extents(node, input)) + " to " + text(target)
                + ", expected the same channels and pixels, or all values in one row");
    }

    static void squeeze(NodeReader node) throws IOException {
        Term term = node.term(0);
        // Without axes all of extent 1 go, which are known of numbers; of an activation the images' might be one of them.
        List<Long> axes = node.has(1) || term instanceof Term.Activation ? axes(node) : List.of();
        switch (term) {
            case Term.Extents extents -> node.output(extents);
            case Term.Constant constant when !node.has(1) -> node.output(constant.reshaped(constant.tensor().shape().stream()
                    .filter(extent -> extent != 1).toList()));
            case Term.Constant constant -> node.output(constant.reshaped(without(node, constant.tensor().shape(), axes, 0)));
            default -> view(node, node.activation(0), without(node, extents(node, node.activation(0)), axes, 1));
        }
    }

    /** Extents without some axes, none of which lies before {@code first}. */
    private static List<Long> without(NodeReader node, List<Long> extents, List<Long> axes, int first) {
        boolean[] leave = new boolean[extents.size()];
        for (long axis : axes) {
            long at = axis < 0 ? axis + extents.size() : axis;
            if (at < first || at >= extents.size() || extents.get((int) at) != 1) {
                throw node.stop("removes axis " + axis + " of " + text(extents) + ", expected an axis of extent 1"
                        + (first > 0 ? " behind the images'" : ""));
            }
            leave[(int) at] = true;
        }
        return IntStream.range(0, leave.length).filter(i -> !leave[i]).mapToObj(extents::get).toList();
    }

    static void unsqueeze(NodeReader node) throws IOException {
        List<Long> axes = axes(node);
        switch (node.term(0)) {
            case Term.Extents extents -> node.output(extents);
            case Term.Constant constant -> node.output(constant.reshaped(with(node, constant.tensor().shape(), axes, 0)));
            default -> view(node, node.activation(0), with(node, extents(node, node.activation(0)), axes, 1));
        }
    }

    /** Extents and further axes of extent 1, none of which lies before {@code first}. */
    private static List<Long> with(NodeReader node, List<Long> extents, List<Long> axes, int first) {
        List<Long> target = new ArrayList<>(extents);
        int rank = target.size() + axes.size();
        for (long axis : axes.stream().map(axis -> axis < 0 ? axis + rank : axis).sorted().toList()) {
            if (axis < first || axis > target.size()) {
                throw node.stop("adds an axis at " + axis + " of " + text(target) + (first > 0 ? ", expected one behind the images'" : ""));
            }
            target.add((int) axis, 1L);
        }
        return target;
    }

    /** A matrix of weights the other way round, for the node that multiplies by it; of activations, see {@link Normalizations}. */
    static void transpose(NodeReader node) throws IOException {
        if (!(node.term(0) instanceof Term.Constant constant)) {
            Normalizations.channelsLast(node);
            return;
        }
        List<Integer> permutation = node.wholes("perm").orElse(List.of(1, 0));
        node.checkAttributes();
        if (constant.tensor().shape().size() != 2 || !permutation.equals(List.of(1, 0))) {
            throw node.stop("transposes the constant '" + constant.name() + "', " + constant.tensor().text() + ", by " + permutation
                    + ", expected a matrix and [1, 0]");
        }
        node.output(new Term.Transposed(constant));
    }

    private static List<Long> axes(NodeReader node) throws IOException {
        node.checkAttributes();
        node.atMostInputs(2);
        if (!node.has(1)) {
            throw node.stop("has no axes, expected them as the second input");
        }
        return node.numbers(1);
    }

    static void shapeOf(NodeReader node) {
        long start = node.whole("start", 0);
        long end = node.whole("end", Long.MAX_VALUE);
        node.checkAttributes();
        List<Long> extents = extents(node, node.activation(0));
        int size = extents.size();
        int from = Math.clamp(start < 0 ? start + size : start, 0, size);
        int to = Math.clamp(end < 0 ? end + size : end, from, size);
        node.output(new Term.Extents(extents.subList(from, to)));
    }

    /** One or several extents out of a list. */
    static void gather(NodeReader node) throws IOException {
        long axis = node.whole("axis", 0);
        node.checkAttributes();
        if (!(node.term(0) instanceof Term.Extents list) || axis != 0) {
            throw node.stop("is only known for extents of a shape along axis 0");
        }
        List<Long> chosen = new ArrayList<>();
        for (long index : node.numbers(1)) {
            long at = index < 0 ? index + list.values().size() : index;
            if (at < 0 || at >= list.values().size()) {
                throw node.stop("takes extent " + index + " of " + text(list.values()));
            }
            chosen.add(list.values().get((int) at));
        }
        node.output(new Term.Extents(chosen));
    }

    /** Extents joined to one list; whole numbers among them are constants. */
    static void joinExtents(NodeReader node) throws IOException {
        List<Long> joined = new ArrayList<>();
        for (int i = 0; i < node.node().inputs().size(); i++) {
            joined.addAll(node.numbers(i));
            ShapeArithmetic.checkCount(node, "joins", joined.size());
        }
        node.output(new Term.Extents(joined));
    }

    /** An activation's extents, the images' first. */
    static List<Long> extents(NodeReader node, Term.Activation activation) {
        Shape map = node.shape(activation);
        return switch (activation.rank()) {
            case 2 -> List.of(Term.BATCH, (long) map.size());
            case 3 -> List.of(Term.BATCH, (long) map.channels(), (long) map.width());
            default -> List.of(Term.BATCH, (long) map.channels(), (long) map.height(), (long) map.width());
        };
    }

    static String text(List<Long> extents) {
        return extents.stream().map(extent -> extent == Term.BATCH ? "N" : Long.toString(extent)).toList().toString();
    }

    /** The layer whose channels are the activation's second axis: the layer itself, or its values laid out as features. */
    static int features(NodeReader node, Term.Activation activation) {
        Shape map = node.shape(activation);
        boolean laidOut = activation.rank() > 2 || map.pixels() == 1;
        return laidOut ? activation.layer() : node.add(new Flatten(activation.layer(), map));
    }

    static void write(Identity layer, GraphExport.Place to) {
        to.output("Identity", List.of(to.input(0, to.rank(0))), to.rank(0));
    }

    static void write(Dropout layer, GraphExport.Place to) {
        to.output("Dropout", List.of(to.input(0, to.rank(0)), to.number("ratio", layer.probability())), to.rank(0));
    }

    static void write(Flatten layer, GraphExport.Place to) {
        to.output("Flatten", List.of(to.input(0, to.rank(0))), 2, GraphExport.whole("axis", 1));
    }
}
