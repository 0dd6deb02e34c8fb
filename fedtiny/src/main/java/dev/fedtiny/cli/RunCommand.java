package dev.fedtiny.cli;

import dev.fedtiny.command.Arguments;
import dev.fedtiny.command.Command;
import dev.fedtiny.command.ExitCode;
import dev.fedtiny.command.ExperimentArguments;
import dev.fedtiny.command.Ineffective;
import dev.fedtiny.command.Terminal;
import dev.fedtiny.command.UsageException;
import dev.fedtiny.data.TrainTest;
import dev.fedtiny.engine.internal.json.JsonReader;
import dev.fedtiny.experiment.AccuracyWindow;
import dev.fedtiny.experiment.Experiment;
import dev.fedtiny.experiment.Program;
import dev.fedtiny.experiment.RunDirectory;
import dev.fedtiny.experiment.RunExtension;
import dev.fedtiny.experiment.RunResults;
import dev.fedtiny.experiment.Runner;
import dev.fedtiny.experiment.Setting;
import dev.fedtiny.experiment.SettingIndex;
import dev.fedtiny.method.TestResult;
import dev.fedtiny.report.EqualCost;
import dev.fedtiny.report.TextTable;
import dev.fedtiny.report.Units;
import dev.fedtiny.settings.Numbers;
import dev.fedtiny.settings.SettingSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Runs an experiment, and dense FedAvg beside it. */
final class RunCommand implements Command {
    @Override
    public String name() {
        return "run";
    }

    @Override
    public String summary() {
        return "prune and train in a simulated federation; without arguments, the embedded demo";
    }

    @Override
    public String usage() {
        return "[FILE] [--set key=value]... [--devices process] [--out DIR] [--meter] [--jfr FILE] [--json], or --resume DIR";
    }

    @Override
    public int mostOperands() {
        return 1;
    }

    @Override
    public List<Option> options() {
        return List.of(ExperimentArguments.SET,
                Option.value("devices", "WHERE", "threads",
                        "process: devices work in Java processes with a heap limit; short for --set devices-on"),
                Option.value("out", "DIR", "runs/METHOD-TIME", "directory to create for metrics, manifest and model"),
                Option.value("resume", "DIR", "none", "go on with the run that DIR holds, with the bits of a run never interrupted; with "
                        + "--set rounds=N, also of a run that is done, up to N rounds"),
                Option.flag("meter", "measure devices' work operator by operator into metrics.jsonl; short for --set meter=on"),
                Option.value("jfr", "FILE", "none", "write a flight recording for JDK Mission Control; measures as --meter does"),
                Option.flag("print-config", "print all settings in the form of a file, and do nothing"),
                Option.flag("no-baseline", "leave out dense FedAvg with the same number of rounds; short for --set baseline=false"),
                Option.flag("quiet", "no progress lines"), Option.json());
    }

    @Override
    public List<Ineffective> ineffective() {
        List<Ineffective> rules = new ArrayList<>();
        for (String option : List.of("out", "jfr", "quiet", "json")) {
            rules.add(Ineffective.with(option, "print-config", "which runs nothing and prints a settings file"));
        }
        rules.add(Ineffective.contradicted("devices", Setting.DEVICES_ON, null));
        rules.add(Ineffective.contradicted("meter", Setting.METER, "on"));
        rules.add(Ineffective.contradicted("jfr", Setting.METER, "on"));
        rules.add(Ineffective.contradicted("no-baseline", Setting.BASELINE, "false"));
        return rules;
    }

    @Override
    public String fields() {
        return """
                directory: the run's
                result: what result.json in the directory holds: method, density, accuracy (0 to 1, mean of the last rounds), \
                accuracyRounds (of how many), accuracyAfterLastRound, loss (after the last round), diverged, \
                divergence (round and reason, where it diverged), stopped (round, cause TARGET or PATIENCE, and reason, where it ended \
                so), best (round, accuracy, loss, correct, count and judgedBy, with keep-best), recalibrated (accuracy, loss, correct \
                and count with measured running statistics, where recalibrate-last was set), costs (flops, bytesDown, bytesUp, \
                messages, seconds), maxDeviceFlops, wallSeconds, roundSeconds (median), compilationSeconds (of this process's \
                compiler), privacy (epsilon, delta and releases, with dp-noise), \
                curve (loss, correct and count at the start and after every round; count 0 where it was not evaluated)
                baseline: the same of dense FedAvg, where it ran beside it""";
    }

    @Override
    public String details() {
        StringBuilder text = new StringBuilder("FILE holds lines 'key = value'. Settings (default; demo's default where it differs):");
        for (SettingSpec<?> setting : SettingIndex.all()) {
            String demo = setting.fallback(true);
            text.append("\n  ").append(setting.key()).append(" (").append(setting.fallback(false))
                    .append(demo.equals(setting.fallback(false)) ? "" : "; demo " + demo)
                    .append(setting.unit().isEmpty() ? "" : ", " + setting.unit()).append("): ").append(setting.help());
        }
        return text.toString();
    }

    @Override
    public ExitCode run(Arguments arguments, Terminal terminal) throws IOException {
        Experiment experiment = arguments.value("resume").isPresent() ? begun(arguments) : given(arguments);
        if (arguments.has("print-config")) {
            terminal.out().print(experiment.print());
            return ExitCode.OK;
        }
        if (arguments.has("jfr")) {
            try (FlightRecording _ = FlightRecording.start(Path.of(arguments.value("jfr").get()))) {
                return run(experiment, arguments, terminal);
            }
        }
        return run(experiment, arguments, terminal);
    }

    private static ExitCode run(Experiment experiment, Arguments arguments, Terminal terminal) throws IOException {
        TrainTest images = experiment.open();
        Optional<Experiment> baseline = experiment.baseline();
        Runner.check(experiment, images);
        baseline.ifPresent(dense -> Runner.check(dense, images));
        RunDirectory directory = arguments.value("resume").isPresent() ? RunDirectory.begun(Path.of(arguments.value("resume").get()))
                : RunDirectory.create(Path.of(arguments.value("out").orElseGet(() -> name(experiment))));
        terminal.err().println("fedtiny: " + images.train() + ", " + Numbers.counted(experiment.get(Setting.DEVICES), "device") + ", "
                + network(experiment, images) + ", results in " + directory.path());
        Progress progress = new Progress(experiment, terminal, arguments.has("quiet"),
                Program.command("run", "--resume", directory.path().toString()));
        images.notes().forEach(progress::warning);
        if (arguments.value("resume").isPresent()) {
            extended(experiment, baseline, directory, images).forEach(progress::note);
        }
        List<Runner.Result> results = new ArrayList<>();
        terminal.document(document -> document.put("directory", directory.path().toString()));
        baseline.ifPresent(dense -> progress.followedBy("dense " + dense.method().name()));
        results.add(Runner.run(experiment, images, directory, progress));
        progress.followedBy("");
        progress.summary();
        terminal.document(document -> document.put("result", JsonReader.parse(RunResults.text(results.getFirst()))));
        if (baseline.isPresent()) {
            results.add(Runner.run(baseline.get(), images, directory.baseline(), progress));
            progress.summary();
            terminal.document(document -> document.put("baseline", JsonReader.parse(RunResults.text(results.getLast()))));
        }
        terminal.out().print(table(results));
        if (results.size() == 2) {
            terminal.out().println();
            terminal.out().print(EqualCost.table(results.getFirst(), directory.path(), results.getLast(), directory.baseline().path()));
            terminal.out().println();
        }
        for (Runner.Result result : results) {
            terminal.out().println(curve(result));
        }
        results.forEach(result -> result.stopped().ifPresent(stop -> terminal.out().println(result.method().name() + " " + stop)));
        results.forEach(result -> result.scores().best().ifPresent(best -> terminal.out().println(result.method().name() + " was best "
                + (best.round() == 0 ? "at the start" : "after round " + best.round()) + ", " + Units.percent(best.test().accuracy())
                + " on the " + best.judgedBy() + " it was chosen by: model.best.safetensors")));
        List<Runner.Result> diverged = results.stream().filter(result -> result.diverged().isPresent()).toList();
        diverged.forEach(result -> terminal.err().println("fedtiny: the run of " + result.method().name() + " "
                + result.diverged().orElseThrow()
                + "; its model and figures are those of the last good round, and there is nothing to go on "
                + "with: start another run with a smaller learning-rate"));
        return diverged.isEmpty() ? ExitCode.OK : ExitCode.FAILED;
    }

    /** Which network is trained; how large it is says the network itself, whichever settings made it. */
    private static String network(Experiment experiment, TrainTest images) {
        return experiment.get(Setting.INIT).map(file -> "the network of " + file).orElseGet(() -> experiment.text(Setting.MODEL)) + " with "
                + String.format(Locale.ROOT, "%,d", experiment.network(images.train()).trainableCount()) + " parameters";
    }

    /** Gives the run another end where --set says so, and the dense run beside it. */
    private static List<String> extended(Experiment experiment, Optional<Experiment> baseline, RunDirectory directory, TrainTest images)
            throws IOException {
        List<RunExtension> extensions = new ArrayList<>(List.of(new RunExtension(directory, experiment)));
        if (baseline.isPresent()) {
            extensions.add(new RunExtension(directory.baseline(), baseline.get()));
        }
        return RunExtension.apply(extensions, images.train());
    }

    private static String name(Experiment experiment) {
        return "runs/" + experiment.text(Setting.METHOD) + "-"
                + DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss", Locale.ROOT).format(LocalDateTime.now());
    }

    private static Map<SettingSpec<?>, String> settings(Arguments arguments) throws IOException {
        Map<SettingSpec<?>, String> settings = ExperimentArguments.given(arguments);
        arguments.value("devices").ifPresent(where -> settings.put(Setting.DEVICES_ON, where));
        if (arguments.has("meter") || arguments.has("jfr")) {
            settings.put(Setting.METER, "on");
        }
        if (arguments.has("no-baseline")) {
            settings.put(Setting.BASELINE, "false");
        }
        return settings;
    }

    private static Experiment given(Arguments arguments) throws IOException {
        return Experiment.of(settings(arguments));
    }

    private static Experiment begun(Arguments arguments) throws IOException {
        if (!arguments.positional().isEmpty() || arguments.has("out")) {
            throw new UsageException("--resume takes its settings from the directory: leave out the experiment file and --out");
        }
        return RunDirectory.begun(Path.of(arguments.value("resume").orElseThrow())).experiment().withFree(settings(arguments));
    }

    /** The results side by side. */
    static String table(List<Runner.Result> results) {
        boolean recalibrated = results.stream().anyMatch(result -> result.recalibrated().isPresent());
        List<String> head = new ArrayList<>(List.of("method", "accuracy", "loss", "density", "FLOPs", "max device-round", "sent down",
                "sent up", "s a round", "seconds"));
        if (recalibrated) {
            head.add(2, "recalibrated");
        }
        TextTable table = new TextTable(head.toArray(String[]::new));
        for (Runner.Result result : results) {
            List<String> row = new ArrayList<>(List.of(result.method().name() + (result.diverged().isPresent() ? " (diverged)" : ""),
                    Units.percent(result.accuracy()), Units.fixed(result.last().loss(), 4),
                    Units.density(result.density()), Units.scientific(result.costs().flops()),
                    Units.scientific(result.maxDeviceFlops()), Units.megabytes(result.costs().traffic().bytesDown()),
                    Units.megabytes(result.costs().traffic().bytesUp()), Double.isNaN(result.times().roundSeconds()) ? "–"
                            : Units.fixed(result.times().roundSeconds(), 2), Units.fixed(result.wallSeconds(), 1)));
            if (recalibrated) {
                row.add(2, result.recalibrated().map(test -> Units.percent(test.accuracy())).orElse("–"));
            }
            table.row(row.toArray(String[]::new));
        }
        String accuracy = AccuracyWindow.words(results.stream().map(result -> result.scores().rounds()).toList());
        return table + "accuracy: " + accuracy + "; s a round: median; seconds: the whole run's, warm-up of the virtual machine and "
                + "evaluation included" + System.lineSeparator();
    }

    /** Accuracy round by round. */
    static String curve(Runner.Result result) {
        StringBuilder text = new StringBuilder(result.method().name()).append(" accuracy by round, %:");
        for (TestResult test : result.curve()) {
            text.append(' ').append(test.evaluated() ? Units.fixed(100 * test.accuracy(), 1) : "–");
        }
        return text.toString();
    }
}
