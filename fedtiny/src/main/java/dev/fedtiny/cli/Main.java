package dev.fedtiny.cli;

import dev.fedtiny.data.DataException;
import dev.fedtiny.engine.io.SafetensorsException;
import dev.fedtiny.experiment.Nearest;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/** The program. Exit codes: 0 done, 1 failed, 2 wrong usage or an impossible configuration, 3 data missing or damaged. */
public final class Main {
    static final int OK = 0;
    static final int FAILED = 1;
    static final int USAGE = 2;
    static final int DATA = 3;

    private static final List<Command> COMMANDS = List.of(
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
            new InfoCommand());

    private Main() {
    }

    /** Runs a command and ends the process with its exit code. */
    public static void main(String[] words) {
        boolean interactive = System.console() != null && System.console().isTerminal();
        int code = run(words, new Terminal(System.out, System.err, interactive));
        System.out.flush();
        System.exit(code);
    }

    static int run(String[] words, Terminal terminal) {
        try {
            return dispatch(Arrays.asList(words), terminal);
        } catch (UsageException | IllegalArgumentException e) {
            return fail(terminal, e, USAGE);
        } catch (DataException | SafetensorsException e) {
            return fail(terminal, e, DATA);
        } catch (IOException e) {
            return fail(terminal, e, DATA);
        } catch (Exception | OutOfMemoryError e) {
            if (Boolean.getBoolean("dev.fedtiny.stacktrace")) {
                e.printStackTrace(terminal.err());
            }
            return fail(terminal, e, FAILED);
        }
    }

    private static int fail(Terminal terminal, Throwable error, int code) {
        String message = error.getMessage() == null ? error.getClass().getSimpleName() : error.getMessage();
        String kind = error instanceof IOException && !(error instanceof SafetensorsException)
                ? error.getClass().getSimpleName() + ": " : "";
        terminal.err().println("fedtiny: " + kind + message);
        return code;
    }

    private static int dispatch(List<String> words, Terminal terminal) throws Exception {
        String first = words.isEmpty() ? "help" : words.getFirst();
        List<String> rest = words.isEmpty() ? List.of() : words.subList(1, words.size());
        if (first.equals("help") || first.equals("--help") || first.equals("-h")) {
            terminal.out().print(rest.isEmpty() ? Help.overview(COMMANDS) : Help.of(command(rest.getFirst())));
            return OK;
        }
        if (first.equals("version") || first.equals("--version")) {
            terminal.out().println("fedtiny " + Version.text());
            return OK;
        }
        Command command = command(first);
        if (rest.contains("--help") || rest.contains("-h")) {
            terminal.out().print(Help.of(command));
            return OK;
        }
        return command.run(Arguments.parse(command, rest), terminal);
    }

    private static Command command(String name) {
        return COMMANDS.stream().filter(c -> c.name().equals(name)).findFirst()
                .orElseThrow(() -> new UsageException("no command '" + name + "'"
                        + Nearest.to(name, COMMANDS.stream().map(Command::name).toList()).map(n -> "; did you mean '" + n + "'?").orElse("")
                        + " See fedtiny help"));
    }
}
