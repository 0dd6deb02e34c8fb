package dev.fedtiny.benchmarks.cli;

import dev.fedtiny.benchmarks.ResultFiles;
import dev.fedtiny.benchmarks.charts.Charts;
import dev.fedtiny.benchmarks.charts.DemoCurves;
import dev.fedtiny.command.Arguments;
import dev.fedtiny.command.Command;
import dev.fedtiny.command.ExitCode;
import dev.fedtiny.command.Terminal;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Draws the charts of the documentation. */
final class ChartsCommand implements Command {
    @Override
    public String name() {
        return "charts";
    }

    @Override
    public String summary() {
        return "draw the charts of the documentation from result files";
    }

    @Override
    public String usage() {
        return "[--demo DIR] [--out DIR]";
    }

    @Override
    public String details() {
        return "Values come from benchmarks/results (comparisons with libtorch) and results (tables with a comment that says how they were "
                + "made).";
    }

    @Override
    public List<Option> options() {
        return List.of(Option.value("demo", "DIR", "none", "first take the demo's curves from this run directory into results/demo.csv"),
                Option.value("out", "DIR", "docs/figures", "where they go"));
    }

    @Override
    public ExitCode run(Arguments arguments, Terminal terminal) throws IOException {
        Path root = ResultFiles.root();
        if (arguments.value("demo").isPresent()) {
            DemoCurves.write(Path.of(arguments.value("demo").get()), root.resolve("results", "demo.csv"));
        }
        Charts.draw(root, arguments.value("out").map(Path::of).orElse(root.resolve("docs", "figures"))).forEach(terminal.out()::println);
        return ExitCode.OK;
    }
}
