package dev.fedtiny.cli;

import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.nn.Architecture;
import dev.fedtiny.engine.nn.FormatChoice;
import dev.fedtiny.engine.nn.Initializer;
import dev.fedtiny.engine.nn.ModelState;
import dev.fedtiny.engine.nn.Network;
import dev.fedtiny.engine.nn.NetworkSpec;
import dev.fedtiny.engine.runtime.RandomStream;
import dev.fedtiny.engine.tensor.Shape;
import dev.fedtiny.experiment.Formats;
import dev.fedtiny.pruning.Magnitude;
import java.util.List;

/**
 * The network that a benchmark times, and on how much: what steps and inference have in common.
 *
 * @param model the architecture's key
 * @param dense freshly initialised, for CIFAR-10's images and classes
 * @param state the same, pruned to the density asked for
 * @param batch images at a time
 * @param threads worker threads
 * @param seconds for which to measure
 * @param formats in which form layers are computed
 */
record BenchedModel(String model, ModelState dense, ModelState state, int batch, int threads, double seconds, FormatChoice formats) {
    static final int CLASSES = 10;
    /** Also of other commands. */
    static final Command.Option FORMATS = Command.Option.value("formats", "FORM", Formats.AUTOMATIC.text(), "in which form layers are computed: "
            + Formats.FORM);
    private static final Shape IMAGE = new Shape(3, 32, 32);

    /** The options that {@link #of} reads, and {@code --json}. */
    static List<Command.Option> options() {
        return List.of(Command.Option.value("model", "MODEL", "resnet18", "architecture, for 3×32×32 images and 10 classes"),
                Command.Option.value("width", "N", "64 channels", "channels of the first stage"),
                Command.Option.value("density", "D", "0.1", "kept share of every prunable layer, by magnitude"),
                Command.Option.value("batch", "N", "64 images; infer: 1", "images at a time"),
                Command.Option.value("threads", "N", "one a processor", "worker threads"),
                FORMATS,
                Command.Option.value("seconds", "S", "10 s", "how long to measure, after warming up for half of that or until steady"),
                Command.Option.flag("json", "one JSON object in place of the text"));
    }

    /** What the arguments ask for. */
    static BenchedModel of(Arguments arguments, int usualBatch) {
        String model = arguments.value("model").orElse("resnet18");
        double density = arguments.number("density", 0.1);
        int batch = arguments.integer("batch", usualBatch, 1);
        int threads = arguments.integer("threads", Runtime.getRuntime().availableProcessors(), 1);
        int width = arguments.integer("width", 64, 1);
        Network network = new NetworkSpec(Architecture.ofKey(model), IMAGE, width, CLASSES).build();
        ModelState dense = Initializer.initialize(network, 1);
        return new BenchedModel(model, dense, density == 1 ? dense : Magnitude.uniform(dense, density), batch, threads,
                arguments.number("seconds", 10), formats(arguments).check(network).choice());
    }

    /** As many weights a layer as {@link #state}, at other positions. */
    ModelState otherMasks() {
        return Magnitude.uniform(Initializer.initialize(dense.network(), 2), state.density());
    }

    /** What {@link #FORMATS} says. */
    static Formats formats(Arguments arguments) {
        return Formats.of(arguments.value(FORMATS.name()).orElse(Formats.AUTOMATIC.text()));
    }

    /** Normal noise, N,C,H,W, always the same. */
    float[] images() {
        RandomStream random = RandomStream.of(1, "bench");
        float[] images = new float[batch * IMAGE.size()];
        for (int i = 0; i < images.length; i++) {
            images[i] = (float) random.nextGaussian();
        }
        return images;
    }

    /** What was timed and how long it took; callers add what else they know. */
    JsonObject.Builder json(Timings timings, double gflops, double denseEquivalentGflops) {
        return JsonObject.builder().put("model", model).put("density", state.density()).put("batch", batch).put("threads", threads)
                .put("steps", timings.count()).put("medianMillis", timings.median()).put("p10Millis", timings.percentile(0.1))
                .put("p90Millis", timings.percentile(0.9)).put("gflops", gflops).put("denseEquivalentGflops", denseEquivalentGflops);
    }
}
