package dev.fedtiny.experiment;

import dev.fedtiny.data.TrainTest;
import dev.fedtiny.device.Confusion;
import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.internal.json.JsonWriter;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.pruning.Magnitude;
import dev.fedtiny.experiment.metrics.ClassJson;
import dev.fedtiny.federation.DeviceFailure;
import dev.fedtiny.method.Costs;
import dev.fedtiny.method.DeviceRound;
import dev.fedtiny.method.FederatedData;
import dev.fedtiny.method.InitReport;
import dev.fedtiny.method.LayerAdjustment;
import dev.fedtiny.method.LayerCount;
import dev.fedtiny.method.Participation;
import dev.fedtiny.method.PretrainingReport;
import dev.fedtiny.method.RoundEffort;
import dev.fedtiny.method.RoundReport;
import dev.fedtiny.method.TestResult;
import dev.fedtiny.protocol.Measured;
import dev.fedtiny.protocol.MessageKind;
import dev.fedtiny.protocol.Traffic;
import dev.fedtiny.settings.SettingSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** Run directories of runs that nobody ran, as the writer of real ones writes them: for reports at the scale of a paper. */
public final class SyntheticRuns {
    private static final int CLASSES = 10;
    private static final int TEST_IMAGES = 100 * CLASSES;

    private final Path folder;
    private final int rounds;
    private final int devices;
    private final TrainTest images;
    private final ModelState pruned;

    /** Runs in a folder, of so many rounds and devices. */
    public SyntheticRuns(Path folder, int rounds, int devices) {
        this.folder = folder;
        this.rounds = rounds;
        this.devices = devices;
        Experiment any = experiment("fedtiny", 1);
        this.images = any.open();
        Network network = any.network(images.train());
        this.pruned = Magnitude.uniform(any.plan(images.train()).untrained(), 0.05);
        if (network.prunable().isEmpty()) {
            throw new IllegalStateException("nothing to prune");
        }
    }

    /** How a run ends. */
    public enum End {
        /** After its last round. */
        DONE,
        /** In the middle. */
        UNFINISHED,
        /** In the middle, for good. */
        DIVERGED
    }

    private Experiment experiment(String method, int seed) {
        Map<SettingSpec<?>, String> settings = new LinkedHashMap<>(Map.of(Setting.METHOD, method, Setting.ROUNDS, "" + rounds,
                Setting.DEVICES, "" + Math.min(devices, 50), Setting.SEED, "" + seed, Setting.BASELINE, "false", Setting.WIDTH, "8"));
        settings.put(Setting.DENSITY, method.equals("fedavg") ? "1" : "0.05");
        return Experiment.of(settings);
    }

    /**
     * Writes a run.
     *
     * @param method its name
     * @param seed of everything that is drawn
     * @param best accuracy that it comes near
     * @return its directory
     */
    public Path write(String method, int seed, double best, End end) throws IOException {
        Path directory = Files.createDirectories(folder.resolve(method + "_seed-" + seed));
        Experiment experiment = experiment(method, seed);
        RunDirectory run = new RunDirectory(directory);
        run.json(RunDirectory.MANIFEST, Manifest.of(experiment, images).object());
        SplittableRandom random = new SplittableRandom(31L * method.hashCode() + seed);
        List<String> lines = new ArrayList<>();
        List<TestResult> curve = new ArrayList<>();
        Costs costs = Costs.NONE;
        FederatedData data = experiment.data(images);
        for (int round = 0; round <= (end == End.DONE ? rounds : rounds / 2); round++) {
            double accuracy = best - (best - 0.1) * Math.exp(-4.0 * round / rounds) + 0.012 * random.nextGaussian();
            TestResult test = test(Math.clamp(accuracy, 0, 1), random);
            curve.add(test.score());
            Metrics.Observed observed = new Metrics.Observed(Measured.NONE, new Expense.Spent(OptionalDouble.empty(),
                    OptionalDouble.of(5.0 / (1 + round))), Optional.empty(), Optional.empty(),
                    Optional.empty());
            if (round == 0) {
                lines.add(text(Metrics.init(new InitReport(new PretrainingReport(50, 4, List.of(2.3, 1.9), cost(random, 1)),
                        Optional.empty(),
                        Optional.empty(), pruned.density(), LayerCount.of(pruned), List.of()), test, observed,
                        ClassJson.split(data, true))));
            } else {
                RoundReport report = round(method, round, random);
                costs = costs.plus(report.costs());
                lines.add(text(Metrics.round(report, test, Optional.empty(), observed)));
            }
            if (round == rounds) {
                lines.add(text(ClassJson.confusion(test.confusion())));
            }
        }
        if (end == End.DIVERGED) {
            lines.add(text(Metrics.diverged(new Divergence(rounds / 2, "the loss is 1e9, a hundred times the last good one"))));
        }
        Files.writeString(directory.resolve(RunDirectory.METRICS), String.join("\n", lines) + "\n");
        if (end == End.DONE) {
            run.json(RunDirectory.RESULT, RunResults.toJson(new Runner.Result(experiment.method(), pruned.density(), curve, costs, 1000,
                    3.0 * rounds)));
        }
        return directory;
    }

    private static String text(JsonObject line) {
        return JsonWriter.compact(line);
    }

    /** Every class a little more or less accurate than the mean. */
    private static TestResult test(double accuracy, SplittableRandom random) {
        int[] counts = new int[CLASSES * (CLASSES + 1)];
        int correct = 0;
        for (int label = 0; label < CLASSES; label++) {
            for (int image = 0; image < TEST_IMAGES / CLASSES; image++) {
                boolean right = random.nextDouble() < accuracy + 0.05 * (label - 4.5) / 4.5;
                int answer = right ? label : random.nextInt(CLASSES);
                counts[label * (CLASSES + 1) + answer]++;
                correct += answer == label ? 1 : 0;
            }
        }
        return new TestResult(2.3 * (1 - accuracy), correct, TEST_IMAGES, new Confusion(CLASSES, counts));
    }

    private Costs cost(SplittableRandom random, int scale) {
        return new Costs(new Traffic(Map.of(MessageKind.TRAIN, new Traffic.Count(devices, 4_000L * devices * scale), MessageKind.UPDATE,
                new Traffic.Count(devices, 3_000L * devices * scale))), 5_000_000_000L * scale,
                1_000_000_000L + (long) (2e8 * random.nextDouble()));
    }

    private RoundReport round(String method, int round, SplittableRandom random) {
        List<DeviceRound> answered = new ArrayList<>();
        List<DeviceFailure> failures = new ArrayList<>();
        for (int device = 0; device < devices; device++) {
            if (random.nextDouble() < 0.03) {
                failures.add(new DeviceFailure(device, DeviceFailure.Cause.OFFLINE, "simulated dropout in round " + round));
            } else {
                answered.add(new DeviceRound(device, 50 + 10 * (device % 7), 2.3 / (1 + 0.01 * round), 500_000_000L + 1000 * device, 4000,
                        3000, 0.1 + 0.01 * (device % 5)));
            }
        }
        List<LayerAdjustment> adjustments = List.of();
        if (round % 10 == 0 && round <= rounds / 3 && List.of("fedtiny", "prunefl", "feddst").contains(method)) {
            adjustments = LayerCount.of(pruned).stream().map(layer -> new LayerAdjustment(layer.name(), layer.active(), layer.active() / 3,
                    Math.max(1, layer.active() / 4), round == 10 ? 0 : layer.active() / 4, layer.active() / 5)).toList();
        }
        List<Integer> reporters = answered.stream().map(DeviceRound::device).toList();
        return new RoundReport(round - 1, 0.1, new Participation(IntStream.range(0, devices).boxed().toList(), reporters, failures,
                new RoundEffort(1, List.of(), 0), answered), 2.3 / (1 + 0.01 * round), cost(random, method.equals("fedavg") ? 20 : 1),
                500_000_000L, new RoundReport.Model(pruned.density(), LayerCount.of(pruned), adjustments), Optional.empty());
    }
}
