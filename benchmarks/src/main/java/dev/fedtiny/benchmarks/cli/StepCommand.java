package dev.fedtiny.benchmarks.cli;

import dev.fedtiny.benchmarks.timing.BenchedModel;
import dev.fedtiny.benchmarks.timing.Timings;
import dev.fedtiny.command.Arguments;
import dev.fedtiny.command.Command;
import dev.fedtiny.command.ExitCode;
import dev.fedtiny.command.Terminal;
import dev.fedtiny.command.UsageException;
import dev.fedtiny.engine.cost.ExactCost;
import dev.fedtiny.engine.internal.json.JsonWriter;
import dev.fedtiny.engine.internal.probe.MultiplyAddRates;
import dev.fedtiny.engine.model.ActivationStorage;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.SessionOptions;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.engine.session.Session;
import dev.fedtiny.engine.train.Optimizer;
import dev.fedtiny.engine.train.Sgd;
import dev.fedtiny.report.Units;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** Times whole training steps: forward, loss, backward, SGD with momentum. */
final class StepCommand implements Command {
    @Override
    public String name() {
        return "step";
    }

    @Override
    public String summary() {
        return "a training step: median, 10th and 90th percentile, FLOP/s, bytes held";
    }

    @Override
    public String usage() {
        return "[OPTION]... [--json]";
    }

    @Override
    public List<Command.Option> options() {
        List<Command.Option> options = new ArrayList<>(BenchedModel.options());
        options.add(Command.Option.value("activations", "HOW", "float32", "float32, bfloat16, or both: steps of the two in turn"));
        options.add(Command.Option.value("mask", "WHICH", "own", "own: the largest weights, or the model file's masks; uniform: as many "
                + "positions a layer, drawn alike; or both: steps of the two in turn"));
        return options;
    }

    @Override
    public ExitCode run(Arguments arguments, Terminal terminal) throws IOException {
        BenchedModel benched = BenchedModel.of(arguments, 64);
        List<ActivationStorage> storages = choice(arguments, "activations", ActivationStorage.FLOAT32, ActivationStorage.BFLOAT16);
        List<Masks> masks = choice(arguments, "mask", Masks.OWN, Masks.UNIFORM);
        if (masks.contains(Masks.UNIFORM) && benched.state().density() == 1) {
            throw new UsageException("option --mask has no effect at density 1, where all positions are kept: leave it out, or give a "
                    + "smaller --density");
        }
        if (storages.size() == 2 && masks.size() == 2) {
            throw new UsageException("options --activations and --mask are 'both', but only two kinds of steps can be done in turn");
        }
        ModelState[] states = new ModelState[storages.size() + masks.size() - 1];
        Arrays.fill(states, benched.state());
        benched.checkHeap(Mode.TRAINING,
                SessionOptions.DEFAULT.withAlgorithms(benched.algorithms()).withActivations(storages.getFirst()), states);
        try (Workers workers = Workers.of(benched.threads());
                Steps first = new Steps(benched, workers, masks.getFirst(), storages.getFirst())) {
            double peak = MultiplyAddRates.registersGflops(workers);
            if (storages.size() + masks.size() == 2) {
                print(arguments, terminal, benched, first, Timings.measure(first, benched.seconds()), peak);
                return ExitCode.OK;
            }
            try (Steps second = new Steps(benched, workers, masks.getLast(), storages.getLast())) {
                List<Timings> timings = Timings.inTurn(first, second, benched.seconds());
                print(arguments, terminal, benched, first, timings.getFirst(), peak);
                print(arguments, terminal, benched, second, timings.getLast(), peak);
            }
        }
        return ExitCode.OK;
    }

    /** Where the active positions are. */
    private enum Masks {
        OWN, UNIFORM
    }

    /** What an option says: one of two constants, the first if it is not given, or both. */
    private static <E extends Enum<E>> List<E> choice(Arguments arguments, String option, E first, E second) {
        String text = arguments.value(option).orElse(name(first));
        if (text.equals("both")) {
            return List.of(first, second);
        }
        return List.of(Stream.of(first, second).filter(e -> name(e).equals(text)).findFirst().orElseThrow(() -> new UsageException(
                "option --" + option + " is '" + text + "', expected " + name(first) + ", " + name(second) + " or both")));
    }

    private static String name(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    private static void print(Arguments arguments, Terminal terminal, BenchedModel benched, Steps steps, Timings timings, double peak) {
        int batch = benched.batch();
        double useful = ExactCost.trainingFlops(benched.state(), batch) / timings.median() / 1e6;
        double equivalent = ExactCost.trainingFlops(benched.dense(), batch) / timings.median() / 1e6;
        if (arguments.has("json")) {
            terminal.out().println(JsonWriter.compact(benched.json(timings, useful, equivalent).put("mask", name(steps.masks))
                    .put("activations", name(steps.storage)).put("peakGflops", peak).put("shareOfPeak", useful / peak)
                    .put("sessionBytes", steps.bytes()).build()));
        } else {
            terminal.out().printf(Locale.ROOT, "%s batch %d density %s mask %s threads %d activations %s: median %.1f ms "
                            + "(p10 %.1f, p90 %.1f, %d steps), %.1f GFLOP/s over nonzeros (%.1f %% of the peak of %.0f), "
                            + "%.1f dense-equivalent, %.1f MiB held%n",
                    benched.model(), batch, Units.density(benched.state().density()), name(steps.masks), benched.threads(),
                    name(steps.storage), timings.median(), timings.percentile(0.1), timings.percentile(0.9), timings.count(), useful,
                    100 * useful / peak, peak, equivalent, steps.bytes() / 1048576.0);
        }
    }

    /** A session and what a step needs beside it. */
    private static final class Steps implements Runnable, AutoCloseable {
        private final Masks masks;
        private final ActivationStorage storage;
        private final Session session;
        private final Optimizer.Updater updater;
        private final int batch;

        Steps(BenchedModel benched, Workers workers, Masks masks, ActivationStorage storage) {
            this.masks = masks;
            this.storage = storage;
            batch = benched.batch();
            session = Session.open(masks == Masks.OWN ? benched.state() : benched.uniformMasks(), Mode.TRAINING, batch, workers,
                    SessionOptions.DEFAULT.withAlgorithms(benched.algorithms()).withActivations(storage));
            updater = new Sgd(0.9, 1e-4).bind(session);
            session.setImages(benched.images(), batch);
            for (int i = 0; i < batch; i++) {
                session.labels()[i] = i % session.network().classes();
            }
        }

        long bytes() {
            return session.bytes() + updater.bytes();
        }

        @Override
        public void run() {
            session.forward(batch);
            session.lossSum();
            session.backward();
            updater.step(1e-3);
        }

        @Override
        public void close() {
            session.close();
        }
    }
}
