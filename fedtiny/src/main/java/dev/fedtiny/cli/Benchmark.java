package dev.fedtiny.cli;

import dev.fedtiny.command.Arguments;
import dev.fedtiny.command.Command;
import dev.fedtiny.command.ExitCode;
import dev.fedtiny.command.Terminal;
import java.util.List;

/** One thing that {@code fedtiny bench} measures. */
interface Benchmark {
    /** The word after {@code bench}. */
    String name();

    /** What is measured, for the overview. */
    String summary();

    /** The options it reads; benchmarks that share an option describe it alike. */
    List<Command.Option> options();

    /**
     * Measures and prints.
     *
     * @return how the program ends
     */
    ExitCode run(Arguments arguments, Terminal terminal) throws Exception;
}
