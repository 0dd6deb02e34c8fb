package dev.fedtiny.command;

import dev.fedtiny.experiment.Nearest;
import dev.fedtiny.experiment.Program;
import java.util.ArrayList;
import java.util.List;

/** Explains the other commands, and itself. */
public final class HelpCommand implements Command {
    private static final String EXIT_CODES = "exit-codes";

    private final String purpose;
    private final List<Command> others;

    /**
     * Help about some commands.
     *
     * @param purpose of the program, one sentence
     */
    HelpCommand(String purpose, List<Command> others) {
        this.purpose = purpose;
        this.others = others;
    }

    @Override
    public String name() {
        return "help";
    }

    @Override
    public String summary() {
        return "an overview, or all about one command";
    }

    @Override
    public String usage() {
        return "[COMMAND|" + EXIT_CODES + "]";
    }

    @Override
    public int mostOperands() {
        return 1;
    }

    @Override
    public String details() {
        return "Lines are as wide as the terminal, at most " + Help.MOST_WIDTH + " columns; COLUMNS=N in the environment says otherwise.";
    }

    @Override
    public List<Option> options() {
        return List.of();
    }

    @Override
    public ExitCode run(Arguments arguments, Terminal terminal) {
        Help help = new Help(terminal.width());
        List<Command> all = new ArrayList<>(others);
        all.add(this);
        if (arguments.positional().isEmpty()) {
            terminal.out().print(help.overview(purpose, all));
        } else if (arguments.positional().getFirst().equals(EXIT_CODES)) {
            terminal.out().print(ExitCode.page(help));
        } else {
            terminal.out().print(help.of(find(arguments.positional().getFirst(), all)));
        }
        return ExitCode.OK;
    }

    /**
     * The command of a name.
     *
     * @throws UsageException if there is none; names the nearest one
     */
    static Command find(String name, List<Command> commands) {
        List<String> names = commands.stream().map(Command::name).toList();
        return commands.stream().filter(c -> c.name().equals(name)).findFirst()
                .orElseThrow(() -> new UsageException("no command '" + name + "'; "
                        + Nearest.to(name, names).map(n -> "did you mean '" + n + "'? All").orElse("all") + " are shown by: "
                        + Program.command("help")));
    }
}
