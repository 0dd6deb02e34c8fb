package dev.fedtiny.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The program. How it ends is {@link ExitCode}; what is said when a command fails, and by what code, decides {@link Failure}. */
public final class Main {
    static final int OK = ExitCode.OK.number();
    static final int FAILED = ExitCode.FAILED.number();
    static final int USAGE = ExitCode.USAGE.number();
    static final int DATA = ExitCode.DATA.number();

    /** Apart from the program, so that a command that cannot even be loaded is reported as any other failure is. */
    private static final class Commands {
        private static final List<Command> ALL = List.of(
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
        private static final Command HELP = new HelpCommand(ALL);
    }

    private Main() {
    }

    /** Runs a command and ends the process with its exit code. */
    public static void main(String[] words) {
        StandardError.takeOver();
        Terminal terminal = Terminal.here(StandardOutput.over(new FileOutputStream(FileDescriptor.out), System.out.charset()));
        // Of threads whose failures nobody waits for; those of workers come to the main thread.
        Thread.setDefaultUncaughtExceptionHandler((thread, error) -> Failure.report(error, terminal.err(), "fedtiny: " + thread.getName()
                + ": "));
        System.exit(run(words, terminal));
    }

    /** All commands. */
    static List<Command> commands() {
        return Commands.ALL;
    }

    static int run(String[] words, Terminal terminal) {
        try {
            int code = dispatch(Arrays.asList(words), terminal);
            if (terminal.out().checkError()) {
                terminal.err().println("fedtiny: cannot write standard output; its last lines are lost");
                return ExitCode.IO.number();
            }
            return code;
        } catch (Throwable e) {
            return Failure.report(e, terminal.err(), "fedtiny: ");
        }
    }

    private static int dispatch(List<String> words, Terminal terminal) throws Exception {
        if (words.isEmpty()) {
            return Commands.HELP.run(Arguments.parse(Commands.HELP, words), terminal);
        }
        Command command = command(words.getFirst());
        List<String> rest = words.subList(1, words.size());
        if (rest.contains("--help") || rest.contains("-h")) {
            terminal.out().print(new Help(terminal.width()).of(command));
            return OK;
        }
        return command.run(Arguments.parse(command, rest), terminal);
    }

    private static Command command(String word) {
        String name = switch (word) {
            case "--help", "-h", "-?" -> Commands.HELP.name();
            case "--version", "-V" -> "version";
            default -> word;
        };
        List<Command> all = new ArrayList<>(Commands.ALL);
        all.add(Commands.HELP);
        return HelpCommand.find(name, all);
    }
}
