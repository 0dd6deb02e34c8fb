package dev.fedtiny.engine.onnx;

import dev.fedtiny.engine.internal.protobuf.ProtobufWriter;
import dev.fedtiny.engine.layer.AveragePool2d;
import dev.fedtiny.engine.layer.GlobalAveragePool;
import dev.fedtiny.engine.layer.MaxPool2d;
import dev.fedtiny.engine.layer.Repeat;
import dev.fedtiny.engine.layer.Upsample;
import dev.fedtiny.engine.tensor.Padding;
import dev.fedtiny.engine.tensor.PerAxis;
import dev.fedtiny.engine.tensor.Pool2dGeometry;
import dev.fedtiny.engine.tensor.Shape;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/** Pools over windows of a map or all of it, and their opposite, enlargement. */
final class Pools {
    private Pools() {
    }

    static void max(NodeReader node) {
        Window.Pending attributes = Window.read(node);
        boolean ceiling = node.flag("ceil_mode", false);
        node.only("storage_order", 0, "it orders indices, which are not computed");
        node.checkAttributes();
        Term.Activation input = node.activation(0, 3, 4);
        node.output(new Term.Activation(node.add(new MaxPool2d(input.layer(), geometry(node, attributes, input, ceiling))), input.rank()));
    }

    static void average(NodeReader node) {
        Window.Pending attributes = Window.read(node);
        boolean ceiling = node.flag("ceil_mode", false);
        boolean countsPadding = node.flag("count_include_pad", false);
        node.checkAttributes();
        Term.Activation input = node.activation(0, 3, 4);
        node.output(new Term.Activation(node.add(new AveragePool2d(input.layer(), geometry(node, attributes, input, ceiling),
                countsPadding)), input.rank()));
    }

    private static Pool2dGeometry geometry(NodeReader node, Window.Pending attributes, Term.Activation input, boolean ceiling) {
        Window window = attributes.over(List.of(), input.rank(), node.shape(input));
        if (!window.dilation().equals(PerAxis.ONE)) {
            throw node.stop("attribute 'dilations' is " + window.dilation() + ", expected 1");
        }
        return new Pool2dGeometry(node.shape(input), window.kernel(), window.stride(), window.padding(), ceiling);
    }

    static void globalAverage(NodeReader node) {
        node.checkAttributes();
        Term.Activation input = node.activation(0, 3, 4);
        node.output(new Term.Activation(node.add(new GlobalAveragePool(input.layer(), node.shape(input))), input.rank()));
    }

    static void globalMax(NodeReader node) {
        node.checkAttributes();
        Term.Activation input = node.activation(0, 3, 4);
        node.output(new Term.Activation(wholeMax(node, input), input.rank()));
    }

    private static int wholeMax(NodeReader node, Term.Activation input) {
        Shape map = node.shape(input);
        return node.add(new MaxPool2d(input.layer(), new Pool2dGeometry(map, new PerAxis(map.height(), map.width()), PerAxis.ONE,
                Padding.NONE, false)));
    }

    static void reduceMean(NodeReader node) throws IOException {
        int rank = overPixels(node);
        Term.Activation input = node.activation(0);
        node.output(new Term.Activation(node.add(new GlobalAveragePool(input.layer(), node.shape(input))), rank));
    }

    static void reduceMax(NodeReader node) throws IOException {
        int rank = overPixels(node);
        node.output(new Term.Activation(wholeMax(node, node.activation(0)), rank));
    }

    /** Refuses a reduction over anything but all pixels; answers the result's dimensions. */
    private static int overPixels(NodeReader node) throws IOException {
        boolean keeps = node.flag("keepdims", true);
        node.flag("noop_with_empty_axes", false);
        Optional<List<Integer>> attribute = node.wholes("axes");
        node.checkAttributes();
        Term.Activation input = node.activation(0, 3, 4);
        List<Long> axes = node.has(1) ? node.numbers(1) : attribute.orElse(List.of()).stream().map(Integer::longValue).toList();
        List<Long> sorted = axes.stream().map(axis -> axis < 0 ? axis + input.rank() : axis).sorted().toList();
        if (!sorted.equals(input.rank() == 4 ? List.of(2L, 3L) : List.of(2L))) {
            throw node.stop("reduces axes " + axes + " of " + input.rank() + ", expected those of the pixels, "
                    + (input.rank() == 4 ? "2 and 3" : "2"));
        }
        return keeps ? input.rank() : 2;
    }

    /** Nearest-neighbour enlargement by whole numbers, where all ways of rounding a position are one. */
    static void resize(NodeReader node) throws IOException {
        String mode = node.text("mode", "nearest");
        String positions = node.text("coordinate_transformation_mode", "half_pixel");
        String rounding = node.text("nearest_mode", "round_prefer_floor");
        node.real("cubic_coeff_a", 0);
        node.real("extrapolation_value", 0);
        node.only("exclude_outside", 0, "nothing lies outside");
        node.only("antialias", 0, "images are enlarged");
        String policy = node.text("keep_aspect_ratio_policy", "stretch");
        if (!policy.equals("stretch")) {
            node.refuse("attribute 'keep_aspect_ratio_policy' is '" + policy + "', expected stretch");
        }
        Optional<List<Integer>> axes = node.wholes("axes");
        if (!mode.equals("nearest")) {
            node.refuse("attribute 'mode' is '" + mode + "', expected nearest");
        }
        boolean floor = positions.equals("asymmetric") && rounding.equals("floor");
        boolean half = (positions.equals("half_pixel") || positions.equals("pytorch_half_pixel")) && rounding.startsWith("round_prefer");
        if (!floor && !half) {
            node.refuse("attributes 'coordinate_transformation_mode' and 'nearest_mode' are " + positions + " and " + rounding
                    + ", expected asymmetric and floor, or half_pixel and round_prefer_floor");
        }
        node.checkAttributes();
        Term.Activation input = node.activation(0, 3, 4);
        List<Integer> scales = node.has(3) ? bySizes(node, input, axes) : byFactors(node, input, axes);
        PerAxis scale = input.rank() == 4 ? new PerAxis(scales.get(1), scales.get(2)) : new PerAxis(1, scales.get(1));
        node.output(new Term.Activation(node.add(new Upsample(input.layer(), node.shape(input), scale)), input.rank()));
    }

    /** How many times as large the channels and pixels become, as the sizes afterwards say it. */
    private static List<Integer> bySizes(NodeReader node, Term.Activation input, Optional<List<Integer>> axes) throws IOException {
        List<Long> old = Reshapes.extents(node, input);
        List<Long> given = node.numbers(3);
        List<Long> sizes = perAxis(node, given, axes, old);
        if (!node.graph().isBatch(sizes.getFirst())) {
            throw node.stop("gives " + Reshapes.text(old) + " the sizes " + Reshapes.text(sizes) + ", expected as many images");
        }
        List<Integer> scales = new ArrayList<>();
        for (int i = 1; i < old.size(); i++) {
            long times = sizes.get(i) / old.get(i);
            if (times < 1 || times > Integer.MAX_VALUE || sizes.get(i) % old.get(i) != 0 || i == 1 && times != 1) {
                throw node.stop("gives " + Reshapes.text(old) + " the sizes " + Reshapes.text(sizes)
                        + ", expected whole multiples, and as many channels");
            }
            scales.add((int) times);
        }
        return scales;
    }

    /** The same, as factors say it. */
    private static List<Integer> byFactors(NodeReader node, Term.Activation input, Optional<List<Integer>> axes) throws IOException {
        List<Long> old = Reshapes.extents(node, input);
        List<Float> given = new ArrayList<>();
        for (float factor : node.constant(2).tensor().floats()) {
            given.add(factor);
        }
        List<Float> factors = perAxis(node, given, axes, Collections.nCopies(old.size(), 1f));
        List<Integer> scales = new ArrayList<>();
        for (int i = 0; i < old.size(); i++) {
            float factor = factors.get(i);
            if (!(factor >= 1 && factor == (int) factor) || i < 2 && factor != 1) {
                throw node.stop("enlarges " + Reshapes.text(old) + " by " + factors
                        + ", expected whole numbers, and 1 for images and channels");
            }
            scales.add((int) factor);
        }
        return scales.subList(1, scales.size());
    }

    /** One number an axis; where the node lists axes, the others keep theirs. */
    private static <N> List<N> perAxis(NodeReader node, List<N> given, Optional<List<Integer>> axes, List<N> otherwise) {
        List<N> all = new ArrayList<>(axes.isPresent() ? otherwise : given);
        if (axes.isEmpty() ? given.size() != otherwise.size() : given.size() != axes.get().size()) {
            throw node.stop("has " + given.size() + " scales or sizes, expected " + axes.map(List::size).orElse(otherwise.size()));
        }
        for (int i = 0; axes.isPresent() && i < given.size(); i++) {
            int axis = axes.get().get(i) < 0 ? axes.get().get(i) + otherwise.size() : axes.get().get(i);
            if (axis < 0 || axis >= otherwise.size()) {
                throw node.stop("attribute 'axes' is " + axes.get() + ", expected those of " + otherwise.size() + " dimensions");
            }
            all.set(axis, given.get(i));
        }
        return all;
    }

    static void write(MaxPool2d layer, GraphExport.Place to) {
        to.output("MaxPool", List.of(to.input(0, to.mapRank())), to.mapRank(), attributes(to, written(layer.geometry(), false)));
    }

    static void write(AveragePool2d layer, GraphExport.Place to) {
        boolean counts = layer.countsPadding() && !(layer.geometry().ceilMode() && layer.geometry().padding().equals(Padding.NONE));
        Pool2dGeometry geometry = written(layer.geometry(), counts);
        Beyond beyond = Beyond.of(geometry);
        if (counts && beyond.most() > 0) {
            // Before, runtimes divide by the whole kernel. What they leave out is ONNX's, too, from 22 on.
            to.needs(beyond.least() < 0 ? 22 : 19);
        }
        to.output("AveragePool", List.of(to.input(0, to.mapRank())), to.mapRank(), attributes(to, geometry,
                GraphExport.whole("count_include_pad", counts ? 1 : 0)));
    }

    private static ProtobufWriter[] attributes(GraphExport.Place to, Pool2dGeometry geometry, ProtobufWriter... further) {
        List<ProtobufWriter> all = new ArrayList<>(List.of(further));
        all.addFirst(GraphExport.whole("ceil_mode", geometry.ceilMode() ? 1 : 0));
        return Window.write(to, geometry.kernel(), geometry.stride(), geometry.padding(), PerAxis.ONE, all.toArray(ProtobufWriter[]::new));
    }

    /**
     * The same windows, said without a rule that runtimes disagree about: ONNX leaves out a last window that would begin in the padding
     * behind the map only from operator set 22 on. Where there is one nothing is rounded up, and windows that reach beyond the padding get
     * as much more of it. Padding that counts cannot grow; it shrinks to what whole windows cover.
     */
    private static Pool2dGeometry written(Pool2dGeometry geometry, boolean counts) {
        Beyond beyond = Beyond.of(geometry);
        if (!geometry.ceilMode() || beyond.least() >= 0) {
            return geometry;
        }
        boolean ceiling = counts && beyond.most() > 0;
        Padding padding = geometry.padding();
        return new Pool2dGeometry(geometry.input(), geometry.kernel(), geometry.stride(), new Padding(padding.top(), padding.left(),
                end(padding.bottom(), beyond.rows(), ceiling), end(padding.right(), beyond.columns(), ceiling)), ceiling);
    }

    private static int end(int padding, int beyond, boolean ceiling) {
        return Math.max(0, padding + (ceiling ? Math.min(0, beyond) : Math.max(0, beyond)));
    }

    /** Pixels that the last windows reach beyond map and padding; below 0 those behind them that no window covers. */
    private record Beyond(int rows, int columns) {
        private static Beyond of(Pool2dGeometry geometry) {
            Padding padding = geometry.padding();
            return new Beyond(pixels(geometry.outputHeight(), geometry.kernel().height(), geometry.stride().height(),
                    (long) geometry.input().height() + padding.top() + padding.bottom()),
                    pixels(geometry.outputWidth(), geometry.kernel().width(), geometry.stride().width(),
                    (long) geometry.input().width() + padding.left() + padding.right()));
        }

        private static int pixels(int windows, int kernel, int stride, long padded) {
            return (int) ((windows - 1L) * stride + kernel - padded);
        }

        private int most() {
            return Math.max(rows, columns);
        }

        private int least() {
            return Math.min(rows, columns);
        }
    }

    static void write(GlobalAveragePool layer, GraphExport.Place to) {
        to.output("GlobalAveragePool", List.of(to.input(0, to.mapRank())), to.mapRank());
    }

    static void write(Upsample layer, GraphExport.Place to) {
        enlarge(layer.scale(), to);
    }

    static void write(Repeat layer, GraphExport.Place to) {
        enlarge(new PerAxis(layer.output().height(), layer.output().width()), to);
    }

    private static void enlarge(PerAxis scale, GraphExport.Place to) {
        float[] scales = to.oneDimension() ? new float[] {1, 1, scale.width()} : new float[] {1, 1, scale.height(), scale.width()};
        String constant = to.constant("scales", List.of(scales.length), scales);
        to.output("Resize", List.of(to.input(0, to.mapRank()), "", constant), to.mapRank(), GraphExport.text("mode", "nearest"),
                GraphExport.text("coordinate_transformation_mode", "asymmetric"), GraphExport.text("nearest_mode", "floor"));
    }
}
