package dev.fedtiny.engine.layer;

import dev.fedtiny.engine.internal.check.Given;
import dev.fedtiny.engine.internal.check.Names;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a file must know of a layer: named numbers, texts and lists, immutable and in order. Values are {@link Long}, {@link Double},
 * {@link Boolean}, {@link String}, or a list of {@link Long}. Reading refuses what is missing or of another type, by name.
 */
public final class Attributes {
    /** No attributes. */
    public static final Attributes EMPTY = new Attributes(Map.of());

    private final Map<String, Object> values;

    private Attributes(Map<String, Object> values) {
        this.values = values;
    }

    /**
     * Attributes of a file.
     *
     * @param values by name, in the order they are written in
     * @return a copy
     * @throws IllegalArgumentException if a value is of no type that attributes have, not finite, or a text with half a surrogate pair
     */
    public static Attributes of(Map<String, ?> values) {
        Given.notNull(values, "attributes: values", "values by their names");
        Map<String, Object> copy = new LinkedHashMap<>();
        values.forEach((name, value) -> copy.put(name, checked(name, value)));
        return new Attributes(Collections.unmodifiableMap(copy));
    }

    private static Object checked(String name, Object value) {
        Names.writable("attribute", given(name));
        return switch (value) {
            case Integer number -> number.longValue();
            case Long number -> number;
            case Double number when Double.isFinite(number) -> number;
            case Double number -> throw new IllegalArgumentException("attribute '" + name + "' is " + number + ", expected a finite "
                    + "number: files say no other; leave the attribute out where there is none");
            case Boolean flag -> flag;
            case String text -> Names.writable("attribute '" + name + "':", text);
            case List<?> list -> list.stream().map(element -> {
                if (element instanceof Integer || element instanceof Long) {
                    return ((Number) element).longValue();
                }
                throw new IllegalArgumentException("attribute '" + name + "' lists " + element + ", expected whole numbers");
            }).toList();
            case null, default -> throw new IllegalArgumentException("attribute '" + name + "' is " + value
                    + ", expected a number, a text, true or false, or a list of whole numbers");
        };
    }

    /**
     * These attributes and another one, or another value of one of them.
     *
     * @param name lower case with underscores, for example {@code kernel_height}
     * @param value of a type that attributes have
     * @return a copy with it
     * @throws IllegalArgumentException as {@link #of}
     */
    public Attributes with(String name, Object value) {
        Map<String, Object> more = new LinkedHashMap<>(values);
        more.put(name, checked(name, value));
        return new Attributes(Collections.unmodifiableMap(more));
    }

    /** {@return names and values, in order} */
    public Map<String, Object> asMap() {
        return values;
    }

    /**
     * Whether there is one of that name.
     *
     * @param name the attribute
     * @return true where it has a value
     */
    public boolean has(String name) {
        return values.containsKey(given(name));
    }

    private static String given(String name) {
        return Given.notNull(name, "attributes: name", "that of an attribute");
    }

    private Object value(String name, String expected) {
        Object value = values.get(given(name));
        if (value == null) {
            throw new IllegalArgumentException("attribute '" + name + "' is missing, expected " + expected);
        }
        return value;
    }

    private static IllegalArgumentException wrong(String name, Object value, String expected) {
        return new IllegalArgumentException("attribute '" + name + "' is " + value + ", expected " + expected);
    }

    private static int integer(String name, Object value) {
        if (value instanceof Long number && number == number.intValue()) {
            return number.intValue();
        }
        throw wrong(name, value, "a whole number of at most 32 bits");
    }

    /**
     * A whole number.
     *
     * @param name the attribute
     * @return its value
     * @throws IllegalArgumentException if it is missing, of another type or beyond 32 bits
     */
    public int integer(String name) {
        return integer(name, value(name, "a whole number"));
    }

    /**
     * Whole numbers, so many.
     *
     * @param name the attribute
     * @param count how many there must be
     * @return its values
     * @throws IllegalArgumentException if it is missing, of another type or of another number
     */
    public List<Integer> integers(String name, int count) {
        if (!(value(name, count + " whole numbers") instanceof List<?> list) || list.size() != count) {
            throw wrong(name, values.get(name), count + " whole numbers");
        }
        List<Integer> numbers = new ArrayList<>();
        list.forEach(element -> numbers.add(integer(name, element)));
        return numbers;
    }

    /**
     * A finite number.
     *
     * @param name the attribute
     * @return its value
     * @throws IllegalArgumentException if it is missing, of another type or not finite
     */
    public double number(String name) {
        Object value = value(name, "a number");
        double number = value instanceof Number given ? given.doubleValue() : Double.NaN;
        if (!Double.isFinite(number)) {
            throw wrong(name, value, "a number");
        }
        return number;
    }

    /**
     * True or false.
     *
     * @param name the attribute
     * @return its value
     * @throws IllegalArgumentException if it is missing or of another type
     */
    public boolean flag(String name) {
        if (value(name, "true or false") instanceof Boolean flag) {
            return flag;
        }
        throw wrong(name, values.get(name), "true or false");
    }

    /**
     * A text.
     *
     * @param name the attribute
     * @return its value
     * @throws IllegalArgumentException if it is missing or of another type
     */
    public String text(String name) {
        if (value(name, "a text") instanceof String text) {
            return text;
        }
        throw wrong(name, values.get(name), "a text");
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Attributes attributes && values.equals(attributes.values);
    }

    @Override
    public int hashCode() {
        return values.hashCode();
    }

    @Override
    public String toString() {
        return values.toString();
    }
}
