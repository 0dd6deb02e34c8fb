package dev.fedtiny.benchmarks.timing;

import dev.fedtiny.command.Arguments;
import dev.fedtiny.command.Command;
import dev.fedtiny.command.ModelInput;
import dev.fedtiny.command.UsageException;
import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.model.AlgorithmPolicy;
import dev.fedtiny.engine.model.Architecture;
import dev.fedtiny.engine.model.Initializer;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.model.NetworkSpec;
import dev.fedtiny.engine.model.SessionOptions;
import dev.fedtiny.engine.pruning.Magnitude;
import dev.fedtiny.engine.runtime.RandomStream;
import dev.fedtiny.engine.session.MemoryEstimate;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.engine.tensor.Shape;
import dev.fedtiny.engine.train.Sgd;
import dev.fedtiny.experiment.AlgorithmSetting;
import dev.fedtiny.experiment.HeapFit;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The network that a benchmark times, and on how much: what steps and inference have in common.
 *
 * @param model the architecture's key
 * @param dense freshly initialised; unless a model file says otherwise, for CIFAR-10's images and classes
 * @param state the same, pruned to the density asked for, or what a model file holds
 * @param batch images at a time
 * @param threads worker threads
 * @param seconds for which to measure
 * @param algorithms in which form layers are computed
 */
public record BenchedModel(String model, ModelState dense, ModelState state, int batch, int threads, double seconds,
        AlgorithmPolicy algorithms) {
    private static final double MOMENTUM = 0.9;
    private static final int MOST_CLASSES = 100_000;

    /** The options that {@link #of} reads, and {@code --json}. */
    public static List<Command.Option> options() {
        return List.of(Command.Option.value("model", "MODEL", "resnet18", "architecture; images, width and classes as published"),
                Command.Option.width("the architecture's usual one"),
                Command.Option.value("input", "CxHxW", "the architecture's usual one", "images"),
                Command.Option.whole("classes", "N", "the architecture's usual ones", "logits", 1, MOST_CLASSES),
                Command.Option.value("model-file", "FILE", "none, a fresh network", "a trained model: its network, masks and values"),
                Command.Option.above("density", "D", "0.1; of a model file: its own",
                        "active share of every prunable layer, by magnitude; layers of a model file that keep less stay as they are", 1),
                Command.Option.batch("64 images; infer: 1", "images at a time"),
                Command.Option.threads("one a processor"),
                Command.Option.formats(AlgorithmSetting.AUTOMATIC.text()),
                Command.Option.above("seconds", "S", "10 s",
                        "how long to measure, after warming up for half of that or until steady", Command.MOST_SECONDS),
                Command.Option.flag("json", "one JSON object in place of the text"));
    }

    /** What the arguments ask for. */
    public static BenchedModel of(Arguments arguments, int usualBatch) throws IOException {
        ModelState unpruned = arguments.has("model-file") ? read(arguments) : fresh(arguments);
        Network network = unpruned.network();
        double density = arguments.number("density", arguments.has("model-file") ? 1 : 0.1);
        int batch = arguments.integer("batch", usualBatch);
        int threads = arguments.integer("threads", Runtime.getRuntime().availableProcessors());
        return new BenchedModel(network.spec().map(spec -> spec.architecture().key()).orElse("network"), Initializer.initialize(network, 1),
                Magnitude.atMost(unpruned, density), batch, threads, arguments.number("seconds", 10),
                algorithms(arguments).check(network).choice());
    }

    private static ModelState read(Arguments arguments) throws IOException {
        Path file = Path.of(arguments.value("model-file").orElseThrow());
        for (String option : List.of("model", "width", "input", "classes")) {
            if (arguments.has(option) && ModelInput.describesItself(file)) {
                throw new UsageException("options --model-file and --" + option + ": the file says what network it is; give one of them");
            }
        }
        return ModelInput.of(arguments, file).load(Optional.empty(), _ -> {
        });
    }

    private static ModelState fresh(Arguments arguments) {
        return Initializer.initialize(network(arguments, arguments.value("model").orElse("resnet18")), 1);
    }

    /**
     * A network by its name, with the images, width and classes that the arguments say, or it is mostly used with.
     *
     * @throws IllegalArgumentException if not even its weights fit the heap, twice, naming a width that would
     */
    public static Network network(Arguments arguments, String model) {
        NetworkSpec usual = Architecture.ofKey(model).usual();
        int width = arguments.integer("width", usual.width());
        Shape input = arguments.value("input").map(ModelInput::shape).orElse(usual.input());
        int classes = arguments.integer("classes", usual.classes());
        HeapFit.check("--width", width, channels -> new NetworkSpec(usual.architecture(), input, channels, classes).build().parameters()
                .stream().mapToLong(parameter -> 2L * Float.BYTES * parameter.size()).sum());
        return new NetworkSpec(usual.architecture(), input, width, classes).build();
    }

    /** As many weights a layer as {@link #state}, at other positions. */
    ModelState otherMasks() {
        return Magnitude.prune(Initializer.initialize(dense.network(), 2),
                dense.network().prunable().stream().mapToInt(p -> state.mask(p).count()).toArray());
    }

    /** As many weights a layer as {@link #state}, at positions drawn alike. */
    public ModelState uniformMasks() {
        List<Mask> masks = new ArrayList<>(state.masks());
        for (int p : dense.network().prunable()) {
            int[] positions = Mask.full(state.mask(p).size()).indices();
            RandomStream.of(1, "bench-mask", p).shuffle(positions);
            int[] active = Arrays.copyOf(positions, state.mask(p).count());
            Arrays.sort(active);
            masks.set(p, Mask.of(positions.length, active));
        }
        return dense.masked(masks);
    }

    /**
     * Checks that sessions of a mode, all at the same time, fit the heap, with their optimisers where they train and the images.
     *
     * @param states what they hold
     * @throws IllegalArgumentException if not, naming a batch that would
     */
    public void checkHeap(Mode mode, SessionOptions options, ModelState... states) {
        HeapFit.check("--batch", batch, images -> {
            long bytes = 4L * images * dense.network().input().size();
            for (ModelState held : states) {
                int[] active = held.masks().stream().mapToInt(Mask::count).toArray();
                bytes += MemoryEstimate.of(held, mode, images, threads, options).total()
                        + (mode == Mode.TRAINING ? new Sgd(MOMENTUM, 0).stateBytes(held.network(), active) : 0);
            }
            return bytes;
        });
    }

    /** What {@code --formats} says. */
    public static AlgorithmSetting algorithms(Arguments arguments) {
        return AlgorithmSetting.of(arguments.value("formats").orElse(AlgorithmSetting.AUTOMATIC.text()));
    }

    /** Normal noise, N,C,H,W, always the same. */
    public float[] images() {
        RandomStream random = RandomStream.of(1, "bench");
        float[] images = new float[batch * dense.network().input().size()];
        for (int i = 0; i < images.length; i++) {
            images[i] = (float) random.nextGaussian();
        }
        return images;
    }

    /** What was timed and how long it took; callers add what else they know. */
    public JsonObject.Builder json(Timings timings, double gflops, double denseEquivalentGflops) {
        return JsonObject.builder().put("model", model).put("density", state.density()).put("batch", batch).put("threads", threads)
                .put("steps", timings.count()).put("medianMillis", timings.median()).put("p10Millis", timings.percentile(0.1))
                .put("p90Millis", timings.percentile(0.9)).put("gflops", gflops).put("denseEquivalentGflops", denseEquivalentGflops);
    }
}
