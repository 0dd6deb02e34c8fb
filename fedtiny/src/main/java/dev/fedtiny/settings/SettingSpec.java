package dev.fedtiny.settings;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * A setting as it is declared, once: its key, its default, its unit, what it means, and the values it may have. Declare it as a constant
 * and hand the same constant to whoever reads it: {@link SettingValues#get} gives the typed value. Two declarations are never equal, even
 * with the same key.
 *
 * @param <T> what its text becomes
 */
public final class SettingSpec<T> {
    /**
     * What is known of a setting apart from its values.
     *
     * @param key as in a file
     * @param usual the default
     * @param demo the default of the embedded demo
     * @param unit of the value; may be empty
     * @param help what it means
     * @param verbatim whether its text stays one, whatever it looks like
     * @param changeable whether a run that was begun may go on with another value
     */
    private record Declaration(String key, String usual, String demo, String unit, Supplier<String> help, boolean verbatim,
            boolean changeable) {
        Declaration(String key, String usual, String unit, String help) {
            this(key, usual, usual, unit, () -> help, false, false);
        }
    }

    private final Declaration declaration;
    private final Supplier<String> expected;
    private final Function<String, Optional<T>> reader;

    private SettingSpec(Declaration declaration, Supplier<String> expected, Function<String, Optional<T>> reader) {
        this.declaration = declaration;
        this.expected = expected;
        this.reader = reader;
    }

    /**
     * A setting of any type.
     *
     * @param <T> what the text becomes
     * @param unit of the value; may be empty
     * @param expected what may be given, for messages; asked for when a message is made
     * @param reader the value of a text, empty where it has none; may throw an {@link IllegalArgumentException} that says it better
     * @param key as in a file: small letters with hyphens
     * @param usual the default, as text
     * @param help what it means, for the list of settings
     * @return the declaration
     */
    public static <T> SettingSpec<T> of(String key, String usual, String unit, String help, Supplier<String> expected,
            Function<String, Optional<T>> reader) {
        return new SettingSpec<>(new Declaration(key, usual, unit, help), expected, reader);
    }

    /**
     * A whole number that an int holds.
     *
     * @param key as in a file
     * @param usual the default, as text
     * @param help what it means
     * @param range numbers that it may be, with their unit
     * @return the declaration
     */
    public static SettingSpec<Integer> whole(String key, String usual, String help, Numbers.Whole range) {
        return of(key, usual, range.unit(), help, range::toString,
                text -> range.read(text).stream().mapToObj(Math::toIntExact).findFirst());
    }

    /**
     * Any whole number of 64 bits.
     *
     * @param key as in a file
     * @param usual the default, as text
     * @param help what it means
     * @return the declaration
     */
    public static SettingSpec<Long> whole64(String key, String usual, String help) {
        Numbers.Whole range = new Numbers.Whole(Long.MIN_VALUE, Long.MAX_VALUE, "");
        return of(key, usual, "", help, range::toString, text -> range.read(text).stream().boxed().findFirst());
    }

    /**
     * A decimal.
     *
     * @param key as in a file
     * @param usual the default, as text
     * @param help what it means
     * @param range numbers that it may be, with their unit
     * @return the declaration
     */
    public static SettingSpec<Double> decimal(String key, String usual, String help, Numbers.Decimal range) {
        return of(key, usual, range.unit(), help, range::toString, text -> range.read(text).stream().boxed().findFirst());
    }

    /**
     * {@code true} or {@code false}.
     *
     * @param key as in a file
     * @param usual the default, {@code true} or {@code false}
     * @param help what it means
     * @return the declaration
     */
    public static SettingSpec<Boolean> bool(String key, String usual, String help) {
        return of(key, usual, "", help, () -> "true or false", text -> switch (text) {
            case "true" -> Optional.of(true);
            case "false" -> Optional.of(false);
            default -> Optional.empty();
        });
    }

    /**
     * A constant of an enum, written in small letters with hyphens.
     *
     * @param <E> the enum
     * @param key as in a file
     * @param usual the default, as {@link #word} writes a constant
     * @param help what it means
     * @param type of which any constant may be given
     * @return the declaration
     */
    public static <E extends Enum<E>> SettingSpec<E> choice(String key, String usual, String help, Class<E> type) {
        String known = Arrays.stream(type.getEnumConstants()).map(SettingSpec::word).collect(Collectors.joining(", "));
        return of(key, usual, "", help, () -> "one of " + known,
                text -> Arrays.stream(type.getEnumConstants()).filter(constant -> word(constant).equals(text)).findFirst());
    }

    /**
     * Any text; what it says is looked at where it is used.
     *
     * @param key as in a file
     * @param usual the default; may be empty
     * @param unit of the value; may be empty
     * @param help what it means
     * @return the declaration
     */
    public static SettingSpec<String> text(String key, String usual, String unit, String help) {
        return of(key, usual, unit, help, () -> "a text", Optional::of);
    }

    /**
     * How a constant is written.
     *
     * @param constant any
     * @return for example {@code label-skew} for {@code LABEL_SKEW}
     */
    public static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private SettingSpec<T> as(Declaration changed) {
        return new SettingSpec<>(changed, expected, reader);
    }

    /**
     * The same with another default for the embedded demo.
     *
     * @param fallback the default there, as text
     * @return a copy
     */
    public SettingSpec<T> inDemo(String fallback) {
        Declaration d = declaration;
        return as(new Declaration(d.key, d.usual, fallback, d.unit, d.help, d.verbatim, d.changeable));
    }

    /**
     * The same with a meaning that is known only when somebody asks for it.
     *
     * @param help asked whenever the meaning is shown
     * @return a copy
     */
    public SettingSpec<T> meaning(Supplier<String> help) {
        Declaration d = declaration;
        return as(new Declaration(d.key, d.usual, d.demo, d.unit, help, d.verbatim, d.changeable));
    }

    /**
     * The same for paths and the like: in JSON the value is a text even where it looks like a number.
     *
     * @return a copy
     */
    public SettingSpec<T> verbatim() {
        Declaration d = declaration;
        return as(new Declaration(d.key, d.usual, d.demo, d.unit, d.help, true, d.changeable));
    }

    /**
     * The same as a setting that results do not depend on: a run that was begun may go on with another value.
     *
     * @return a copy
     */
    public SettingSpec<T> changeable() {
        Declaration d = declaration;
        return as(new Declaration(d.key, d.usual, d.demo, d.unit, d.help, d.verbatim, true));
    }

    /**
     * The same with a word in place of a value, such as {@code auto} or {@code none}: then there is none.
     *
     * @param word what stands for no value
     * @return a declaration of optional values
     */
    public SettingSpec<Optional<T>> orWord(String word) {
        return new SettingSpec<>(declaration, expected, text -> text.equals(word) ? Optional.of(Optional.empty())
                : reader.apply(text).map(Optional::of));
    }

    /** {@return the key, as in a file} */
    public String key() {
        return declaration.key;
    }

    /**
     * The default; the embedded demo may have its own.
     *
     * @param forDemo whether the run is on the embedded images
     * @return the default, as text
     */
    public String fallback(boolean forDemo) {
        return forDemo ? declaration.demo : declaration.usual;
    }

    /** {@return the unit of the value; may be empty} */
    public String unit() {
        return declaration.unit;
    }

    /** {@return what it means} */
    public String help() {
        return declaration.help.get();
    }

    /** {@return whether its text stays a text in JSON} */
    public boolean isVerbatim() {
        return declaration.verbatim;
    }

    /** {@return whether a run that was begun may go on with another value} */
    public boolean isChangeable() {
        return declaration.changeable;
    }

    /**
     * What a text is as a value of this setting.
     *
     * @param text without white space around it
     * @return its value
     * @throws IllegalArgumentException if it is none, naming key, text and what is expected
     */
    public T read(String text) {
        return reader.apply(text).orElseThrow(() -> wrong(text, expected.get()));
    }

    /** What is said of a text that is no value of this setting. */
    IllegalArgumentException wrong(String text, String instead) {
        return new IllegalArgumentException(key() + " = '" + text + "', expected " + instead);
    }

    /** The key. */
    @Override
    public String toString() {
        return key();
    }
}
