package dev.fedtiny.cli;

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
     * @return the exit code
     */
    int run(Arguments arguments, Terminal terminal) throws Exception;
}
