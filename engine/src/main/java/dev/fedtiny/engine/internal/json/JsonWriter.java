package dev.fedtiny.engine.internal.json;

import dev.fedtiny.engine.internal.json.JsonValue.JsonArray;
import dev.fedtiny.engine.internal.json.JsonValue.JsonBoolean;
import dev.fedtiny.engine.internal.json.JsonValue.JsonNull;
import dev.fedtiny.engine.internal.json.JsonValue.JsonNumber;
import dev.fedtiny.engine.internal.json.JsonValue.JsonString;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Writes JSON: in one line, as JSON Lines and file headers want it, or indented for people. Neither ends in a line break. */
public final class JsonWriter {
    private static final String INDENT = "  ";

    private final StringBuilder out = new StringBuilder();
    private final boolean lines;

    private JsonWriter(boolean lines) {
        this.lines = lines;
    }

    /** The value in one line, without any spaces. */
    public static String compact(JsonValue value) {
        JsonWriter writer = new JsonWriter(false);
        writer.value(value, 0);
        return writer.out.toString();
    }

    /** The value with one member a line, two spaces a level; arrays without objects or arrays in them stay in one line. */
    public static String indented(JsonValue value) {
        JsonWriter writer = new JsonWriter(true);
        writer.value(value, 0);
        return writer.out.toString();
    }

    private void value(JsonValue value, int level) {
        switch (value) {
            case JsonObject object -> object(object, level);
            case JsonArray array -> array(array.values(), level);
            case JsonString string -> string(string.value());
            case JsonNumber number -> out.append(number.text());
            case JsonBoolean bool -> out.append(bool.value());
            case JsonNull _ -> out.append("null");
        }
    }

    private void object(JsonObject object, int level) {
        out.append('{');
        Iterator<Map.Entry<String, JsonValue>> members = object.members().entrySet().iterator();
        boolean any = members.hasNext();
        while (members.hasNext()) {
            Map.Entry<String, JsonValue> member = members.next();
            breakLine(lines, level + 1);
            string(member.getKey());
            out.append(lines ? ": " : ":");
            value(member.getValue(), level + 1);
            if (members.hasNext()) {
                out.append(',');
            }
        }
        breakLine(lines && any, level);
        out.append('}');
    }

    private void array(List<JsonValue> values, int level) {
        boolean nested = lines && values.stream().anyMatch(v -> v instanceof JsonObject || v instanceof JsonArray);
        out.append('[');
        for (int i = 0; i < values.size(); i++) {
            if (i > 0) {
                out.append(lines && !nested ? ", " : ",");
            }
            breakLine(nested, level + 1);
            value(values.get(i), level + 1);
        }
        breakLine(nested, level);
        out.append(']');
    }

    private void breakLine(boolean wanted, int level) {
        if (wanted) {
            out.append('\n').repeat(INDENT, level);
        }
    }

    private void string(String value) {
        out.append('"');
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                default -> {
                    // The two line separators of Unicode would break a line for readers that know them; a lone surrogate has no UTF-8.
                    if (c < ' ' || c == 0x7F || c == 0x2028 || c == 0x2029) {
                        out.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
                    } else if (isLoneSurrogate(value, i)) {
                        throw new IllegalArgumentException("JSON: a string has half a surrogate pair at place " + i);
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        out.append('"');
    }

    private static boolean isLoneSurrogate(String value, int i) {
        char c = value.charAt(i);
        if (Character.isHighSurrogate(c)) {
            return i + 1 == value.length() || !Character.isLowSurrogate(value.charAt(i + 1));
        }
        return Character.isLowSurrogate(c) && (i == 0 || !Character.isHighSurrogate(value.charAt(i - 1)));
    }
}
