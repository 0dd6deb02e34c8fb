package dev.fedtiny.engine.internal.json;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** An object; its members keep the order in which they were written. Equality does not look at the order. */
public final class JsonObject implements JsonValue {
    private final Map<String, JsonValue> members;
    private final int byteOffset;

    JsonObject(Map<String, JsonValue> members, int byteOffset) {
        this.members = Collections.unmodifiableMap(members);
        this.byteOffset = byteOffset;
    }

    /** Starts an object. */
    public static Builder builder() {
        return new Builder();
    }

    /** An object of strings. */
    public static JsonObject ofStrings(Map<String, String> strings) {
        Builder builder = builder();
        strings.forEach(builder::put);
        return builder.build();
    }

    /** All members in order; unmodifiable. */
    public Map<String, JsonValue> members() {
        return members;
    }

    /** Where the object starts in the text it was read from, in bytes; -1 if it was built. */
    public int byteOffset() {
        return byteOffset;
    }

    /** A member, or empty when there is none of that name. */
    public Optional<JsonValue> find(String name) {
        return Optional.ofNullable(members.get(name));
    }

    /**
     * A member.
     *
     * @throws JsonException if there is none of that name
     */
    public JsonValue get(String name) {
        return find(name).orElseThrow(() -> new JsonException(byteOffset, "the object has no member '" + name + "'"));
    }

    /**
     * A member that is a string.
     *
     * @throws JsonException if it is missing or something else
     */
    public String string(String name) {
        return get(name) instanceof JsonString string ? string.value() : fail(name, "a string");
    }

    /**
     * A member that is a number, rounded to a {@code double}.
     *
     * @throws JsonException if it is missing or something else
     */
    public double number(String name) {
        return get(name) instanceof JsonNumber number ? number.toDouble() : fail(name, "a number");
    }

    /**
     * A member that is a whole number within {@code long}.
     *
     * @throws JsonException if it is missing or something else
     */
    public long integer(String name) {
        if (get(name) instanceof JsonNumber number && number.toLong().isPresent()) {
            return number.toLong().getAsLong();
        }
        return fail(name, "a whole number of at most 64 bits");
    }

    /**
     * A member that is true or false.
     *
     * @throws JsonException if it is missing or something else
     */
    public boolean bool(String name) {
        return get(name) instanceof JsonBoolean bool ? bool.value() : fail(name, "true or false");
    }

    /**
     * A member that is an object.
     *
     * @throws JsonException if it is missing or something else
     */
    public JsonObject object(String name) {
        return get(name) instanceof JsonObject object ? object : fail(name, "an object");
    }

    /**
     * The elements of a member that is an array.
     *
     * @throws JsonException if it is missing or something else
     */
    public List<JsonValue> array(String name) {
        return get(name) instanceof JsonArray array ? array.values() : fail(name, "an array");
    }

    private <T> T fail(String name, String expected) {
        String found = get(name) instanceof JsonNumber number ? number.text() : get(name).kind();
        throw new JsonException(byteOffset, "member '" + name + "' is " + found + ", expected " + expected);
    }

    @Override
    public String kind() {
        return "an object";
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof JsonObject object && object.members.equals(members);
    }

    @Override
    public int hashCode() {
        return members.hashCode();
    }

    @Override
    public String toString() {
        return JsonWriter.compact(this);
    }

    /** Builds an object member by member, in the order of the calls; a second member of one name is refused. */
    public static final class Builder {
        private final Map<String, JsonValue> members = new LinkedHashMap<>();

        private Builder() {
        }

        /**
         * Adds a member.
         *
         * @throws IllegalArgumentException if there is one of that name already
         */
        public Builder put(String name, JsonValue value) {
            if (members.putIfAbsent(name, value) != null) {
                throw new IllegalArgumentException("JSON: member '" + name + "' is there already");
            }
            return this;
        }

        /** Adds a string. */
        public Builder put(String name, String value) {
            return put(name, JsonValue.of(value));
        }

        /** Adds a whole number. */
        public Builder put(String name, long value) {
            return put(name, JsonValue.of(value));
        }

        /** Adds a finite number; see {@link JsonValue#of(double)} and, for one that may be missing, {@link JsonValue#ofNullable}. */
        public Builder put(String name, double value) {
            return put(name, JsonValue.of(value));
        }

        /** Adds true or false. */
        public Builder put(String name, boolean value) {
            return put(name, JsonValue.of(value));
        }

        /** The object so far; the builder may go on. */
        public JsonObject build() {
            return new JsonObject(new LinkedHashMap<>(members), -1);
        }
    }
}
