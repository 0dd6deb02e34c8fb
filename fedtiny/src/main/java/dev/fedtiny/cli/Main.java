package dev.fedtiny.cli;

import dev.fedtiny.command.Command;
import dev.fedtiny.command.CommandLine;
import java.util.List;
import java.util.function.Function;

/** The program {@code fedtiny}. */
public final class Main {
    /** The program and its commands. */
    static final CommandLine PROGRAM = new CommandLine("fedtiny", "Trains truly sparse networks, alone or in a federation.",
            Main::commands, Function.identity());

    private Main() {
    }

    /** Runs a command and ends the process with its exit code. */
    public static void main(String[] words) {
        PROGRAM.main(words);
    }

    /** All commands. */
    static List<Command> commands() {
        return List.of(
                new RunCommand(),
                new SweepCommand(),
                new EstimateCommand(),
                new ReportCommand(),
                new EvaluateCommand(),
                new InspectCommand(),
                new DataCommand(),
                new PartitionCommand(),
                new ProfileCommand(),
                new BenchCommand(),
                new FloorCommand(),
                new CompareCommand(),
                new DeviceCommand(),
                new CheckCommand(),
                new InfoCommand(),
                new VersionCommand());
    }
}
