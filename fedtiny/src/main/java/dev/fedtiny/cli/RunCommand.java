package dev.fedtiny.cli;

import dev.fedtiny.data.TrainTest;
import dev.fedtiny.experiment.Experiment;
import dev.fedtiny.experiment.RunDirectory;
import dev.fedtiny.experiment.Runner;
import dev.fedtiny.experiment.Setting;
import dev.fedtiny.method.FedAvg;
import dev.fedtiny.method.TestResult;
import dev.fedtiny.report.TextTable;
import dev.fedtiny.report.Units;
import java.io.IOException;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

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
        return "[FILE] [--set key=value]... [--devices process] [--out DIR]";
    }

    @Override
    public List<Option> options() {
        return List.of(ExperimentArguments.SET,
                Option.value("devices", "WHERE", "threads", "process: every device is a Java process with a heap limit; short for --set devices-in"),
                Option.value("out", "DIR", "runs/METHOD-TIME", "directory to create for metrics, manifest and model"),
                Option.flag("print-config", "print all settings in the form of a file, and do nothing"),
                Option.flag("no-baseline", "leave out dense FedAvg with the same number of rounds"),
                Option.flag("quiet", "no progress lines"));
    }

    @Override
    public String details() {
        StringBuilder text = new StringBuilder("FILE holds lines 'key = value'. Settings (default; demo's default where it differs):");
        for (Setting setting : Setting.values()) {
            String demo = setting.fallback(true);
            text.append('\n').append(setting.key()).append(" (").append(setting.fallback(false))
                    .append(demo.equals(setting.fallback(false)) ? "" : "; demo " + demo)
                    .append(setting.unit().isEmpty() ? "" : ", " + setting.unit()).append("): ").append(setting.help());
        }
        return text.toString();
    }

    @Override
    public int run(Arguments arguments, Terminal terminal) throws IOException {
        Map<Setting, String> given = ExperimentArguments.given(arguments);
        arguments.value("devices").ifPresent(where -> given.put(Setting.DEVICES_IN, where));
        Experiment experiment = Experiment.of(given);
        if (arguments.has("print-config")) {
            terminal.out().print(experiment.print());
            return Main.OK;
        }
        TrainTest images = experiment.open();
        experiment.plan(images.train());
        experiment.data(images);
        String stamp = DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss").format(LocalDateTime.now());
        Path out = Path.of(arguments.value("out").orElse("runs/" + experiment.text(Setting.METHOD) + "-" + stamp));
        RunDirectory directory = RunDirectory.create(out);
        terminal.err().println("fedtiny: " + images.train() + ", " + experiment.devices() + " devices, " + experiment.text(Setting.MODEL)
                + " of width " + experiment.text(Setting.WIDTH) + ", results in " + out);
        List<Runner.Result> results = new ArrayList<>();
        results.add(Runner.run(experiment, images, directory, new Progress(terminal, arguments.has("quiet"))));
        if (!arguments.has("no-baseline") && !(experiment.method() instanceof FedAvg)) {
            Experiment baseline = experiment.with(Map.of(Setting.METHOD, "fedavg"));
            results.add(Runner.run(baseline, images, directory.nested("fedavg"), new Progress(terminal, arguments.has("quiet"))));
        }
        terminal.out().print(table(results));
        for (Runner.Result result : results) {
            terminal.out().println(curve(result));
        }
        return Main.OK;
    }

    private static String table(List<Runner.Result> results) {
        TextTable table = new TextTable("method", "accuracy", "loss", "density", "FLOPs", "dearest device-round", "sent down", "sent up", "seconds");
        for (Runner.Result result : results) {
            table.row(result.method().name(), Units.percent(result.last().accuracy()), Units.fixed(result.last().loss(), 4),
                    Units.fixed(result.model().density(), 4), Units.scientific(result.costs().flops()),
                    Units.scientific(result.dearestDeviceFlops()), Units.megabytes(result.costs().traffic().bytesDown()),
                    Units.megabytes(result.costs().traffic().bytesUp()), Units.fixed(result.wallSeconds(), 1));
        }
        return table.toString();
    }

    private static String curve(Runner.Result result) {
        StringBuilder text = new StringBuilder(result.method().name()).append(" accuracy by round, %:");
        for (TestResult test : result.curve()) {
            text.append(' ').append(Units.fixed(100 * test.accuracy(), 1));
        }
        return text.toString();
    }
}
