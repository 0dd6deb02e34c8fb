package dev.fedtiny.engine.onnx;

import dev.fedtiny.engine.internal.protobuf.ProtobufWriter;
import dev.fedtiny.engine.tensor.Padding;
import dev.fedtiny.engine.tensor.PerAxis;
import dev.fedtiny.engine.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The window of a convolution or a pool along both axes of a map; of one dimension along its width alone.
 *
 * @param kernel taps
 * @param stride pixels between two windows
 * @param padding around the map
 * @param dilation pixels between two taps
 */
record Window(PerAxis kernel, PerAxis stride, Padding padding, PerAxis dilation) {
    /** The attributes that say it, in ONNX's lists: one number an axis, for pads all begins and then all ends. */
    private static final class Lists {
        private final NodeReader node;
        private final Optional<List<Integer>> kernel;
        private final Optional<List<Integer>> strides;
        private final Optional<List<Integer>> pads;
        private final Optional<List<Integer>> dilations;
        private final String autoPad;

        private Lists(NodeReader node) {
            this.node = node;
            kernel = list("kernel_shape", 1);
            strides = list("strides", 1);
            pads = list("pads", 0);
            dilations = list("dilations", 1);
            autoPad = node.text("auto_pad", "NOTSET");
            if (!List.of("NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER").contains(autoPad)) {
                node.refuse("attribute 'auto_pad' is '" + autoPad + "', expected NOTSET, VALID, SAME_UPPER or SAME_LOWER");
            }
            if (!autoPad.equals("NOTSET") && pads.isPresent() && pads.get().stream().anyMatch(pad -> pad != 0)) {
                node.refuse("attributes 'auto_pad' and 'pads' are both there, expected one of them");
            }
        }

        private Optional<List<Integer>> list(String name, int least) {
            Optional<List<Integer>> list = node.wholes(name);
            if (list.isPresent() && list.get().stream().anyMatch(number -> number < least)) {
                node.refuse("attribute '" + name + "' is " + list.get() + ", expected numbers of at least " + least);
                return Optional.empty();
            }
            return list;
        }

        private List<Integer> sized(String name, Optional<List<Integer>> list, int size, int otherwise) {
            if (list.isPresent() && list.get().size() != size) {
                throw node.stop("attribute '" + name + "' is " + list.get() + ", expected " + size + " numbers");
            }
            return list.orElse(java.util.Collections.nCopies(size, otherwise));
        }

        private static PerAxis axes(List<Integer> list) {
            return list.size() == 2 ? new PerAxis(list.get(0), list.get(1)) : new PerAxis(1, list.getFirst());
        }

        private Window window(List<Integer> weightKernel, int rank, Shape input) {
            int axes = rank - 2;
            List<Integer> taps = kernel.orElse(weightKernel);
            if (taps.size() != axes || !weightKernel.isEmpty() && !weightKernel.equals(taps)) {
                throw node.stop("attribute 'kernel_shape' is " + taps + ", expected " + (weightKernel.isEmpty() ? axes + " numbers"
                        : weightKernel + " as the weight has it"));
            }
            PerAxis stride = axes(sized("strides", strides, axes, 1));
            PerAxis dilation = axes(sized("dilations", dilations, axes, 1));
            PerAxis size = axes(taps);
            return new Window(size, stride, padding(sized("pads", pads, 2 * axes, 0), size, stride, dilation, input,
                    weightKernel.isEmpty()), dilation);
        }

        private Padding padding(List<Integer> explicit, PerAxis size, PerAxis stride, PerAxis dilation, Shape input,
                boolean pool) {
            if (autoPad.startsWith("SAME")) {
                int rows = missing(input.height(), size.height(), stride.height(), dilation.height(), pool);
                int columns = missing(input.width(), size.width(), stride.width(), dilation.width(), pool);
                int top = autoPad.equals("SAME_UPPER") ? rows / 2 : rows - rows / 2;
                int left = autoPad.equals("SAME_UPPER") ? columns / 2 : columns - columns / 2;
                return new Padding(top, left, rows - top, columns - left);
            }
            if (explicit.size() == 2) {
                return Padding.horizontal(explicit.get(0), explicit.get(1));
            }
            return new Padding(explicit.get(0), explicit.get(1), explicit.get(2), explicit.get(3));
        }

        /** Padding that gives ⌈input / stride⌉ outputs. */
        private int missing(int input, int kernel, int stride, int dilation, boolean pool) {
            long outputs = Math.ceilDiv(input, stride);
            long needed = (outputs - 1) * stride + (kernel - 1L) * dilation + 1;
            if (pool && needed - input < -1) {
                // A convolution's windows begin at the first pixel then; those of a pool do, or lie in the middle.
                throw node.stop("attribute 'auto_pad' is " + autoPad + " where windows of " + kernel + " and stride " + stride
                        + " leave out pixels at the edges of " + input + ", about which runtimes disagree; expected pads");
            }
            return (int) Math.min(Integer.MAX_VALUE, Math.max(0, needed - input));
        }
    }

    /** A window whose attributes have been read, and whose map is not known yet. */
    interface Pending {
        /**
         * The window.
         *
         * @param weightKernel extents of the weight, empty for a pool
         * @param rank of the input, 3 or 4
         * @param input the map
         */
        Window over(List<Integer> weightKernel, int rank, Shape input);
    }

    /** The attributes of a window, and further ones. */
    static ProtobufWriter[] write(GraphExport.Place to, PerAxis kernel, PerAxis stride, Padding padding, PerAxis dilation,
            ProtobufWriter... further) {
        List<ProtobufWriter> attributes = new ArrayList<>(List.of(GraphExport.wholes("kernel_shape", axes(to, kernel)),
                GraphExport.wholes("strides", axes(to, stride)), GraphExport.wholes("pads", to.oneDimension()
                ? List.of(padding.left(), padding.right()) : List.of(padding.top(), padding.left(), padding.bottom(), padding.right()))));
        if (!dilation.equals(PerAxis.ONE)) {
            attributes.add(GraphExport.wholes("dilations", axes(to, dilation)));
        }
        attributes.addAll(List.of(further));
        return attributes.toArray(ProtobufWriter[]::new);
    }

    private static List<Integer> axes(GraphExport.Place to, PerAxis numbers) {
        return to.oneDimension() ? List.of(numbers.width()) : List.of(numbers.height(), numbers.width());
    }

    /** Reads the attributes. */
    static Pending read(NodeReader node) {
        return new Lists(node)::window;
    }
}
