package dev.fedtiny.experiment;

import dev.fedtiny.federation.process.JavaCommand;
import java.util.Arrays;
import java.util.List;

/** The words that this process was started with, for the manifest. */
final class CommandLine {
    private CommandLine() {
    }

    /** Of this process: the program's name and its words; of a program of somebody else its main class and words, in one. */
    static List<String> current() {
        List<String> arguments = ProcessHandle.current().info().arguments().map(Arrays::asList).orElse(List.of());
        return of(arguments, System.getProperty("sun.java.command", ""));
    }

    /**
     * The words of a command.
     *
     * @param arguments of the virtual machine, its options included; empty where the system does not tell
     * @param command what the virtual machine says: the main class, or module and main class, and the words after it
     */
    static List<String> of(List<String> arguments, String command) {
        for (int i = 0; i < arguments.size(); i++) {
            if (isMain(arguments.get(i))) {
                return named(arguments.subList(i + 1, arguments.size()));
            }
        }
        String[] words = command.strip().split(" ");
        return isMain(words[0]) ? named(Arrays.asList(words).subList(1, words.length))
                : command.isBlank() ? List.of() : List.of(command.strip());
    }

    /** The main class, or module and main class. */
    private static boolean isMain(String word) {
        return word.equals(JavaCommand.MAIN_CLASS) || word.endsWith("/" + JavaCommand.MAIN_CLASS);
    }

    private static List<String> named(List<String> words) {
        String[] all = new String[words.size() + 1];
        all[0] = "fedtiny";
        for (int i = 0; i < words.size(); i++) {
            all[i + 1] = words.get(i);
        }
        return List.of(all);
    }
}
