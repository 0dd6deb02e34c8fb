package dev.fedtiny.benchmarks.cli;

import dev.fedtiny.command.Arguments;
import dev.fedtiny.command.Command;
import dev.fedtiny.command.ExitCode;
import dev.fedtiny.command.Terminal;
import java.util.List;

/**
 * A command of the programs that are built with libtorch: the launcher runs them in its place, help lists it here.
 *
 * @param name the word that calls it
 * @param summary its line in the overview
 */
record ElsewhereCommand(String name, String summary) implements Command {
    @Override
    public String usage() {
        return "...";
    }

    @Override
    public List<Option> options() {
        return List.of();
    }

    @Override
    public ExitCode run(Arguments arguments, Terminal terminal) {
        throw new IllegalStateException(name + " is a program of its own, with libtorch; start it as bin/benchmarks " + name);
    }
}
