package dev.fedtiny.benchmarks.cli;

import dev.fedtiny.benchmarks.profile.Observers;
import dev.fedtiny.benchmarks.profile.ProfileSetup;
import dev.fedtiny.benchmarks.profile.StepProfiler;
import dev.fedtiny.benchmarks.timing.BenchedModel;
import dev.fedtiny.command.Arguments;
import dev.fedtiny.command.Command;
import dev.fedtiny.command.ExitCode;
import dev.fedtiny.command.ExperimentArguments;
import dev.fedtiny.command.Ineffective;
import dev.fedtiny.command.Terminal;
import dev.fedtiny.command.UsageException;
import dev.fedtiny.engine.internal.json.JsonWriter;
import dev.fedtiny.engine.model.ActivationStorage;
import dev.fedtiny.engine.model.Initializer;
import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.model.SessionOptions;
import dev.fedtiny.engine.pruning.Magnitude;
import dev.fedtiny.engine.session.MemoryEstimate;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.engine.train.Optimizer;
import dev.fedtiny.engine.train.Sgd;
import dev.fedtiny.experiment.AlgorithmSetting;
import dev.fedtiny.experiment.Experiment;
import dev.fedtiny.experiment.HeapFit;
import dev.fedtiny.experiment.Setting;
import dev.fedtiny.method.TrainingPlan;
import dev.fedtiny.settings.SettingSpec;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Shows where a training step's time, work and memory go. */
final class ProfileCommand implements Command {
    private static final int MOST_STEPS = 1_000_000;
    /** Gradients kept of a layer that grows, where no schedule says how many: a hundredth of the layer. */
    private static final int GROWTH_SHARE = 100;

    @Override
    public String name() {
        return "profile";
    }

    @Override
    public String summary() {
        return "where a training step's time, multiply-adds, traffic and memory go, operator by operator";
    }

    @Override
    public String usage() {
        return "[FILE] [--set key=value]... [--model M] [--input CxHxW] [--density D] [--batch N] [--threads T] [--steps N] [--growth] "
                + "[--verify] [--json]";
    }

    @Override
    public int mostOperands() {
        return 1;
    }

    @Override
    public List<Option> options() {
        return List.of(Option.repeated("set", "KEY=VALUE", "one setting of the experiment, over the file's"),
                Option.value("model", "MODEL", "the experiment's, else resnet18", "architecture"),
                Option.width("the experiment's, else the architecture's usual one"),
                Option.value("input", "CxHxW", "those of the experiment's data, else the architecture's usual ones",
                        "images, for example 3x96x96; not with FILE or --set, whose data say it"),
                Option.above("density", "D", "the experiment's, else 0.01", "active share of every prunable layer, by magnitude; the "
                        + "experiment's is what its method aims at, 1 for fedavg", 1),
                Option.batch("the experiment's, else 64 images", "images of a step"),
                Option.threads("the experiment's, else one a processor"),
                Option.formats("the experiment's, else auto"),
                Option.value("activations", "HOW", "the experiment's, else float32",
                        "how activations and their gradients are stored: float32 or bfloat16"),
                Option.whole("steps", "N", "20 steps", "measured steps", 1, MOST_STEPS),
                Option.fromZero("warm-up", "S", "5 s", "time before them, for the compiler", MOST_SECONDS),
                Option.flag("growth", "every step also gives the gradients at pruned positions of all prunable layers"),
                Option.flag("verify", "compare the meter with outside observers, and steps with and without it, in place of the tables"),
                Option.flag("all", "print every pass, not only those above half a percent of the step"),
                Option.flag("json", "one JSON object in place of the text"));
    }

    @Override
    public List<Ineffective> ineffective() {
        List<Ineffective> rules = new ArrayList<>(List.of(Ineffective.with("all", "verify", "which prints other tables"),
                Ineffective.with("all", "json", "which has every pass")));
        rules.addAll(Ineffective.contradicted(Setting.MODEL, Setting.WIDTH, Setting.DENSITY, Setting.BATCH, Setting.THREADS,
                Setting.FORMATS, Setting.ACTIVATIONS));
        return rules;
    }

    @Override
    public String details() {
        return "With FILE or --set, network, batch, threads and optimiser are the experiment's; without, a network by its name, for its "
                + "usual images (--input: others) and classes, and SGD with momentum. Images are random: no kernel's time depends on them. "
                + "Exit code 1 when --verify finds a figure that does not agree.";
    }

    @Override
    public ExitCode run(Arguments arguments, Terminal terminal) throws IOException {
        ProfileSetup setup = setup(arguments);
        if (arguments.has("verify")) {
            Observers.Outcome outcome = Observers.compare(setup);
            terminal.out().print(arguments.has("json") ? JsonWriter.compact(ProfileTables.json(outcome)) + System.lineSeparator()
                    : ProfileTables.text(outcome));
            return outcome.agreements().stream().allMatch(a -> a.holds()) ? ExitCode.OK : ExitCode.FAILED;
        }
        var profile = StepProfiler.run(setup);
        terminal.out().print(arguments.has("json") ? JsonWriter.compact(ProfileTables.json(profile)) + System.lineSeparator()
                : ProfileTables.text(profile, arguments.has("all")));
        return ExitCode.OK;
    }

    private static ProfileSetup setup(Arguments arguments) throws IOException {
        if (arguments.positional().isEmpty() && arguments.all("set").isEmpty()) {
            String model = arguments.value("model").orElse("resnet18");
            Network network = BenchedModel.network(arguments, model);
            return setup(arguments, new Usual(model, network, 0.01, 64, Runtime.getRuntime().availableProcessors(), new Sgd(0.9, 1e-4),
                    AlgorithmSetting.AUTOMATIC, ActivationStorage.FLOAT32));
        }
        if (arguments.has("input")) {
            throw new UsageException("option --input has no effect with FILE or --set, whose data say how large images are: leave out one");
        }
        Experiment experiment = experiment(arguments);
        TrainingPlan plan = experiment.plan(experiment.open().train());
        return setup(arguments, new Usual(experiment.text(Setting.MODEL), plan.network(), experiment.method().promise().density(),
                plan.batch(), experiment.threads(), plan.local().optimizer(), experiment.formats(), experiment.get(Setting.ACTIVATIONS)));
    }

    /** What is profiled where no option says otherwise. */
    private record Usual(String model, Network network, double density, int batch, int threads, Optimizer optimizer,
            AlgorithmSetting algorithms, ActivationStorage activations) {
    }

    /** The experiment with the options over its settings: the network is what a run with these settings would train. */
    private static Experiment experiment(Arguments arguments) throws IOException {
        Map<SettingSpec<?>, String> given = new LinkedHashMap<>();
        given.putAll(ExperimentArguments.given(arguments));
        for (SettingSpec<?> setting : List.of(Setting.MODEL, Setting.WIDTH, Setting.DENSITY)) {
            arguments.value(setting.key()).ifPresent(value -> given.put(setting, value));
        }
        return Experiment.of(given);
    }

    private static ProfileSetup setup(Arguments arguments, Usual usual) {
        Network network = usual.network();
        double density = arguments.number("density", usual.density());
        AlgorithmSetting algorithms = arguments.has("formats") ? BenchedModel.algorithms(arguments) : usual.algorithms();
        ModelState dense = Initializer.initialize(network, 1);
        ModelState state = density == 1 ? dense : Magnitude.uniform(dense, density);
        if (arguments.has("growth") && state.density() == 1) {
            throw new UsageException("option --growth has no effect at density 1, where no position is pruned: leave it out, or give a "
                    + "smaller --density");
        }
        List<Integer> growing = arguments.has("growth") ? network.prunable() : List.of();
        int largest = network.prunable().stream().mapToInt(p -> network.parameters().get(p).size()).max().orElse(0);
        ProfileSetup setup = new ProfileSetup(usual.model(), state, usual.optimizer(), arguments.integer("batch", usual.batch()),
                arguments.integer("threads", usual.threads()), arguments.integer("steps", 20), arguments.number("warm-up", 5), growing,
                Math.max(1, largest / GROWTH_SHARE), SessionOptions.DEFAULT.withAlgorithms(algorithms.check(network).choice())
                        .withActivations(activations(arguments, usual.activations())));
        int[] active = state.masks().stream().mapToInt(Mask::count).toArray();
        HeapFit.check("batch", setup.batch(), batch -> {
            MemoryEstimate estimate = MemoryEstimate.of(state, Mode.TRAINING, batch, setup.threads(), setup.sessions());
            return estimate.total() + (growing.isEmpty() ? 0 : estimate.growthBytes()) + usual.optimizer().stateBytes(network, active)
                    + 4L * batch * network.input().size();
        });
        return setup;
    }

    private static ActivationStorage activations(Arguments arguments, ActivationStorage usual) {
        return switch (arguments.value("activations").orElse("")) {
            case "" -> usual;
            case "float32" -> ActivationStorage.FLOAT32;
            case "bfloat16" -> ActivationStorage.BFLOAT16;
            default -> throw new UsageException("option --activations is '" + arguments.value("activations").orElseThrow()
                    + "', expected float32 or bfloat16");
        };
    }
}
