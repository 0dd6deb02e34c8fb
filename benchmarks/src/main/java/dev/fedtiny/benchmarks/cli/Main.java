package dev.fedtiny.benchmarks.cli;

import dev.fedtiny.benchmarks.jmh.JmhCommand;
import dev.fedtiny.command.Command;
import dev.fedtiny.command.CommandLine;
import dev.fedtiny.command.VersionCommand;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** The program {@code benchmarks}. */
public final class Main {
    /** The program and its commands. */
    static final CommandLine PROGRAM = new CommandLine("benchmarks", "Measures the engine and checks it: kernels, steps, memory, methods. "
            + "Without a command it is jmh: options and a filter of benchmarks alone are enough.", Main::commands,
            Main::jmhWhereNoneIsNamed);
    private static final Set<String> ASKING = Set.of("--help", "-h", "-?", "--version", "-V", "help");

    private Main() {
    }

    /** Runs a command and ends the process with its exit code. */
    public static void main(String[] words) {
        if (System.getProperty("dev.fedtiny.program") == null) {
            System.setProperty("dev.fedtiny.program", "bin/benchmarks");
        }
        PROGRAM.main(words);
    }

    /** All commands. */
    static List<Command> commands() {
        return List.of(
                new StepCommand(),
                new InferCommand(),
                new StartCommand(),
                new KernelsCommand(),
                new AdjustCommand(),
                new ProfileCommand(),
                new MinHeapCommand(),
                new NetworkCommand(),
                new TurnsCommand(),
                new CompareCommand(),
                new ManyDevicesCommand(),
                new SecureSumCommand(),
                new BallotsCommand(),
                new CheckCommand(),
                new JmhCommand(),
                new ProbeCommand(),
                new ChartsCommand(),
                new ElsewhereCommand("peers", "steps beside libtorch's, inference beside ONNX Runtime's; bin/benchmarks peers --help"),
                new ElsewhereCommand("trajectories", "training of the reference files, made anew by libtorch"),
                new VersionCommand("benchmarks"));
    }

    private static List<String> jmhWhereNoneIsNamed(List<String> words) {
        boolean named = !words.isEmpty() && (ASKING.contains(words.getFirst())
                || commands().stream().anyMatch(command -> command.name().equals(words.getFirst()))
                || !words.getFirst().startsWith("-") && !JmhCommand.hasBenchmark(words.getFirst()));
        return named ? words : Stream.concat(Stream.of("jmh"), words.stream()).toList();
    }
}
