package dev.fedtiny.report;

import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.internal.json.JsonValue;
import dev.fedtiny.engine.internal.json.JsonWriter;
import java.util.List;
import java.util.Optional;

/** Members of objects that another release, or somebody by hand, may have written: what is missing or of another type is not known. */
final class JsonMembers {
    private JsonMembers() {
    }

    /** A text, a number or a switch as it stands in a file. */
    static String text(JsonValue value) {
        return switch (value) {
            case JsonValue.JsonString string -> string.value();
            case JsonValue.JsonNumber number -> number.text();
            default -> JsonWriter.compact(value);
        };
    }

    /** A number of an object; NaN when it is not there. */
    static double number(JsonObject object, String... path) {
        JsonValue value = object;
        for (String name : path) {
            value = value instanceof JsonObject inner ? inner.find(name).orElse(null) : null;
        }
        return value instanceof JsonValue.JsonNumber number ? number.toDouble() : Double.NaN;
    }

    /** Members of an array of objects; empty when it is not there. */
    static List<JsonObject> objects(JsonObject object, String name) {
        return object.find(name).filter(JsonValue.JsonArray.class::isInstance).map(JsonValue.JsonArray.class::cast)
                .map(array -> array.values().stream().filter(JsonObject.class::isInstance).map(JsonObject.class::cast).toList())
                        .orElse(List.of());
    }

    /** A member that is an object; empty when it is not there. */
    static Optional<JsonObject> object(JsonObject object, String name) {
        return object.find(name).filter(JsonObject.class::isInstance).map(JsonObject.class::cast);
    }

    /** Numbers of an array; null is NaN, and it is empty when it is not there. */
    static double[] numbers(JsonObject object, String name) {
        return object.find(name).filter(JsonValue.JsonArray.class::isInstance).map(array -> numbers((JsonValue.JsonArray) array))
                .orElse(new double[0]);
    }

    static double[] numbers(JsonValue.JsonArray array) {
        return array.values().stream().mapToDouble(value -> value instanceof JsonValue.JsonNumber number ? number.toDouble() : Double.NaN)
                .toArray();
    }
}
