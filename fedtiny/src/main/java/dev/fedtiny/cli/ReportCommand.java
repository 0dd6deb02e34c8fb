package dev.fedtiny.cli;

import dev.fedtiny.command.Arguments;
import dev.fedtiny.command.Command;
import dev.fedtiny.command.ExitCode;
import dev.fedtiny.command.Terminal;
import dev.fedtiny.command.UsageException;
import dev.fedtiny.experiment.AccuracyWindow;
import dev.fedtiny.report.RunReport;
import dev.fedtiny.settings.Numbers;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Writes what runs tell: a page, tables, events for TensorBoard. */
final class ReportCommand implements Command {
    @Override
    public String name() {
        return "report";
    }

    @Override
    public String summary() {
        return "one self-contained HTML page about one or more runs; CSV tables and TensorBoard events of them";
    }

    @Override
    public String usage() {
        return "DIR... [--profile FILE]... [--out FILE] [--csv DIR] [--tensorboard DIR] [--last N] [--against NAME] [--json]";
    }

    @Override
    public int mostOperands() {
        return Integer.MAX_VALUE;
    }

    @Override
    public List<Option> options() {
        return List.of(Option.value("out", "FILE", "report.html in the first DIR", "where the page goes"),
                Option.value("csv", "DIR", "none", "also tidy tables into this folder: runs.csv, rounds.csv, devices.csv, classes.csv, "
                        + "..."),
                Option.value("tensorboard", "DIR", "none", "also event files, a folder a run, for 'tensorboard --logdir DIR'"),
                Option.whole("last", "N", "accuracy-rounds of the first DIR", "rounds at the end over which accuracies are means", 1,
                        Numbers.MOST_WHOLE),
                Option.value("against", "NAME", "the first DIR's", "group of runs, or method, that the others are compared with"),
                Option.repeated("profile", "FILE", "what 'profile --json' printed, to be shown beside the runs"), Option.json());
    }

    @Override
    public String details() {
        return "Each DIR is a run directory, a baseline inside it is taken along, or a folder of runs as 'sweep' writes it, of which all "
                + "are shown. Runs that differ in their seed only become one line of the comparison, with the standard deviation over "
                + "seeds; differences to the first one, or that of --against, are paired by seed, with 95 % intervals. Runs that diverged "
                + "or are unfinished are marked and in no mean. What a step's time, memory and multiply-adds were is shown of runs that "
                + "were metered (run --meter) and of profiles. The page needs no network and no scripts. Columns of the tables: "
                + "docs/metrics.md.";
    }

    @Override
    public String fields() {
        return """
                file: the page that was written
                runs: how many it is about
                csv, tensorboard: folders that were written, where they were asked for""";
    }

    @Override
    public ExitCode run(Arguments arguments, Terminal terminal) throws IOException {
        if (arguments.positional().isEmpty()) {
            throw new UsageException("expected at least one run directory");
        }
        List<Path> directories = arguments.positional().stream().map(Path::of).toList();
        Path file = arguments.value("out").map(Path::of).orElse(directories.getFirst().resolve("report.html"));
        Optional<Path> csv = folder(arguments, "csv", file);
        Optional<Path> events = folder(arguments, "tensorboard", file);
        RunReport read = RunReport.read(directories, arguments.all("profile").stream().map(Path::of).toList());
        RunReport over = arguments.has("last") ? read.over(new AccuracyWindow(arguments.integer("last", 1))) : read;
        RunReport report = arguments.has("against") ? over.against(arguments.value("against").get()) : over;
        report.html(file);
        int runs = report.runs();
        terminal.out().println("wrote " + file + " about " + runs + (runs == 1 ? " run" : " runs"));
        terminal.document(document -> document.put("file", file.toString()).put("runs", runs));
        if (csv.isPresent()) {
            report.csv(csv.get());
            terminal.out().println("wrote tables into " + csv.get());
            terminal.document(document -> document.put("csv", csv.get().toString()));
        }
        if (events.isPresent()) {
            report.tensorBoard(events.get());
            terminal.out().println("wrote events; show them with: tensorboard --logdir " + events.get());
            terminal.document(document -> document.put("tensorboard", events.get().toString()));
        }
        return ExitCode.OK;
    }

    /** A folder that is there or can be made; one that cannot is refused before anything is written. */
    private static Optional<Path> folder(Arguments arguments, String option, Path file) throws IOException {
        Optional<Path> folder = arguments.value(option).map(Path::of);
        if (folder.isEmpty()) {
            return folder;
        }
        Path wanted = folder.get().toAbsolutePath().normalize();
        Path there = wanted;
        while (!Files.exists(there, LinkOption.NOFOLLOW_LINKS) && there.getParent() != null) {
            there = there.getParent();
        }
        boolean page = wanted.equals(file.toAbsolutePath().normalize());
        if (page || !Files.isDirectory(there)) {
            throw new UsageException("--" + option + " '" + folder.get() + "': "
                    + (page ? "the page goes there" : "'" + there + "' is a file") + ", expected a folder, or a name that is free");
        }
        if (!Files.isWritable(there)) {
            throw new AccessDeniedException(there.toString());
        }
        return folder;
    }
}
