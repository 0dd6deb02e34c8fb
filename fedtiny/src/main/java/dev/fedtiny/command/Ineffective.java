package dev.fedtiny.command;

import dev.fedtiny.settings.SettingSpec;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;

/**
 * An option that would change nothing beside the others that are given. It is refused: whoever gave it expects something of it.
 *
 * @param option its name
 * @param when whether it changes nothing; only asked where it is given
 * @param reason behind "option --NAME has no effect ", with what to do
 */
public record Ineffective(String option, Predicate<Arguments> when, String reason) {
    /**
     * Beside another option.
     *
     * @param option that would change nothing
     * @param other the option beside which that is so
     * @param reason why
     * @return the rule
     */
    public static Ineffective with(String option, String other, String reason) {
        return new Ineffective(option, arguments -> arguments.has(other), "with --" + other + ", " + reason
                + ": leave out one of the two");
    }

    /**
     * An option that stands for a setting: one {@code --set} may not say otherwise.
     *
     * @param option that stands for the setting
     * @param setting what it stands for
     * @param value what the option, a switch, means; null: the option's own value
     * @return the rule
     */
    public static Ineffective contradicted(String option, SettingSpec<?> setting, String value) {
        return new Ineffective(option, arguments -> said(arguments, setting).stream()
                .anyMatch(said -> !said.equals(value == null ? arguments.value(option).orElseThrow().strip() : value)),
                "beside a --set of the same setting that says otherwise, " + setting.key() + ": leave out one of the two");
    }

    /**
     * Options that are called like the settings that they stand for.
     *
     * @param settings of which each has an option of its key
     * @return one rule an option
     */
    public static List<Ineffective> contradicted(SettingSpec<?>... settings) {
        return Arrays.stream(settings).map(setting -> contradicted(setting.key(), setting, null)).toList();
    }

    private static List<String> said(Arguments arguments, SettingSpec<?> setting) {
        String said = ExperimentArguments.assignments(arguments).get(setting.key());
        return said == null ? List.of() : List.of(said.strip());
    }

    /**
     * Checks what is given.
     *
     * @param rules of the command
     * @param arguments what was given
     * @throws UsageException naming the first option that changes nothing
     */
    public static void check(List<Ineffective> rules, Arguments arguments) {
        for (Ineffective rule : rules) {
            if (arguments.has(rule.option) && rule.when.test(arguments)) {
                throw new UsageException("option --" + rule.option + " has no effect " + rule.reason);
            }
        }
    }
}
