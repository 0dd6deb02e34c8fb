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

    /** {@return the word that calls it} */
    String name();

    /** {@return its line in the overview} */
    String summary();

    /** {@return what follows the name, for example {@code MODEL --data DIR}} */
    String usage();

    /** {@return its options} */
    List<Option> options();

    /** {@return how many words that belong to no option it takes at most; more are refused} */
    default int mostOperands() {
        return 0;
    }

    /**
     * Further paragraphs of its help.
     *
     * @return a line a paragraph, however long, since it is folded where the terminal ends; one that begins with two blanks explains a
     *     term. May be empty
     */
    default String details() {
        return "";
    }

    /** {@return options that change nothing beside others; they are refused before anything is done} */
    default List<Ineffective> ineffective() {
        return List.of();
    }

    /**
     * What the document of {@code --json} holds. A command that has one describes it by {@link Terminal#document}; the option, printing and
     * the fields of failures are the program's part.
     *
     * @return a line a field; empty where there is no document
     */
    default String fields() {
        return "";
    }

    /**
     * Does it.
     *
     * @param arguments options and operands, checked against {@link #options()}
     * @param terminal where it prints
     * @return how the program ends
     * @throws Exception whatever went wrong; {@link Failure} decides what is said and by what code the program ends
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
        /**
         * An option with a value that is no number, or one that the command checks itself.
         *
         * @param name without dashes
         * @param value what stands for its value in help
         * @param fallback the default, in words
         * @param help what it does
         * @return the option, which may be given once
         */
        public static Option value(String name, String value, String fallback, String help) {
            return new Option(name, value, fallback, help, false, Optional.empty());
        }

        /**
         * A whole number.
         *
         * @param name without dashes
         * @param value what stands for its value in help
         * @param fallback the default, in words
         * @param help what it does
         * @param least the smallest number
         * @param most the largest number
         * @return the option, which may be given once
         */
        public static Option whole(String name, String value, String fallback, String help, long least, long most) {
            return new Option(name, value, fallback, help, false, Optional.of(new Numbers.Whole(least, most, "")));
        }

        /**
         * A number above 0.
         *
         * @param name without dashes
         * @param value what stands for its value in help
         * @param fallback the default, in words
         * @param help what it does
         * @param most the largest number
         * @return the option, which may be given once
         */
        public static Option above(String name, String value, String fallback, String help, double most) {
            return new Option(name, value, fallback, help, false, Optional.of(new Numbers.Decimal(0, false, most, "")));
        }

        /**
         * A number of at least 0.
         *
         * @param name without dashes
         * @param value what stands for its value in help
         * @param fallback the default, in words
         * @param help what it does
         * @param most the largest number
         * @return the option, which may be given once
         */
        public static Option fromZero(String name, String value, String fallback, String help, double most) {
            return new Option(name, value, fallback, help, false, Optional.of(new Numbers.Decimal(0, true, most, "")));
        }

        /**
         * Channels of the first stage.
         *
         * @param fallback the default, in words
         * @return {@code --width}
         */
        public static Option width(String fallback) {
            return whole("width", "N", fallback, "channels of the first stage", 1, MOST_WIDTH);
        }

        /**
         * Images at a time; whether they fit the heap is another question.
         *
         * @param fallback the default, in words
         * @param help what is done with so many images
         * @return {@code --batch}
         */
        public static Option batch(String fallback, String help) {
            return whole("batch", "N", fallback, help, 1, Numbers.MOST_WHOLE);
        }

        /**
         * Worker threads.
         *
         * @param fallback the default, in words
         * @return {@code --threads}
         */
        public static Option threads(String fallback) {
            return whole("threads", "N", fallback, "worker threads", 1, MOST_THREADS);
        }

        /**
         * The form in which layers are computed; {@link AlgorithmSetting#of} reads it.
         *
         * @param fallback the default, in words
         * @return {@code --formats}
         */
        public static Option formats(String fallback) {
            return value("formats", "FORM", fallback, "in which form layers are computed: " + AlgorithmSetting.FORM);
        }

        /**
         * A switch.
         *
         * @param name without dashes
         * @param help what it does
         * @return the option, which takes no value
         */
        public static Option flag(String name, String help) {
            return new Option(name, null, "off", help, false, Optional.empty());
        }

        /**
         * One document in place of the text.
         *
         * @return {@code --json}
         */
        public static Option json() {
            return flag("json", "one JSON document on standard output in place of the text");
        }

        /**
         * An option that may be given several times.
         *
         * @param name without dashes
         * @param value what stands for its value in help
         * @param help what it does
         * @return the option
         */
        public static Option repeated(String name, String value, String help) {
            return repeated(name, value, "none", help);
        }

        /**
         * An option that may be given several times.
         *
         * @param name without dashes
         * @param value what stands for its value in help
         * @param fallback what holds where it is not given, in words
         * @param help what it does
         * @return the option
         */
        public static Option repeated(String name, String value, String fallback, String help) {
            return new Option(name, value, fallback, help, true, Optional.empty());
        }
    }
}
