package dev.fedtiny.benchmarks.cli;

import dev.fedtiny.benchmarks.timing.BenchedModel;
import dev.fedtiny.benchmarks.timing.LayerBreakEven;
import dev.fedtiny.benchmarks.timing.LayerTimes;
import dev.fedtiny.benchmarks.timing.PeakShares;
import dev.fedtiny.command.Arguments;
import dev.fedtiny.command.Command;
import dev.fedtiny.command.ExitCode;
import dev.fedtiny.command.Ineffective;
import dev.fedtiny.command.Terminal;
import dev.fedtiny.command.UsageException;
import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.internal.json.JsonValue;
import dev.fedtiny.engine.internal.json.JsonWriter;
import dev.fedtiny.engine.internal.probe.Bandwidths;
import dev.fedtiny.engine.internal.probe.MultiplyAddRates;
import dev.fedtiny.engine.layer.Conv2d;
import dev.fedtiny.engine.layer.Input;
import dev.fedtiny.engine.layer.Layer;
import dev.fedtiny.engine.model.AlgorithmPolicy;
import dev.fedtiny.engine.model.ConvolutionShape;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.model.NetworkSpec;
import dev.fedtiny.engine.runtime.Kernels;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.engine.sparse.ConvolutionAlgorithm;
import dev.fedtiny.engine.tensor.Conv2dGeometry;
import dev.fedtiny.engine.tensor.Layout;
import dev.fedtiny.experiment.AlgorithmSetting;
import dev.fedtiny.experiment.HeapFit;
import dev.fedtiny.experiment.Machine;
import dev.fedtiny.experiment.Program;
import dev.fedtiny.report.TextTable;
import dev.fedtiny.settings.Numbers;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Finds where dense, CSR and bitmask weights, and Winograd's transform, break even, for every shape of convolution of a network. */
final class KernelsCommand implements Command {
    /** Dense kernels are timed with this share kept: near the break-even, and their time does not depend on it. */
    private static final double DENSE_DENSITY = 0.5;
    /** Winograd's transform wherever it has a form. */
    private static final AlgorithmPolicy TRANSFORMED = new AlgorithmPolicy.Transformed(AlgorithmPolicy.DIRECT, Set.of(Mode.TRAINING), 0, 1);
    /** At most the share by which borders make an activation larger. */
    private static final int BORDERED = 2;
    private static final int MOST_CELL_SECONDS = 3600;
    private static final String DENSITIES = "1,0.8,0.65,0.5,0.2,0.1,0.05,0.02,0.01,0.001";

    @Override
    public String name() {
        return "kernels";
    }

    @Override
    public String summary() {
        return "the kernels of every layer shape: from which density on dense weights are faster than CSR and bitmask ones, "
                + "and Winograd's transform faster than CSR";
    }

    @Override
    public String usage() {
        return "[OPTION]... [--json]";
    }

    @Override
    public List<Command.Option> options() {
        return List.of(Command.Option.value("model", "MODEL", "resnet18", "architecture; images, width and classes as published"),
                Command.Option.width("the architecture's usual one"),
                Command.Option.batch("64 images", "images at a time"),
                Command.Option.threads("one a processor"),
                Command.Option.value("layers", "NAME,NAME,...", "all", "layers whose shapes to measure, by their state_dict prefix"),
                Command.Option.value("densities", "D,D,...", DENSITIES, "densities to measure"),
                Command.Option.above("cell", "S", "0.1 s", "how long to measure one kernel at one density", MOST_CELL_SECONDS),
                Command.Option.value("table", "FILE", "none", "also writes the break-even of each shape: a table for the setting formats"),
                Command.Option.flag("times", "prints the milliseconds behind the break-evens"),
                Command.Option.flag("shares", "prints what share of the machine's peak each pass turns into work on active weights"),
                Command.Option.flag("json", "one JSON object in place of the text"));
    }

    @Override
    public List<Ineffective> ineffective() {
        return List.of(Ineffective.with("times", "json", "which has all times"),
                Ineffective.with("shares", "json", "which has the times and the peak that shares follow from"));
    }

    @Override
    public ExitCode run(Arguments arguments, Terminal terminal) throws IOException {
        String model = arguments.value("model").orElse("resnet18");
        int batch = arguments.integer("batch", 64);
        int threads = arguments.integer("threads", Runtime.getRuntime().availableProcessors());
        double seconds = arguments.number("cell", 0.1);
        double[] densities = densities(arguments.value("densities").orElse(DENSITIES));
        Network network = BenchedModel.network(arguments, model);
        Map<Conv2dGeometry, List<String>> shapes = shapes(network, arguments);
        shapes.keySet().forEach(shape -> HeapFit.check("--batch", batch, images -> bytes(shape, images)));
        List<LayerBreakEven> layers = new ArrayList<>();
        double peak;
        double fedL1;
        double fedL2;
        try (Workers workers = Workers.of(threads)) {
            peak = MultiplyAddRates.registersGflops(workers);
            fedL1 = MultiplyAddRates.fedGflops(workers, Bandwidths.Level.L1.bytes());
            fedL2 = MultiplyAddRates.fedGflops(workers, Bandwidths.Level.L2.bytes());
            warmUp(shapes.keySet().iterator().next(), workers, 5 * seconds);
            for (Map.Entry<Conv2dGeometry, List<String>> shape : shapes.entrySet()) {
                LayerBreakEven layer = measure(network, shape.getKey(), shape.getValue(), densities,
                        Math.ceilDiv(batch, Layout.LANES), workers, seconds);
                layers.add(layer);
                terminal.err().printf(Locale.ROOT, "%s (%d of %d)%n", layer.shape(), layers.size(), shapes.size());
            }
        }
        if (arguments.has("table")) {
            write(Path.of(arguments.value("table").orElseThrow()), network.spec().orElseThrow(), batch, threads, layers);
        }
        if (arguments.has("json")) {
            terminal.out().println(JsonWriter.compact(JsonObject.builder().put("model", model).put("batch", batch).put("threads", threads)
                    .put("kernels", Kernels.current().name()).put("peakGflops", peak)
                    .put("fedL1Gflops", fedL1).put("fedL2Gflops", fedL2)
                    .put("shapes", new JsonValue.JsonArray(List.copyOf(layers.stream().map(LayerBreakEven::json).toList()))).build()));
            return ExitCode.OK;
        }
        terminal.out().printf(Locale.ROOT,
                "%s, batch %d, threads %d, %s, peak %.0f GFLOP/s (%.0f where every multiply-add reads an operand from the first-level "
                        + "cache, %.0f from the second-level one): density from which on dense weights are faster, "
                        + "and Winograd's transform faster than CSR%n",
                model, batch, threads, Kernels.current().name(), peak, fedL1, fedL2);
        TextTable table = new TextTable(LayerBreakEven.HEADING);
        layers.forEach(layer -> table.row(layer.row()));
        terminal.out().print(table);
        if (arguments.has("times")) {
            layers.forEach(layer -> terminal.out().print("\n" + layer.shape() + ", ms\n" + layer.times()));
        }
        if (arguments.has("shares")) {
            terminal.out().print("\n" + new PeakShares(layers, Math.ceilDiv(batch, Layout.LANES) * Layout.LANES, peak));
        }
        return ExitCode.OK;
    }

    /** About what a layer's kernels hold: input and output, their gradients and copies of both, with borders. */
    private static long bytes(Conv2dGeometry shape, int images) {
        long larger = (long) images * BORDERED * Math.max(shape.input().size(), shape.output().size());
        if (larger > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("an activation of " + larger + " values is more than a Java array holds");
        }
        return 3L * Float.BYTES * images * BORDERED * (shape.input().size() + shape.output().size());
    }

    private static double[] densities(String text) {
        Numbers.Decimal range = new Numbers.Decimal(0, false, 1, "");
        return Arrays.stream(text.split(",", -1)).mapToDouble(one -> range.read(one).orElseThrow(() -> new UsageException(
                "option --densities is '" + text
                + "', expected numbers above 0 and at most 1 with commas between them"))).sorted().toArray();
    }

    /** Layers by shape: those of the shapes that were asked for. */
    private static Map<Conv2dGeometry, List<String>> shapes(Network network, Arguments arguments) {
        Map<Conv2dGeometry, List<String>> shapes = new LinkedHashMap<>();
        for (Layer layer : network.layers()) {
            if (layer instanceof Conv2d conv) {
                shapes.computeIfAbsent(conv.geometry(), g -> new ArrayList<>()).add(conv.name());
            }
        }
        if (arguments.has("layers")) {
            List<String> names = List.of(arguments.value("layers").orElseThrow().split(","));
            List<String> known = shapes.values().stream().flatMap(List::stream).toList();
            names.stream().filter(name -> !known.contains(name)).findFirst().ifPresent(name -> {
                throw new UsageException("option --layers names '" + name + "'; the network's convolutions are "
                        + String.join(", ", known));
            });
            shapes.values().removeIf(layers -> layers.stream().noneMatch(names::contains));
        }
        if (shapes.isEmpty()) {
            throw new UsageException("the network has no convolution, so there is nothing to choose");
        }
        return shapes;
    }

    /** Every kernel once for a while, so that C2 has compiled all before the first one is timed. */
    private static void warmUp(Conv2dGeometry geometry, Workers workers, double seconds) {
        for (ConvolutionAlgorithm algorithm : ConvolutionAlgorithm.STORED) {
            LayerTimes.measure(geometry, 0.2, algorithm, 1, workers, false, seconds);
        }
        transformed(geometry, 1, workers, false, seconds);
    }

    private static LayerBreakEven measure(Network network, Conv2dGeometry geometry, List<String> names, double[] densities, int groups,
            Workers workers, double seconds) {
        boolean readsImages = network.layers().stream().anyMatch(l -> l instanceof Conv2d conv && conv.geometry().equals(geometry)
                && network.layers().get(conv.source()) instanceof Input);
        LayerTimes dense = LayerTimes.measure(geometry, DENSE_DENSITY, ConvolutionAlgorithm.DENSE, groups, workers, readsImages, seconds);
        Optional<LayerTimes> transformed = transformed(geometry, groups, workers, readsImages, seconds);
        List<LayerTimes> csr = new ArrayList<>();
        List<LayerTimes> bitmask = new ArrayList<>();
        for (double density : densities) {
            csr.add(LayerTimes.measure(geometry, density, ConvolutionAlgorithm.CSR, groups, workers, readsImages, seconds));
            bitmask.add(LayerTimes.measure(geometry, density, ConvolutionAlgorithm.BITMASK, groups, workers, readsImages, seconds));
        }
        return new LayerBreakEven(names, geometry, densities, dense, transformed, csr, bitmask);
    }

    private static Optional<LayerTimes> transformed(Conv2dGeometry geometry, int groups, Workers workers, boolean readsImages,
            double seconds) {
        return TRANSFORMED.choose(geometry, geometry.weights(), Mode.TRAINING) == ConvolutionAlgorithm.WINOGRAD
                ? Optional.of(LayerTimes.measure(geometry, DENSE_DENSITY, ConvolutionAlgorithm.WINOGRAD, groups, workers, readsImages,
                        seconds))
                : Optional.empty();
    }

    private static void write(Path file, NetworkSpec spec, int batch, int threads, List<LayerBreakEven> layers) throws IOException {
        Map<String, String> facts = Machine.facts();
        Map<ConvolutionShape, Double> denseFrom = new LinkedHashMap<>();
        layers.forEach(layer -> denseFrom.put(layer.shape(), layer.csr(LayerTimes::whole).density()));
        AlgorithmSetting.write(file, List.of(ConvolutionShape.FIELDS
                        + " density: from that density on, weights of that shape are faster when computed densely.",
                "Measured by: " + Program.command("kernels", "--model", spec.architecture().key(), "--width",
                        Integer.toString(spec.width()), "--batch", Integer.toString(batch), "--threads", Integer.toString(threads)),
                facts.get("processor") + "; " + facts.get("java") + "; " + facts.get("kernels")), denseFrom);
    }
}
