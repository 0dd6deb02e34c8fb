package dev.fedtiny.cli;

import java.util.List;
import java.util.Locale;

/** Help texts, made from what the commands say of themselves. */
final class Help {
    private static final int WIDTH = 100;

    private Help() {
    }

    static String overview(List<Command> commands) {
        StringBuilder text = new StringBuilder("Trains truly sparse networks, alone or in a federation.\n\nUsage: fedtiny COMMAND ...\n\n");
        for (Command command : commands) {
            text.append(String.format(Locale.ROOT, "  %-10s %s%n", command.name(), command.summary()));
        }
        text.append(String.format(Locale.ROOT, "  %-10s %s%n  %-10s %s%n", "help", "this text, or help COMMAND", "version",
                "print the version"));
        return text.append('\n').append(wrap("Exit codes: " + ExitCode.line() + "; more in fedtiny help exit-codes.", "")).toString();
    }

    static String of(Command command) {
        StringBuilder text = new StringBuilder("Usage: fedtiny " + command.name() + " " + command.usage() + "\n\n");
        text.append(wrap(Character.toUpperCase(command.summary().charAt(0)) + command.summary().substring(1) + ".", ""));
        if (!command.details().isEmpty()) {
            text.append('\n');
            command.details().lines().forEach(line -> text.append(wrap(line, "")));
        }
        if (!command.options().isEmpty()) {
            text.append("\nOptions:\n");
            for (Command.Option option : command.options()) {
                String head = "--" + option.name() + (option.value() == null ? "" : " " + option.value());
                text.append("  ").append(head).append('\n');
                text.append(wrap(option.help() + " (default: " + option.fallback() + ")", "      "));
            }
        }
        return text.toString();
    }

    static String wrap(String paragraph, String indent) {
        StringBuilder text = new StringBuilder();
        StringBuilder line = new StringBuilder(indent);
        for (String word : paragraph.split(" ")) {
            if (line.length() + word.length() + 1 > WIDTH && line.length() > indent.length()) {
                text.append(line).append('\n');
                line = new StringBuilder(indent);
            }
            line.append(line.length() > indent.length() ? " " : "").append(word);
        }
        return text.append(line).append('\n').toString();
    }
}
