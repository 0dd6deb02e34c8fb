package dev.fedtiny.cli;

import dev.fedtiny.engine.cost.ExactCost;
import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.internal.json.JsonWriter;
import dev.fedtiny.engine.nn.Architecture;
import dev.fedtiny.engine.nn.FormatChoice;
import dev.fedtiny.engine.nn.Initializer;
import dev.fedtiny.engine.nn.Mode;
import dev.fedtiny.engine.nn.ModelState;
import dev.fedtiny.engine.nn.NetworkSpec;
import dev.fedtiny.engine.nn.Session;
import dev.fedtiny.engine.runtime.RandomStream;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.engine.tensor.Shape;
import dev.fedtiny.engine.train.Optimizer;
import dev.fedtiny.engine.train.Sgd;
import dev.fedtiny.pruning.Magnitude;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Times training steps on this machine. */
final class BenchCommand implements Command {
    private static final int LEAST_STEPS = 9;

    @Override
    public String name() {
        return "bench";
    }

    @Override
    public String summary() {
        return "time training steps: median, 10th and 90th percentile, FLOP/s, bytes held";
    }

    @Override
    public String usage() {
        return "step [--model M] [--density D] [--batch N] [--threads T] [--json]";
    }

    @Override
    public List<Option> options() {
        return List.of(Option.value("model", "MODEL", "resnet18", "architecture, for 3×32×32 images and 10 classes"),
                Option.value("width", "N", "64 channels", "channels of the first stage"),
                Option.value("density", "D", "0.1", "kept share of every prunable layer, by magnitude"),
                Option.value("batch", "N", "64 images", "images of a step"),
                Option.value("threads", "N", "one a processor", "worker threads"),
                Option.value("seconds", "S", "10 s", "how long to measure after warming up"),
                Option.flag("json", "one JSON object in place of the text"));
    }

    @Override
    public int run(Arguments arguments, Terminal terminal) {
        if (!arguments.single("benchmark").equals("step")) {
            throw new UsageException("no benchmark '" + arguments.positional().getFirst() + "', expected step");
        }
        String model = arguments.value("model").orElse("resnet18");
        double density = arguments.number("density", 0.1);
        int batch = arguments.integer("batch", 64, 1);
        int threads = arguments.integer("threads", Runtime.getRuntime().availableProcessors(), 1);
        double seconds = arguments.number("seconds", 10);
        ModelState dense = Initializer.initialize(new NetworkSpec(Architecture.ofKey(model), new Shape(3, 32, 32),
                arguments.integer("width", 64, 1), 10).build(), 1);
        ModelState state = density == 1 ? dense : Magnitude.uniform(dense, density);
        try (Workers workers = Workers.of(threads);
                Session session = Session.open(state, Mode.TRAINING, batch, workers, FormatChoice.AUTOMATIC)) {
            Optimizer.Updater updater = new Sgd(0.9, 1e-4).bind(session);
            RandomStream random = RandomStream.of(1, "bench");
            float[] images = new float[batch * 3 * 32 * 32];
            for (int i = 0; i < images.length; i++) {
                images[i] = (float) random.nextGaussian();
            }
            session.setImages(images, batch);
            for (int i = 0; i < batch; i++) {
                session.labels()[i] = i % 10;
            }
            double[] millis = measure(session, updater, batch, seconds);
            double median = percentile(millis, 0.5);
            double useful = ExactCost.trainingFlops(state, batch);
            double equivalent = ExactCost.trainingFlops(dense, batch);
            long bytes = session.bytes() + updater.bytes();
            if (arguments.has("json")) {
                terminal.out().println(JsonWriter.compact(JsonObject.builder().put("model", model).put("density", state.density())
                        .put("batch", batch).put("threads", threads).put("steps", millis.length).put("medianMillis", median)
                        .put("p10Millis", percentile(millis, 0.1)).put("p90Millis", percentile(millis, 0.9))
                        .put("gflops", useful / median / 1e6).put("denseEquivalentGflops", equivalent / median / 1e6)
                        .put("sessionBytes", bytes).build()));
            } else {
                terminal.out().printf(Locale.ROOT, "%s batch %d density %.4f threads %d: median %.1f ms (p10 %.1f, p90 %.1f, %d steps), "
                                + "%.1f GFLOP/s over nonzeros, %.1f dense-equivalent, %.1f MiB held%n", model, batch, state.density(), threads,
                        median, percentile(millis, 0.1), percentile(millis, 0.9), millis.length, useful / median / 1e6,
                        equivalent / median / 1e6, bytes / 1048576.0);
            }
        }
        return Main.OK;
    }

    private static void step(Session session, Optimizer.Updater updater, int batch) {
        session.forward(batch);
        session.lossSum();
        session.backward();
        updater.step(1e-3);
    }

    /** Warms up for half the time (C2 needs some thousand calls of each kernel), then measures. */
    private static double[] measure(Session session, Optimizer.Updater updater, int batch, double seconds) {
        long warm = System.nanoTime();
        for (int i = 0; i < 5 || System.nanoTime() - warm < seconds / 2 * 1e9; i++) {
            step(session, updater, batch);
        }
        double[] millis = new double[LEAST_STEPS];
        int count = 0;
        long start = System.nanoTime();
        while (count < LEAST_STEPS || System.nanoTime() - start < seconds * 1e9) {
            long before = System.nanoTime();
            step(session, updater, batch);
            if (count == millis.length) {
                millis = Arrays.copyOf(millis, 2 * count);
            }
            millis[count++] = (System.nanoTime() - before) / 1e6;
        }
        double[] measured = Arrays.copyOf(millis, count);
        Arrays.sort(measured);
        return measured;
    }

    private static double percentile(double[] sorted, double share) {
        return sorted[(int) Math.round(share * (sorted.length - 1))];
    }
}
