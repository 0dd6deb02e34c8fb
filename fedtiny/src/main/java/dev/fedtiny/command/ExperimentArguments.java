package dev.fedtiny.command;

import dev.fedtiny.experiment.Experiment;
import dev.fedtiny.experiment.SettingIndex;
import dev.fedtiny.settings.Refusals;
import dev.fedtiny.settings.SettingSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** What commands that take an experiment have in common: {@code [FILE] [--set key=value]...}. */
public final class ExperimentArguments {
    /** The option that gives a setting. */
    public static final Command.Option SET = Command.Option.repeated("set", "KEY=VALUE",
            "one setting, over the file's; of one key the last counts");

    private ExperimentArguments() {
    }

    /**
     * The settings given, those of {@code --set} over those of the file.
     *
     * @param arguments with at most one operand, the file
     * @return texts by setting, in the order given
     * @throws IOException if the file cannot be read
     */
    public static Map<SettingSpec<?>, String> given(Arguments arguments) throws IOException {
        Map<SettingSpec<?>, String> given = new LinkedHashMap<>();
        if (arguments.positional().size() > 1) {
            throw new UsageException("expected at most one experiment file, got " + String.join(" ", arguments.positional()));
        }
        if (!arguments.positional().isEmpty()) {
            given.putAll(Experiment.read(Path.of(arguments.positional().getFirst())));
        }
        given.putAll(set(arguments));
        return given;
    }

    /** What {@code --set} gives: all keys that are no settings' are told at once. */
    private static Map<SettingSpec<?>, String> set(Arguments arguments) {
        Map<SettingSpec<?>, String> settings = new LinkedHashMap<>();
        Refusals refusals = new Refusals();
        assignments(arguments).forEach((key, value) -> refusals.attempt(() -> SettingIndex.of(key))
                .ifPresent(setting -> settings.put(setting, value)));
        refusals.refuse();
        return settings;
    }

    /**
     * Settings beside those that a command has options for, which it measures and shows by.
     *
     * @param arguments of a command that takes {@code --set}
     * @param options settings that the command has options for
     * @return texts by setting
     * @throws UsageException if {@code --set} gives one of these
     */
    public static Map<SettingSpec<?>, String> beside(Arguments arguments, SettingSpec<?>... options) {
        Map<SettingSpec<?>, String> extra = set(arguments);
        for (SettingSpec<?> option : options) {
            if (extra.containsKey(option)) {
                throw new UsageException("--set '" + option.key() + "': the command has an option for it, give --" + option.key()
                        + " instead");
            }
        }
        return extra;
    }

    /**
     * Keys and values of {@code --set}, whatever they are keys of; of two for one key the last counts, so that scripts can add theirs.
     *
     * @param arguments of a command that takes {@code --set}
     * @return texts by key
     */
    public static Map<String, String> assignments(Arguments arguments) {
        Map<String, String> assignments = new LinkedHashMap<>();
        for (String assignment : arguments.all(SET.name())) {
            int equals = assignment.indexOf('=');
            if (equals < 1) {
                throw new UsageException("--set '" + assignment + "', expected KEY=VALUE");
            }
            assignments.put(assignment.substring(0, equals).strip(), assignment.substring(equals + 1));
        }
        return assignments;
    }
}
