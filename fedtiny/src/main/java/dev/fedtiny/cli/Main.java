package dev.fedtiny.cli;

import dev.fedtiny.command.Command;
import dev.fedtiny.command.CommandLine;
import dev.fedtiny.command.UsageException;
import dev.fedtiny.command.VersionCommand;
import java.util.List;
import java.util.Map;

/** The program {@code fedtiny}. */
public final class Main {
    /** The program and its commands. */
    static final CommandLine PROGRAM = new CommandLine("fedtiny", "Trains truly sparse networks, alone or in a federation.",
            Main::commands, Main::withoutTheLaboratory);

    /** Commands of {@code bin/benchmarks} that were this program's, by the word that called them here. */
    private static final Map<String, String> LABORATORY = Map.of("bench", "", "profile", "profile", "floor", "min-heap", "compare",
            "compare",
            "check", "check");
    private static final List<String> TIMINGS = List.of("step", "infer", "kernels", "adjust");

    private Main() {
    }

    /**
     * Runs a command and ends the process with its exit code.
     *
     * @param words the command, its options and operands
     */
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
                new ImportCommand(),
                new ExportCommand(),
                new DataCommand(),
                new PartitionCommand(),
                new DeviceCommand(),
                new ServeCommand(),
                new EnrolCommand(),
                new JoinCommand(),
                new NodeCommand(),
                new InfoCommand(),
                new VersionCommand("fedtiny"));
    }

    private static List<String> withoutTheLaboratory(List<String> words) {
        String command = words.isEmpty() ? null : LABORATORY.get(words.getFirst());
        if (command == null) {
            return words;
        }
        String now = !command.isEmpty() ? command : words.size() > 1 && TIMINGS.contains(words.get(1)) ? words.get(1)
                : String.join("|", TIMINGS);
        throw new UsageException("'" + words.getFirst() + "' measures this machine and is no command of fedtiny: use bin/benchmarks "
                + now);
    }
}
