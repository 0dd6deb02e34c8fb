package dev.fedtiny.cli;

import dev.fedtiny.experiment.Setting;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;

/** The {@code --set KEY=VALUE} of a command line. */
final class Assignments {
    static final Command.Option OPTION = Command.Option.repeated("set", "KEY=VALUE", "one setting, over the file's");

    private Assignments() {
    }

    static Map<String, String> of(Arguments arguments) {
        Map<String, String> entries = new LinkedHashMap<>();
        for (String assignment : arguments.all(OPTION.name())) {
            int equals = assignment.indexOf('=');
            if (equals < 1) {
                throw new UsageException("--set '" + assignment + "', expected KEY=VALUE");
            }
            entries.put(assignment.substring(0, equals).strip(), assignment.substring(equals + 1));
        }
        return entries;
    }

    static Map<Setting, String> settings(Arguments arguments) {
        Map<Setting, String> settings = new EnumMap<>(Setting.class);
        of(arguments).forEach((key, value) -> settings.put(Setting.of(key), value));
        return settings;
    }
}
