package dev.fedtiny.command;

import dev.fedtiny.experiment.ProcessEndingException;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * A program made of commands. How it ends is {@link ExitCode}; what is said when a command fails, and by what code, decides
 * {@link Failure}.
 *
 * @param name of the program, which every message on the error stream begins with
 * @param purpose first sentence of the overview
 * @param commands all of them; asked for when the first is looked up, so that one that cannot even be loaded is reported as any failure is
 * @param alias what words that name no command stand for; may throw a {@link UsageException} that knows better
 */
public record CommandLine(String name, String purpose, Supplier<List<Command>> commands, Function<List<String>, List<String>> alias) {
    /**
     * Runs a command and ends the process with its exit code.
     *
     * @param words the command's name and what follows it
     */
    public void main(String[] words) {
        StandardError.takeOver();
        Terminal terminal = Terminal.here(StandardOutput.over(new FileOutputStream(FileDescriptor.out), System.out.charset()));
        // Of threads whose failures nobody waits for; those of workers come to the main thread.
        Thread.setDefaultUncaughtExceptionHandler((thread, error) -> Failure.report(error, terminal.err(), name + ": " + thread.getName()
                + ": "));
        System.exit(run(words, terminal));
    }

    /**
     * Runs a command.
     *
     * @param words the command's name and what follows it
     * @param terminal where it prints
     * @return the exit code, also of what went wrong
     */
    public int run(String[] words, Terminal terminal) {
        try {
            int code = documented(words, terminal);
            if (terminal.out().checkError()) {
                terminal.err().println(name + ": cannot write standard output; its last lines are lost");
                return ExitCode.IO.number();
            }
            return code;
        } catch (Throwable e) {
            return Failure.report(e, terminal.err(), name + ": ");
        }
    }

    /** Where there is a document, it is printed however the command ends, and says how that was. */
    private int documented(String[] words, Terminal terminal) {
        int code;
        try {
            code = dispatch(Arrays.asList(words), terminal).number();
        } catch (StandardOutput.Failed e) {
            throw e;
        } catch (ProcessEndingException e) {
            // Whoever ends the process has been told how far the run has come, and a document would be cut off.
            return ExitCode.INTERRUPTED.number();
        } catch (Throwable e) {
            code = Failure.report(e, terminal.err(), name + ": ");
            terminal.document(document -> document.put("error", Failure.of(e).sentence()));
        }
        int exitCode = code;
        terminal.document(document -> document.put("exitCode", exitCode));
        terminal.endDocument();
        return code;
    }

    private ExitCode dispatch(List<String> given, Terminal terminal) throws Exception {
        List<Command> all = new ArrayList<>(commands.get());
        Command help = new HelpCommand(purpose, List.copyOf(all));
        all.add(help);
        List<String> words = alias.apply(given);
        if (words.isEmpty()) {
            return help.run(Arguments.parse(help, words), terminal);
        }
        Command command = switch (words.getFirst()) {
            case "--help", "-h", "-?" -> help;
            case "--version", "-V" -> HelpCommand.find("version", all);
            default -> HelpCommand.find(words.getFirst(), all);
        };
        List<String> rest = words.subList(1, words.size());
        if (rest.contains("--help") || rest.contains("-h")) {
            terminal.out().print(new Help(terminal.width()).of(command));
            return ExitCode.OK;
        }
        Arguments arguments = Arguments.parse(command, rest);
        if (!command.fields().isEmpty() && arguments.has("json")) {
            terminal.beginDocument();
        }
        Ineffective.check(command.ineffective(), arguments);
        return command.run(arguments, terminal);
    }
}
