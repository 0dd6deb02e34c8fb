package dev.fedtiny.cli;

import dev.fedtiny.command.Arguments;
import dev.fedtiny.command.Command;
import dev.fedtiny.command.ExitCode;
import dev.fedtiny.command.Terminal;
import dev.fedtiny.command.UsageException;
import dev.fedtiny.report.HtmlReport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Writes a page about runs. */
final class ReportCommand implements Command {
    @Override
    public String name() {
        return "report";
    }

    @Override
    public String summary() {
        return "one self-contained HTML page about one or more runs";
    }

    @Override
    public String usage() {
        return "DIR... [--profile FILE]... [--out FILE] [--json]";
    }

    @Override
    public int mostOperands() {
        return Integer.MAX_VALUE;
    }

    @Override
    public List<Option> options() {
        return List.of(Option.value("out", "FILE", "report.html in the first DIR", "where the page goes"),
                Option.repeated("profile", "FILE", "what 'profile --json' printed, to be shown beside the runs"), Option.json());
    }

    @Override
    public String details() {
        return "Each DIR is a run directory; a baseline inside it is taken along. Runs that differ in their seed only become one "
                + "line of the comparison. What a step's time, memory and multiply-adds were is shown of runs that were metered (run "
                + "--meter) and of profiles. The page needs no network and no scripts.";
    }

    @Override
    public String fields() {
        return """
                file: the page that was written
                runs: how many it is about""";
    }

    @Override
    public ExitCode run(Arguments arguments, Terminal terminal) throws IOException {
        if (arguments.positional().isEmpty()) {
            throw new UsageException("expected at least one run directory");
        }
        List<Path> directories = arguments.positional().stream().map(Path::of).toList();
        Path file = arguments.value("out").map(Path::of).orElse(directories.getFirst().resolve("report.html"));
        int runs = HtmlReport.write(directories, arguments.all("profile").stream().map(Path::of).toList(), file);
        terminal.out().println("wrote " + file + " about " + runs + (runs == 1 ? " run" : " runs"));
        terminal.document(document -> document.put("file", file.toString()).put("runs", runs));
        return ExitCode.OK;
    }
}
