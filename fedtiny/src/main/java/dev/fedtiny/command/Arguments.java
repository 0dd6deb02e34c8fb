package dev.fedtiny.command;

import dev.fedtiny.command.Command.Option;
import dev.fedtiny.experiment.Nearest;
import dev.fedtiny.experiment.Program;
import dev.fedtiny.settings.Numbers;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The words after a command, sorted into options and the rest.
 *
 * @param positional words that belong to no option
 * @param values values by option; a switch has an empty one
 */
public record Arguments(List<String> positional, Map<String, List<String>> values) {
    private static final Numbers.Whole ANY_WHOLE = new Numbers.Whole(Long.MIN_VALUE, Long.MAX_VALUE, "");
    private static final Numbers.Decimal ANY_DECIMAL = new Numbers.Decimal(-Numbers.MOST_DECIMAL, true, Numbers.MOST_DECIMAL, "");

    /**
     * Sorts words; {@code --} ends the options. {@code --name=value} and {@code --name value} are the same.
     *
     * @param command whose options there are
     * @param words after the command's name
     * @return words by option, and the rest in order
     * @throws UsageException naming the first option that is unknown, lacks its value, is given twice or out of its range, or a word too
     *     many
     */
    public static Arguments parse(Command command, List<String> words) {
        List<String> positional = new ArrayList<>();
        Map<String, List<String>> values = new LinkedHashMap<>();
        for (int i = 0; i < words.size(); i++) {
            String word = words.get(i);
            if (word.equals("--")) {
                // What follows is no option, whatever it begins with.
                positional.addAll(words.subList(i + 1, words.size()));
                break;
            }
            if (!word.startsWith("-") || word.equals("-")) {
                positional.add(word);
                continue;
            }
            if (!word.startsWith("--")) {
                throw new UsageException("no option " + word + "; options begin with two dashes, and a name that begins with one is given "
                        + "after -- or as ./" + word);
            }
            int equals = word.indexOf('=');
            String name = word.substring(2, equals < 0 ? word.length() : equals);
            Option option = command.options().stream().filter(o -> o.name().equals(name)).findFirst()
                    .orElseThrow(() -> unknown(command, name));
            String value = "";
            if (option.value() != null) {
                if (equals >= 0) {
                    value = word.substring(equals + 1);
                } else if (++i < words.size()) {
                    value = words.get(i);
                } else {
                    throw new UsageException("option --" + name + " needs a value: --" + name + " " + option.value());
                }
            } else if (equals >= 0) {
                throw new UsageException("option --" + name + " is a switch and takes no value");
            }
            List<String> given = values.computeIfAbsent(name, n -> new ArrayList<>());
            if (!given.isEmpty() && !option.repeatable()) {
                throw new UsageException("option --" + name + " is given twice");
            }
            String text = value;
            if (option.value() != null && option.range().isEmpty() && text.isBlank()) {
                throw new UsageException("option --" + name + " is '" + text + "', expected " + option.value()
                        + "; is a variable of the shell empty?");
            }
            option.range().filter(range -> !range.holds(text)).ifPresent(range -> {
                throw new UsageException("option --" + name + " is '" + text + "', expected " + range);
            });
            given.add(value);
        }
        if (positional.stream().anyMatch(String::isBlank)) {
            throw new UsageException("'" + command.name() + "' was given a word with nothing in it; is a variable of the shell empty? "
                    + "Usage: " + Program.command(command.name()) + " " + command.usage());
        }
        if (positional.size() > command.mostOperands()) {
            throw new UsageException("'" + command.name() + "' takes " + (command.mostOperands() == 0 ? "options only"
                    : command.mostOperands() == 1 ? "one word beside options"
                    : command.mostOperands() + " words beside options") + ", got '"
                    + String.join("' '", positional) + "'; usage: " + Program.command(command.name()) + " " + command.usage());
        }
        return new Arguments(List.copyOf(positional), values);
    }

    private static UsageException unknown(Command command, String name) {
        List<String> known = command.options().stream().map(Option::name).toList();
        return new UsageException("'" + command.name() + "' has no option --" + name
                + Nearest.to(name, known).map(n -> "; did you mean --" + n + "? See: ").orElse("; see: ")
                + Program.command("help", command.name()));
    }

    /**
     * Whether an option was given.
     *
     * @param option without dashes
     * @return true where it was, also as a switch
     */
    public boolean has(String option) {
        return values.containsKey(option);
    }

    /**
     * The value of an option.
     *
     * @param option without dashes
     * @return its value, the first where it may be given several times; empty where it was not given
     */
    public Optional<String> value(String option) {
        return Optional.ofNullable(values.get(option)).map(List::getFirst);
    }

    /**
     * All values of an option that may be given several times.
     *
     * @param option without dashes
     * @return in the order given; empty where it was not
     */
    public List<String> all(String option) {
        return values.getOrDefault(option, List.of());
    }

    /**
     * A whole number, which the option's range has let through.
     *
     * @param option without dashes
     * @param fallback taken where it was not given
     * @return the number
     */
    public int integer(String option, int fallback) {
        return Math.toIntExact(whole(option, fallback));
    }

    /**
     * As {@link #integer} of 64 bits.
     *
     * @param option without dashes
     * @param fallback taken where it was not given
     * @return the number
     */
    public long whole(String option, long fallback) {
        return value(option).map(text -> ANY_WHOLE.read(text).orElseThrow(() -> unchecked(option, text))).orElse(fallback);
    }

    /**
     * A decimal, which the option's range has let through.
     *
     * @param option without dashes
     * @param fallback taken where it was not given
     * @return the number
     */
    public double number(String option, double fallback) {
        return value(option).map(text -> ANY_DECIMAL.read(text).orElseThrow(() -> unchecked(option, text))).orElse(fallback);
    }

    private static IllegalStateException unchecked(String option, String text) {
        return new IllegalStateException("option --" + option + " = '" + text + "' has no range");
    }

    /**
     * The one positional word.
     *
     * @param what it is, for the message: {@code model file}
     * @return the word
     * @throws UsageException if there is none, or there are several
     */
    public String single(String what) {
        if (positional.size() != 1) {
            throw new UsageException("expected one " + what + ", got " + (positional.isEmpty() ? "none" : String.join(" ", positional)));
        }
        return positional.getFirst();
    }
}
