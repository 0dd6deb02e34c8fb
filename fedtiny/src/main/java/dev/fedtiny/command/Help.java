package dev.fedtiny.command;

import dev.fedtiny.experiment.Program;
import java.util.List;
import java.util.Locale;

/** Help texts, made from what the commands say of themselves, in lines that fit. */
public final class Help {
    /** Wider lines are hard to read. */
    static final int MOST_WIDTH = 100;
    private static final int LEAST_FOR_COLUMNS = 40;
    private static final String OPTION_INDENT = "      ";
    /** Begins a line of details that explains a term: what follows is indented further. */
    private static final String TERM = "  ";
    private static final String FIELDS_OF_ALL = """
            error: where it failed, the sentence that is on the error stream, too
            exitCode: as the process ends; a process that is stopped by a signal prints no document""";

    private final int width;

    /** Texts for lines of so many columns, or of {@link #MOST_WIDTH}. */
    Help(int columns) {
        width = Math.min(columns, MOST_WIDTH);
    }

    String overview(String purpose, List<Command> commands) {
        StringBuilder text = new StringBuilder(wrap(purpose));
        text.append('\n').append(wrap("Usage: " + Program.name() + " COMMAND ...")).append('\n');
        int names = commands.stream().mapToInt(command -> command.name().length()).max().orElse(1);
        for (Command command : commands) {
            String head = String.format(Locale.ROOT, "  %-" + names + "s  ", command.name());
            text.append(width < LEAST_FOR_COLUMNS ? "  " + command.name() + "\n" + wrap(command.summary(), OPTION_INDENT)
                    : wrap(head, command.summary(), " ".repeat(head.length())));
        }
        return text.append('\n').append(wrap("Exit codes: " + ExitCode.line() + "; more in: " + Program.command("help", "exit-codes")))
                .toString();
    }

    String of(Command command) {
        String called = "Usage: " + Program.command(command.name()) + " ";
        StringBuilder text = new StringBuilder(wrap(called, command.usage(), OPTION_INDENT)).append('\n');
        text.append(wrap(Character.toUpperCase(command.summary().charAt(0)) + command.summary().substring(1) + "."));
        if (!command.details().isEmpty()) {
            text.append('\n');
            command.details().lines().forEach(line -> text.append(line.startsWith(TERM) ? wrap(TERM, line, OPTION_INDENT) : wrap(line)));
        }
        if (!command.fields().isEmpty()) {
            text.append('\n').append(wrap("The document of --json:"));
            (command.fields() + "\n" + FIELDS_OF_ALL).lines().forEach(line -> text.append(wrap("  ", line, OPTION_INDENT)));
        }
        if (!command.options().isEmpty()) {
            text.append("\nOptions:\n");
            for (Command.Option option : command.options()) {
                String head = "--" + option.name() + (option.value() == null ? "" : " " + option.value());
                text.append("  ").append(head).append('\n');
                text.append(wrap(option.help() + " (default: " + option.fallback() + ")", OPTION_INDENT));
            }
        }
        return text.toString();
    }

    /** A paragraph; further lines begin where its first one does. */
    String wrap(String paragraph) {
        String words = paragraph.stripLeading();
        return wrap(words, " ".repeat(paragraph.length() - words.length()));
    }

    /** A paragraph, all lines of which are indented. */
    String wrap(String paragraph, String indent) {
        return wrap(indent, paragraph, indent);
    }

    /** A paragraph after a head on its first line; words that are longer than a line stay whole. */
    String wrap(String head, String paragraph, String indent) {
        StringBuilder text = new StringBuilder();
        StringBuilder line = new StringBuilder(head);
        boolean begun = false;
        for (String word : paragraph.strip().split(" +")) {
            if (line.length() + (begun ? 1 : 0) + word.length() > width && (begun || line.length() > indent.length())) {
                text.append(line.toString().stripTrailing()).append('\n');
                line = new StringBuilder(indent);
                begun = false;
            }
            line.append(begun ? " " : "").append(word);
            begun = true;
        }
        return text.append(line.toString().stripTrailing()).append('\n').toString();
    }
}
