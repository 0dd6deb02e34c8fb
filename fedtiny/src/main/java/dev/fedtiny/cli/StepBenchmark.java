package dev.fedtiny.cli;

import dev.fedtiny.engine.cost.ExactCost;
import dev.fedtiny.engine.internal.json.JsonWriter;
import dev.fedtiny.engine.internal.probe.MachineLimits;
import dev.fedtiny.engine.nn.Mode;
import dev.fedtiny.engine.nn.Session;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.engine.train.Optimizer;
import dev.fedtiny.engine.train.Sgd;
import java.util.List;
import java.util.Locale;

/** Times whole training steps: forward, loss, backward, SGD with momentum. */
final class StepBenchmark implements Benchmark {
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
        return BenchedModel.options();
    }

    @Override
    public int run(Arguments arguments, Terminal terminal) {
        BenchedModel benched = BenchedModel.of(arguments, 64);
        int batch = benched.batch();
        try (Workers workers = Workers.of(benched.threads());
                Session session = Session.open(benched.state(), Mode.TRAINING, batch, workers, benched.formats())) {
            Optimizer.Updater updater = new Sgd(0.9, 1e-4).bind(session);
            session.setImages(benched.images(), batch);
            for (int i = 0; i < batch; i++) {
                session.labels()[i] = i % BenchedModel.CLASSES;
            }
            Timings timings = Timings.measure(() -> step(session, updater, batch), benched.seconds());
            double useful = ExactCost.trainingFlops(benched.state(), batch) / timings.median() / 1e6;
            double equivalent = ExactCost.trainingFlops(benched.dense(), batch) / timings.median() / 1e6;
            long bytes = session.bytes() + updater.bytes();
            double peak = MachineLimits.fmaGflops(workers);
            if (arguments.has("json")) {
                terminal.out().println(JsonWriter.compact(benched.json(timings, useful, equivalent).put("peakGflops", peak)
                        .put("shareOfPeak", useful / peak).put("sessionBytes", bytes).build()));
            } else {
                terminal.out().printf(Locale.ROOT, "%s batch %d density %.4f threads %d: median %.1f ms (p10 %.1f, p90 %.1f, %d steps), "
                                + "%.1f GFLOP/s over nonzeros (%.1f %% of the peak of %.0f), %.1f dense-equivalent, %.1f MiB held%n",
                        benched.model(), batch, benched.state().density(), benched.threads(),
                        timings.median(), timings.percentile(0.1), timings.percentile(0.9), timings.count(), useful,
                        100 * useful / peak, peak, equivalent, bytes / 1048576.0);
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
}
