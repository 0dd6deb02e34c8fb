package dev.fedtiny.command;

import dev.fedtiny.experiment.AlgorithmSetting;
import dev.fedtiny.settings.Numbers;
import java.util.List;
import java.util.Optional;

/** One command of the program. */
public interface Command {
    /** The widest networks that options take. */
    int MOST_WIDTH = 1024;
    /** As many as a team of workers may have. */
    int MOST_THREADS = 1024;
    /** The longest times that options take, in seconds: a week. */
    int MOST_SECONDS = 7 * 24 * 3600;

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

    /** Options that change nothing beside others; they are refused before anything is done. */
    default List<Ineffective> ineffective() {
        return List.of();
    }

    /**
     * What the document of {@code --json} holds, a line a field; empty where there is none. A command that has one describes it by
     * {@link Terminal#document}; the option, printing and the fields of failures are the program's part.
     */
    default String fields() {
        return "";
    }

    /**
     * Does it.
     *
     * @return how the program ends
     */
    ExitCode run(Arguments arguments, Terminal terminal) throws Exception;

    /**
     * An option {@code --name}.
     *
     * @param name without dashes
     * @param value what stands for its value in help; null for a switch
     * @param fallback the default, in words with its unit
     * @param help what it does
     * @param repeatable whether it may be given more than once
     * @param range numbers that its value may be; empty where it is none
     */
    record Option(String name, String value, String fallback, String help, boolean repeatable, Optional<Numbers.Range> range) {
        public static Option value(String name, String value, String fallback, String help) {
            return new Option(name, value, fallback, help, false, Optional.empty());
        }

        /** A whole number. */
        public static Option whole(String name, String value, String fallback, String help, long least, long most) {
            return new Option(name, value, fallback, help, false, Optional.of(new Numbers.Whole(least, most, "")));
        }

        /** A number above 0. */
        public static Option above(String name, String value, String fallback, String help, double most) {
            return new Option(name, value, fallback, help, false, Optional.of(new Numbers.Decimal(0, false, most, "")));
        }

        /** A number of at least 0. */
        public static Option fromZero(String name, String value, String fallback, String help, double most) {
            return new Option(name, value, fallback, help, false, Optional.of(new Numbers.Decimal(0, true, most, "")));
        }

        /** Channels of the first stage. */
        public static Option width(String fallback) {
            return whole("width", "N", fallback, "channels of the first stage", 1, MOST_WIDTH);
        }

        /** Images at a time; whether they fit the heap is another question. */
        public static Option batch(String fallback, String help) {
            return whole("batch", "N", fallback, help, 1, Numbers.MOST_WHOLE);
        }

        /** Worker threads. */
        public static Option threads(String fallback) {
            return whole("threads", "N", fallback, "worker threads", 1, MOST_THREADS);
        }

        /** The form in which layers are computed; {@link AlgorithmSetting#of} reads it. */
        public static Option formats(String fallback) {
            return value("formats", "FORM", fallback, "in which form layers are computed: " + AlgorithmSetting.FORM);
        }

        public static Option flag(String name, String help) {
            return new Option(name, null, "off", help, false, Optional.empty());
        }

        /** One document in place of the text. */
        public static Option json() {
            return flag("json", "one JSON document on standard output in place of the text");
        }

        public static Option repeated(String name, String value, String help) {
            return new Option(name, value, "none", help, true, Optional.empty());
        }
    }
}
