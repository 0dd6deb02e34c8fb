package dev.fedtiny.engine.onnx;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** What graphs compute of shapes and constants before an operator reads it: extents cut out and multiplied, constants joined and cast. */
final class ShapeArithmetic {
    private ShapeArithmetic() {
    }

    /** Some extents of a shape that follow each other. */
    static void slice(NodeReader node) throws IOException {
        node.checkAttributes();
        node.atMostInputs(5);
        if (!(node.term(0) instanceof Term.Extents list)) {
            throw node.stop("is only known for extents of a shape");
        }
        int size = list.values().size();
        long begin = one(node, 1, "the start");
        long end = one(node, 2, "the end");
        long axis = node.has(3) ? one(node, 3, "the axis") : 0;
        long step = node.has(4) ? one(node, 4, "the step") : 1;
        if (axis != 0 && axis != -1 || step != 1) {
            throw node.stop("takes extents in steps of " + step + " along axis " + axis + ", expected 1 and 0");
        }
        int from = Math.clamp(begin < 0 ? begin + size : begin, 0, size);
        int to = Math.clamp(end < 0 ? end + size : end, from, size);
        node.output(new Term.Extents(list.values().subList(from, to)));
    }

    private static long one(NodeReader node, int input, String what) throws IOException {
        List<Long> numbers = node.numbers(input);
        if (numbers.size() != 1 || numbers.getFirst() == Term.BATCH) {
            throw node.stop("has " + Reshapes.text(numbers) + " as " + what + ", expected one number that is known");
        }
        return numbers.getFirst();
    }

    /** Products of extents, of one by one or of each by one; the number of images is no factor. */
    static void multiply(NodeReader node) throws IOException {
        List<Long> left = node.numbers(0);
        List<Long> right = node.numbers(1);
        int size = left.size() == 1 ? right.size() : left.size();
        if (right.size() != size && right.size() != 1) {
            throw node.stop("multiplies the extents " + Reshapes.text(left) + " by " + Reshapes.text(right) + ", expected as many, or one");
        }
        List<Long> products = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            long a = left.get(left.size() == 1 ? 0 : i);
            long b = right.get(right.size() == 1 ? 0 : i);
            boolean images = a == Term.BATCH || b == Term.BATCH;
            // Extents that mean something are small; a product that is not cannot be one.
            if (images && a != 1 && b != 1 || !images && Math.multiplyHigh(a, b) != (a * b) >> 63) {
                throw node.stop("multiplies the extents " + Reshapes.text(List.of(a)) + " and " + Reshapes.text(List.of(b))
                        + ", expected numbers whose product is known");
            }
            products.add(images ? Term.BATCH : a * b);
        }
        node.output(new Term.Extents(products));
    }

    /** Lists of numbers that the file holds, joined: the scales of a Resize, for example, as exporters write them without folding. */
    static void joinConstants(NodeReader node, long axis) throws IOException {
        List<OnnxTensor> parts = new ArrayList<>();
        long length = 0;
        for (int i = 0; i < node.node().inputs().size(); i++) {
            parts.add(node.constant(i).tensor());
            if (parts.getLast().shape().size() != 1 || axis != 0 && axis != -1) {
                throw node.stop("joins the constant '" + node.node().inputs().get(i) + "', " + parts.getLast().text() + ", along axis "
                        + axis + ", expected lists of numbers along axis 0");
            }
            length += parts.getLast().elements();
            checkCount(node, "joins", length);
        }
        boolean floats = parts.getFirst().type().isFloating();
        List<Float> reals = new ArrayList<>();
        List<Long> wholes = new ArrayList<>();
        for (OnnxTensor part : parts) {
            if (floats) {
                for (float value : part.floats()) {
                    reals.add(value);
                }
            } else {
                for (long value : part.longs()) {
                    wholes.add(value);
                }
            }
        }
        OnnxTensor joined = floats ? OnnxTensor.of(node.graph().source(), List.of(length), reals)
                : OnnxTensor.ofWholes(node.graph().source(), List.of(length), wholes);
        node.output(new Term.Constant(node.ownOutput(), joined));
    }

    /** Axes, extents and scales are few; nodes that each double what they read would fill the memory. */
    static void checkCount(NodeReader node, String does, long numbers) {
        if (numbers > NodeReader.MOST_NUMBERS) {
            throw node.stop(does + " " + numbers + " numbers, expected axes, extents or scales, at most " + NodeReader.MOST_NUMBERS);
        }
    }

    /** A constant with other extents. */
    static void reshapeConstant(NodeReader node, Term.Constant constant, List<Long> wanted, boolean zeroIsZero) throws IOException {
        constant.tensor().check();
        long elements = constant.tensor().elements();
        List<Long> target = new ArrayList<>(Reshapes.target(wanted, constant.tensor().shape(), zeroIsZero));
        int free = target.indexOf(-1L);
        if (free >= 0) {
            target.set(free, 1L);
        }
        long known = 1;
        for (long extent : target) {
            // Both factors are below 2³¹, so that no product wraps around to the right one.
            known = extent < 0 || extent > Integer.MAX_VALUE || known > Integer.MAX_VALUE ? Long.MAX_VALUE : known * extent;
        }
        if (free >= 0 && known > 0 && elements % known == 0) {
            target.set(free, elements / known);
            known = elements;
        }
        if (known != elements) {
            throw node.stop("gives the constant '" + constant.name() + "', " + constant.tensor().text() + ", the extents "
                    + Reshapes.text(wanted) + ", expected as many elements");
        }
        node.output(constant.reshaped(target));
    }

    /** Whole numbers of a constant as floats, which hold those of a network exactly. */
    static Term.Constant toFloats(NodeReader node, Term.Constant constant) throws IOException {
        checkCount(node, "casts", constant.tensor().elements());
        List<Float> reals = new ArrayList<>();
        for (long value : constant.tensor().longs()) {
            reals.add((float) value);
        }
        return new Term.Constant(constant.name(), OnnxTensor.of(node.graph().source(), constant.tensor().shape(), reals));
    }
}
