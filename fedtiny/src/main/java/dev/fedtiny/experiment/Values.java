package dev.fedtiny.experiment;

import dev.fedtiny.method.DeviceRate;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The texts of all settings, and their reading as numbers and choices with errors that name key, value and range. */
final class Values {
    private static final Pattern MEMORY = Pattern.compile("([1-9][0-9]{0,5}) ?(MiB|GiB)?");

    private final Map<Setting, String> texts = new EnumMap<>(Setting.class);

    Values(Map<Setting, String> given) {
        boolean demo = given.getOrDefault(Setting.DATA, Setting.DATA.fallback(false)).equals("demo");
        for (Setting setting : Setting.values()) {
            texts.put(setting, given.getOrDefault(setting, setting.fallback(demo)).strip());
        }
    }

    String text(Setting setting) {
        return texts.get(setting);
    }

    int integer(Setting setting, int least) {
        try {
            int value = Integer.parseInt(text(setting));
            if (value >= least) {
                return value;
            }
        } catch (NumberFormatException e) {
            // Reported below, as a number that is too small is.
        }
        throw wrong(setting, "a whole number of at least " + least);
    }

    long whole(Setting setting) {
        try {
            return Long.parseLong(text(setting));
        } catch (NumberFormatException e) {
            throw wrong(setting, "a whole number");
        }
    }

    double number(Setting setting, double least, double most, boolean leastAllowed) {
        try {
            double value = Double.parseDouble(text(setting));
            if (value <= most && (value > least || leastAllowed && value == least)) {
                return value;
            }
        } catch (NumberFormatException e) {
            // Reported below, as a number out of range is.
        }
        String range = leastAllowed ? "at least " + least : "above " + least;
        throw wrong(setting, "a number " + range + (Double.isInfinite(most) || most == Double.MAX_VALUE ? "" : " and at most " + most));
    }

    /** {@code 0}, one number, several, or {@code least..most}. */
    DeviceRate rate(Setting setting, int devices) {
        String text = text(setting);
        try {
            int dots = text.indexOf("..");
            if (dots >= 0) {
                return new DeviceRate.LogUniform(Double.parseDouble(text.substring(0, dots)), Double.parseDouble(text.substring(dots + 2)));
            }
            List<Double> rates = Arrays.stream(text.split(",", -1)).map(String::strip).map(Double::valueOf).toList();
            if (rates.equals(List.of(0.0))) {
                return new DeviceRate.Unlimited();
            }
            if (rates.size() == 1 || rates.size() == devices) {
                return new DeviceRate.Given(rates);
            }
        } catch (IllegalArgumentException e) {
            // Reported below, as a wrong number of rates is.
        }
        throw wrong(setting, "0, one number above 0, " + devices + " of them (one a device, comma-separated), or LEAST..MOST");
    }

    /** An amount of memory, {@code 48MiB} or {@code 1GiB}, or a bare number of MiB. */
    int mebibytes(Setting setting) {
        Matcher matcher = MEMORY.matcher(text(setting));
        if (!matcher.matches()) {
            throw wrong(setting, "an amount of memory such as 48MiB, at least 1MiB");
        }
        return Integer.parseInt(matcher.group(1)) * ("GiB".equals(matcher.group(2)) ? 1024 : 1);
    }

    boolean bool(Setting setting) {
        return switch (text(setting)) {
            case "true" -> true;
            case "false" -> false;
            default -> throw wrong(setting, "true or false");
        };
    }

    <E extends Enum<E>> E choice(Setting setting, Class<E> type) {
        for (E constant : type.getEnumConstants()) {
            if (constant.name().toLowerCase(Locale.ROOT).replace('_', '-').equals(text(setting))) {
                return constant;
            }
        }
        StringBuilder known = new StringBuilder();
        for (E constant : type.getEnumConstants()) {
            known.append(known.isEmpty() ? "" : ", ").append(constant.name().toLowerCase(Locale.ROOT).replace('_', '-'));
        }
        throw wrong(setting, "one of " + known);
    }

    IllegalArgumentException wrong(Setting setting, String expected) {
        return new IllegalArgumentException(setting.key() + " = '" + text(setting) + "', expected " + expected);
    }
}
