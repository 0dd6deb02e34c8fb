package dev.fedtiny.settings;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * A setting as it is declared, once: its key, its default, its unit, what it means, and the values it may have. Declare it as a constant
 * and hand the same constant to whoever reads it.
 *
 * @param <T> what its text becomes
 */
public final class SettingSpec<T> {
    private final String key;
    private final String usual;
    private final String demo;
    private final String unit;
    private final String help;
    private final String expected;
    private final Function<String, Optional<T>> reader;

    private SettingSpec(String key, String usual, String demo, String unit, String help, String expected,
            Function<String, Optional<T>> reader) {
        this.key = key;
        this.usual = usual;
        this.demo = demo;
        this.unit = unit;
        this.help = help;
        this.expected = expected;
        this.reader = reader;
    }

    /** A whole number that an int holds. */
    public static SettingSpec<Integer> whole(String key, String usual, String help, Numbers.Whole range) {
        return new SettingSpec<>(key, usual, usual, range.unit(), help, range.toString(),
                text -> range.read(text).stream().mapToObj(Math::toIntExact).findFirst());
    }

    /** A decimal. */
    public static SettingSpec<Double> decimal(String key, String usual, String help, Numbers.Decimal range) {
        return new SettingSpec<>(key, usual, usual, range.unit(), help, range.toString(),
                text -> range.read(text).stream().boxed().findFirst());
    }

    /** {@code true} or {@code false}. */
    public static SettingSpec<Boolean> bool(String key, String usual, String help) {
        return new SettingSpec<>(key, usual, usual, "", help, "true or false", text -> switch (text) {
            case "true" -> Optional.of(true);
            case "false" -> Optional.of(false);
            default -> Optional.empty();
        });
    }

    /** A constant of an enum, written in small letters with hyphens. */
    public static <E extends Enum<E>> SettingSpec<E> choice(String key, String usual, String help, Class<E> type) {
        String known = Arrays.stream(type.getEnumConstants()).map(SettingSpec::word).collect(Collectors.joining(", "));
        return new SettingSpec<>(key, usual, usual, "", help, "one of " + known,
                text -> Arrays.stream(type.getEnumConstants()).filter(constant -> word(constant).equals(text)).findFirst());
    }

    /** How a constant is written. */
    public static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The same with another default for the embedded demo. */
    public SettingSpec<T> inDemo(String fallback) {
        return new SettingSpec<>(key, usual, fallback, unit, help, expected, reader);
    }

    /** The key, as in a file. */
    public String key() {
        return key;
    }

    /** The default; the embedded demo may have its own. */
    public String fallback(boolean forDemo) {
        return forDemo ? demo : usual;
    }

    /** The unit of the value; may be empty. */
    public String unit() {
        return unit;
    }

    /** What it means. */
    public String help() {
        return help;
    }

    /**
     * What a text is as a value of this setting.
     *
     * @throws IllegalArgumentException if it is none, naming key, text and what is expected
     */
    public T read(String text) {
        return reader.apply(text).orElseThrow(() -> new IllegalArgumentException(key + " = '" + text + "', expected " + expected));
    }
}
