package dev.fedtiny.experiment;

import dev.fedtiny.method.DeviceRate;
import dev.fedtiny.method.MethodSettings;
import dev.fedtiny.settings.Numbers;
import dev.fedtiny.settings.SettingSpec;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The texts of all settings, and their reading as numbers and choices with errors that name key, value and range. */
final class Values implements MethodSettings {
    private static final Pattern MEMORY = Pattern.compile("([1-9][0-9]{0,5}) ?(MiB|GiB)?");

    private static final Numbers.Decimal RATE = new Numbers.Decimal(0, false, Numbers.MOST_DECIMAL, "");

    private final Map<Setting, String> texts = new TreeMap<>();

    Values(Map<Setting, String> given) {
        boolean demo = given.getOrDefault(Setting.DATA, Setting.DATA.fallback(false)).equals("demo");
        for (Setting setting : Setting.values()) {
            String text = given.getOrDefault(setting, setting.fallback(demo)).strip();
            texts.put(setting, text);
            if (text.isEmpty() || text.chars().anyMatch(Character::isISOControl)) {
                throw new IllegalArgumentException(setting.key() + " = '" + text.replaceAll("\\p{Cntrl}", "?") + "', expected a value"
                        + (text.isEmpty() ? "; leave the setting out for its default, " + setting.fallback(demo)
                                : " without control characters"));
            }
        }
    }

    String text(Setting setting) {
        return texts.get(setting);
    }

    @Override
    public <T> T get(SettingSpec<T> setting) {
        return setting.read(text(Setting.of(setting)));
    }

    @Override
    public int rounds() {
        return integer(Setting.ROUNDS, 1, Experiment.MOST_TIMES);
    }

    @Override
    public int devices() {
        return integer(Setting.DEVICES, 1, Experiment.MOST_TIMES);
    }

    int integer(Setting setting, int least) {
        return integer(setting, least, (int) Numbers.MOST_WHOLE);
    }

    int integer(Setting setting, int least, int most) {
        Numbers.Whole range = new Numbers.Whole(least, most, setting.unit());
        return Math.toIntExact(range.read(text(setting)).orElseThrow(() -> wrong(setting, range.toString())));
    }

    /** Any number of 64 bits. */
    long whole(Setting setting) {
        Numbers.Whole range = new Numbers.Whole(Long.MIN_VALUE, Long.MAX_VALUE, setting.unit());
        return range.read(text(setting)).orElseThrow(() -> wrong(setting, range.toString()));
    }

    double number(Setting setting, double least, double most, boolean leastAllowed) {
        Numbers.Decimal range = new Numbers.Decimal(least, leastAllowed, most, setting.unit());
        return range.read(text(setting)).orElseThrow(() -> wrong(setting, range.toString()));
    }

    /** {@code 0}, one number, several, or {@code least..most}. */
    DeviceRate rate(Setting setting, int devices) {
        String text = text(setting);
        int dots = text.indexOf("..");
        boolean range = dots >= 0;
        List<OptionalDouble> rates = Arrays.stream(range ? new String[] {text.substring(0, dots), text.substring(dots + 2)}
                : text.split(",", -1)).map(RATE::read).toList();
        if (!range && new Numbers.Decimal(0, true, 0, "").read(text).isPresent()) {
            return new DeviceRate.Unlimited();
        }
        if (rates.stream().allMatch(OptionalDouble::isPresent)) {
            List<Double> values = rates.stream().map(OptionalDouble::getAsDouble).toList();
            if (range && values.getFirst() <= values.getLast()) {
                return new DeviceRate.LogUniform(values.getFirst(), values.getLast());
            }
            if (!range && (values.size() == 1 || values.size() == devices)) {
                return new DeviceRate.Given(values);
            }
        }
        throw wrong(setting, "0, one number above 0, " + devices + " of them (one a device, comma-separated), or LEAST..MOST, each at most "
                + Numbers.MOST_DECIMAL);
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
