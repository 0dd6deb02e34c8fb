package dev.fedtiny.cli;

import dev.fedtiny.engine.cost.ExactCost;
import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.internal.json.JsonWriter;
import dev.fedtiny.engine.internal.probe.MachineLimits;
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
import java.util.List;
import java.util.Locale;

/** Times whole training steps: forward, loss, backward, SGD with momentum. */
final class StepBenchmark implements Benchmark {
    private static final Shape IMAGE = new Shape(3, 32, 32);
    private static final int CLASSES = 10;

    @Override
    public String name() {
        return "step";
    }

    @Override
    public String summary() {
        return "a training step: median, 10th and 90th percentile, FLOP/s, bytes held";
    }

    @Override
    public List<Command.Option> options() {
        return List.of(Command.Option.value("model", "MODEL", "resnet18", "architecture, for 3×32×32 images and 10 classes"),
                Command.Option.value("width", "N", "64 channels", "channels of the first stage"),
                Command.Option.value("density", "D", "0.1", "kept share of every prunable layer, by magnitude"),
                Command.Option.value("batch", "N", "64 images; infer: 1", "images at a time"),
                Command.Option.value("threads", "N", "one a processor", "worker threads"),
                Command.Option.value("seconds", "S", "10 s", "how long to measure, after warming up for half of that or until steady"),
                Command.Option.flag("json", "one JSON object in place of the text"));
    }

    @Override
    public int run(Arguments arguments, Terminal terminal) {
        String model = arguments.value("model").orElse("resnet18");
        double density = arguments.number("density", 0.1);
        int batch = arguments.integer("batch", 64, 1);
        int threads = arguments.integer("threads", Runtime.getRuntime().availableProcessors(), 1);
        ModelState dense = Initializer.initialize(new NetworkSpec(Architecture.ofKey(model), IMAGE, arguments.integer("width", 64, 1), CLASSES)
                .build(), 1);
        ModelState state = density == 1 ? dense : Magnitude.uniform(dense, density);
        try (Workers workers = Workers.of(threads);
                Session session = Session.open(state, Mode.TRAINING, batch, workers, FormatChoice.AUTOMATIC)) {
            Optimizer.Updater updater = new Sgd(0.9, 1e-4).bind(session);
            fill(session, batch);
            Timings timings = Timings.measure(() -> step(session, updater, batch), arguments.number("seconds", 10));
            double useful = ExactCost.trainingFlops(state, batch) / timings.median() / 1e6;
            double equivalent = ExactCost.trainingFlops(dense, batch) / timings.median() / 1e6;
            long bytes = session.bytes() + updater.bytes();
            double peak = MachineLimits.fmaGflops(workers);
            if (arguments.has("json")) {
                terminal.out().println(JsonWriter.compact(JsonObject.builder().put("model", model).put("density", state.density())
                        .put("batch", batch).put("threads", threads).put("steps", timings.count()).put("medianMillis", timings.median())
                        .put("p10Millis", timings.percentile(0.1)).put("p90Millis", timings.percentile(0.9))
                        .put("gflops", useful).put("denseEquivalentGflops", equivalent)
                        .put("peakGflops", peak).put("shareOfPeak", useful / peak).put("sessionBytes", bytes).build()));
            } else {
                terminal.out().printf(Locale.ROOT, "%s batch %d density %.4f threads %d: median %.1f ms (p10 %.1f, p90 %.1f, %d steps), "
                                + "%.1f GFLOP/s over nonzeros (%.1f %% of the peak of %.0f), %.1f dense-equivalent, %.1f MiB held%n",
                        model, batch, state.density(), threads,
                        timings.median(), timings.percentile(0.1), timings.percentile(0.9), timings.count(), useful,
                        100 * useful / peak, peak, equivalent, bytes / 1048576.0);
            }
        }
        return Main.OK;
    }

    private static void fill(Session session, int batch) {
        RandomStream random = RandomStream.of(1, "bench");
        float[] images = new float[batch * IMAGE.size()];
        for (int i = 0; i < images.length; i++) {
            images[i] = (float) random.nextGaussian();
        }
        session.setImages(images, batch);
        for (int i = 0; i < batch; i++) {
            session.labels()[i] = i % CLASSES;
        }
    }

    private static void step(Session session, Optimizer.Updater updater, int batch) {
        session.forward(batch);
        session.lossSum();
        session.backward();
        updater.step(1e-3);
    }
}
