package dev.fedtiny.engine.internal.json;

import java.util.List;
import java.util.OptionalLong;

/** One value of JSON; immutable. Equality is that of the contents; two numbers are equal when their texts are. */
public sealed interface JsonValue permits JsonObject, JsonValue.JsonArray, JsonValue.JsonString, JsonValue.JsonNumber,
        JsonValue.JsonBoolean, JsonValue.JsonNull {
    /** What messages call the kind of value, for example {@code a string}. */
    String kind();

    /** A string. */
    static JsonValue of(String value) {
        return new JsonString(value);
    }

    /** A whole number. */
    static JsonValue of(long value) {
        return new JsonNumber(Long.toString(value));
    }

    /**
     * A number with the fewest digits that read back as the same {@code double}.
     *
     * @throws IllegalArgumentException if it is not finite, which JSON cannot say; see {@link #ofNullable(double)}
     */
    static JsonValue of(double value) {
        if (!Double.isFinite(value)) {
            throw new IllegalArgumentException("JSON has no number for " + value + "; write null by ofNullable, or leave the member out");
        }
        return new JsonNumber(Double.toString(value));
    }

    /** A number as {@link #of(double)} has it, or null when it is not finite: for measurements that may be missing. */
    static JsonValue ofNullable(double value) {
        return Double.isFinite(value) ? of(value) : JsonNull.NULL;
    }

    /** True or false. */
    static JsonValue of(boolean value) {
        return new JsonBoolean(value);
    }

    /**
     * An array.
     *
     * @param values the elements
     */
    record JsonArray(List<JsonValue> values) implements JsonValue {
        /** Keeps its own copy of the list. */
        public JsonArray {
            values = List.copyOf(values);
        }

        /** An array of strings. */
        public static JsonArray ofStrings(List<String> strings) {
            return new JsonArray(strings.stream().map(JsonValue::of).toList());
        }

        @Override
        public String kind() {
            return "an array";
        }
    }

    /**
     * A string.
     *
     * @param value its text, escapes resolved
     */
    record JsonString(String value) implements JsonValue {
        @Override
        public String kind() {
            return "a string";
        }
    }

    /**
     * A number, exactly as written.
     *
     * @param text a number of JSON's grammar
     */
    record JsonNumber(String text) implements JsonValue {
        /** Checks the grammar. */
        public JsonNumber {
            int end = NumberGrammar.end(text);
            if (end != text.length()) {
                throw new IllegalArgumentException("'" + text + "' is not a number of JSON");
            }
        }

        /** The value rounded to a {@code double}; infinite where it is beyond the largest one. */
        public double toDouble() {
            return Double.parseDouble(text);
        }

        /** The value if it is written as a whole number (no fraction, no exponent) and fits. */
        public OptionalLong toLong() {
            try {
                return OptionalLong.of(Long.parseLong(text));
            } catch (NumberFormatException e) {
                return OptionalLong.empty();
            }
        }

        @Override
        public String kind() {
            return "a number";
        }
    }

    /**
     * True or false.
     *
     * @param value which
     */
    record JsonBoolean(boolean value) implements JsonValue {
        @Override
        public String kind() {
            return "a boolean";
        }
    }

    /** Null. */
    enum JsonNull implements JsonValue {
        /** The one null. */
        NULL;

        @Override
        public String kind() {
            return "null";
        }
    }
}
