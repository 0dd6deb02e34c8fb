package dev.fedtiny.cli;

import java.util.List;

/** One command of the program. */
interface Command {
    /** The word that calls it. */
    String name();

    /** Its line in the overview. */
    String summary();

    /** What follows the name, for example {@code MODEL --data DIR}. */
    String usage();

    /** Its options. */
    List<Option> options();

    /** How many words that belong to no option it takes at most; more are refused. */
    default int mostOperands() {
        return 0;
    }

    /** Further paragraphs of its help; may be empty. */
    default String details() {
        return "";
    }

    /**
     * Does it.
     *
     * @return the exit code
     */
    int run(Arguments arguments, Terminal terminal) throws Exception;

    /**
     * An option {@code --name}.
     *
     * @param name without dashes
     * @param value what stands for its value in help; null for a switch
     * @param fallback the default, in words with its unit
     * @param help what it does
     * @param repeatable whether it may be given more than once
     */
    record Option(String name, String value, String fallback, String help, boolean repeatable) {
        static Option value(String name, String value, String fallback, String help) {
            return new Option(name, value, fallback, help, false);
        }

        static Option flag(String name, String help) {
            return new Option(name, null, "off", help, false);
        }

        static Option repeated(String name, String value, String help) {
            return new Option(name, value, "none", help, true);
        }
    }
}
