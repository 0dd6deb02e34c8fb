package dev.fedtiny.settings;

import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The values of all settings of something, given or default: every text is read once, when this is made, and has its type from then on.
 * Immutable; two are equal when the same texts were given for the same settings.
 */
public final class SettingValues {
    private final Map<SettingSpec<?>, String> given;
    private final Map<SettingSpec<?>, Read<?>> values = new LinkedHashMap<>();

    private record Read<T>(String text, T value) {
        static <T> Read<T> of(SettingSpec<T> setting, String text) {
            return new Read<>(text, setting.read(text));
        }
    }

    /**
     * Reads all values. White space around a text does not count.
     *
     * @param all every setting there is, in the order in which mistakes are looked for
     * @param given texts; of settings that are not among them, the defaults are taken
     * @param demo whether these are the defaults of the embedded demo
     * @throws IllegalArgumentException naming every setting whose text is empty, holds control characters or is no value of it
     */
    public SettingValues(Collection<SettingSpec<?>> all, Map<SettingSpec<?>, String> given, boolean demo) {
        this.given = new HashMap<>(given);
        Refusals refusals = new Refusals();
        for (SettingSpec<?> setting : all) {
            String text = given.getOrDefault(setting, setting.fallback(demo)).strip();
            refusals.attempt(() -> Read.of(setting, checked(setting, text, demo))).ifPresent(read -> values.put(setting, read));
        }
        refusals.refuse();
    }

    private static String checked(SettingSpec<?> setting, String text, boolean demo) {
        if (text.isEmpty() || text.chars().anyMatch(Character::isISOControl)) {
            throw setting.wrong(text.replaceAll("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]", "?"), "a value"
                    + (text.isEmpty() ? "; leave the setting out for its default, " + setting.fallback(demo)
                            : " without control characters"));
        }
        return text;
    }

    private Read<?> read(SettingSpec<?> setting) {
        Read<?> read = values.get(setting);
        if (read == null) {
            throw new IllegalArgumentException("the setting '" + setting.key() + "' is not among those that were read: list it where the "
                    + "others are declared");
        }
        return read;
    }

    /**
     * The value of a setting, given or default.
     *
     * @param <T> its type
     * @param setting one of those that were read
     * @return the value
     * @throws IllegalArgumentException if it is not one of those that were read
     */
    @SuppressWarnings("unchecked") // Put under its setting by Read.of, which keeps the type.
    public <T> T get(SettingSpec<T> setting) {
        return ((Read<T>) read(setting)).value();
    }

    /**
     * The same as text, without the white space around it.
     *
     * @param setting one of those that were read
     * @return the text given, or the default's
     */
    public String text(SettingSpec<?> setting) {
        return read(setting).text();
    }

    /**
     * Whether somebody gave it; otherwise it has its default.
     *
     * @param setting any
     * @return false also for one that was not read
     */
    public boolean isGiven(SettingSpec<?> setting) {
        return given.containsKey(setting);
    }

    /** {@return the texts that were given, in a map of the caller's own} */
    public Map<SettingSpec<?>, String> given() {
        return new HashMap<>(given);
    }

    /**
     * What to throw when a value is impossible beside others: key and text with what is expected.
     *
     * @param setting the one to change
     * @param expected what it may be, beside the others
     * @return an exception for the caller to throw
     */
    public IllegalArgumentException wrong(SettingSpec<?> setting, String expected) {
        return setting.wrong(text(setting), expected);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SettingValues that && given.equals(that.given);
    }

    @Override
    public int hashCode() {
        return given.hashCode();
    }

    /** All settings, {@code key=text}. */
    @Override
    public String toString() {
        Map<SettingSpec<?>, String> texts = new LinkedHashMap<>();
        values.forEach((setting, value) -> texts.put(setting, value.text()));
        return texts.toString();
    }
}
