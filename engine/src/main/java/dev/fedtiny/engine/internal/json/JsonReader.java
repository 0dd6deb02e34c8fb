package dev.fedtiny.engine.internal.json;

import dev.fedtiny.engine.internal.json.JsonValue.JsonArray;
import dev.fedtiny.engine.internal.json.JsonValue.JsonBoolean;
import dev.fedtiny.engine.internal.json.JsonValue.JsonNull;
import dev.fedtiny.engine.internal.json.JsonValue.JsonNumber;
import dev.fedtiny.engine.internal.json.JsonValue.JsonString;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads one JSON text, strictly by RFC 8259: UTF-8 without a byte order mark, no comments, no trailing commas. Beyond the
 * grammar it refuses member names that occur twice in an object, and escapes of half a surrogate pair, which no UTF-8 text
 * could hold.
 */
public final class JsonReader {
    private final byte[] text;
    private final JsonLimits limits;
    private int position;
    private int depth;
    private int values;

    private JsonReader(byte[] text, JsonLimits limits) {
        this.text = text;
        this.limits = limits;
    }

    /** Reads a text within {@link JsonLimits#DEFAULT}. */
    public static JsonValue parse(String text) {
        return parse(text.getBytes(StandardCharsets.UTF_8), JsonLimits.DEFAULT);
    }

    /**
     * Reads a text.
     *
     * @param text UTF-8
     * @throws JsonException with the byte offset of the first thing that is wrong or beyond the limits
     */
    public static JsonValue parse(byte[] text, JsonLimits limits) {
        if (text.length > limits.maximumBytes()) {
            throw new JsonException(0, "the text has " + text.length + " bytes or more, at most " + limits.maximumBytes() + " are read");
        }
        JsonReader reader = new JsonReader(text, limits);
        JsonValue value = reader.value();
        reader.skipSpace();
        if (reader.position < text.length) {
            throw reader.unexpected("the end of the text");
        }
        return value;
    }

    /**
     * Reads a file, and never more of it than the limits allow.
     *
     * @throws JsonException as {@link #parse(byte[], JsonLimits)}
     * @throws FileSystemException if the file cannot be read; names it
     */
    public static JsonValue parse(Path file, JsonLimits limits) throws IOException {
        byte[] text;
        try (InputStream in = Files.newInputStream(file)) {
            text = in.readNBytes(limits.maximumBytes() + 1);
        } catch (FileSystemException e) {
            throw e;
        } catch (IOException e) {
            FileSystemException named = new FileSystemException(file.toString(), null, e.getMessage());
            named.initCause(e);
            throw named;
        }
        return parse(text, limits);
    }

    private JsonValue value() {
        skipSpace();
        if (++values > limits.maximumValues()) {
            throw new JsonException(position, "more than " + limits.maximumValues() + " values");
        }
        return switch (peek()) {
            case '{' -> object();
            case '[' -> array();
            case '"' -> new JsonString(string());
            case 't' -> literal("true", new JsonBoolean(true));
            case 'f' -> literal("false", new JsonBoolean(false));
            case 'n' -> literal("null", JsonNull.NULL);
            case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9' -> number();
            default -> throw unexpected("a value");
        };
    }

    private JsonValue literal(String word, JsonValue value) {
        for (int i = 0; i < word.length(); i++) {
            if (peek() != word.charAt(i)) {
                throw unexpected("'" + word + "'");
            }
            position++;
        }
        return value;
    }

    private JsonObject object() {
        int start = position;
        enter();
        Map<String, JsonValue> members = new LinkedHashMap<>();
        skipSpace();
        if (peek() != '}') {
            do {
                skipSpace();
                int nameOffset = position;
                if (peek() != '"') {
                    throw unexpected("a member name in quotes");
                }
                String name = string();
                skipSpace();
                if (!take(':')) {
                    throw unexpected("':' after the name '" + shortened(name) + "'");
                }
                if (members.containsKey(name)) {
                    throw new JsonException(nameOffset, "the name '" + shortened(name) + "' occurs twice in one object");
                }
                members.put(name, value());
                skipSpace();
            } while (take(','));
        }
        if (!take('}')) {
            throw unexpected("',' or '}' after a member");
        }
        depth--;
        return new JsonObject(members, start);
    }

    private JsonArray array() {
        enter();
        List<JsonValue> elements = new ArrayList<>();
        skipSpace();
        if (peek() != ']') {
            do {
                elements.add(value());
                skipSpace();
            } while (take(','));
        }
        if (!take(']')) {
            throw unexpected("',' or ']' after an element");
        }
        depth--;
        return new JsonArray(elements);
    }

    private void enter() {
        if (++depth > limits.maximumDepth()) {
            throw new JsonException(position, "arrays and objects nest deeper than " + limits.maximumDepth() + " levels");
        }
        position++;
    }

    private JsonNumber number() {
        int start = position;
        int end = start;
        while (end < text.length && isNumberPart(text[end])) {
            end++;
        }
        String run = new String(text, start, end - start, StandardCharsets.ISO_8859_1);
        if (NumberGrammar.end(run) != run.length()) {
            throw new JsonException(start, "'" + shortened(run) + "' is not a number; expected digits without leading zeros, then "
                    + "optionally a fraction and an exponent");
        }
        position = end;
        return new JsonNumber(run);
    }

    private static boolean isNumberPart(byte b) {
        return b >= '0' && b <= '9' || b == '-' || b == '+' || b == '.' || b == 'e' || b == 'E';
    }

    private String string() {
        int start = ++position;
        while (position < text.length && text[position] != '"' && text[position] != '\\' && text[position] >= ' ') {
            position++;
        }
        String plain = new String(text, start, position - start, StandardCharsets.ISO_8859_1);
        if (peek() == '"') {
            position++;
            return plain;
        }
        StringBuilder builder = new StringBuilder(plain);
        while (!take('"')) {
            int next = peek();
            if (next < 0) {
                throw unexpected("'\"' at the end of a string");
            } else if (next == '\\') {
                escape(builder);
            } else if (next < ' ') {
                throw new JsonException(position, "control character " + next + " inside a string; expected it escaped as \\u00"
                        + (next < 16 ? "0" : "") + Integer.toHexString(next));
            } else {
                builder.appendCodePoint(codePoint());
            }
        }
        return builder.toString();
    }

    private void escape(StringBuilder builder) {
        int start = position++;
        int letter = peek();
        position++;
        switch (letter) {
            case '"', '\\', '/' -> builder.append((char) letter);
            case 'b' -> builder.append('\b');
            case 'f' -> builder.append('\f');
            case 'n' -> builder.append('\n');
            case 'r' -> builder.append('\r');
            case 't' -> builder.append('\t');
            case 'u' -> {
                char unit = hex4();
                builder.append(unit);
                if (Character.isHighSurrogate(unit) && take('\\') && take('u')) {
                    char low = hex4();
                    if (Character.isLowSurrogate(low)) {
                        builder.append(low);
                        return;
                    }
                }
                if (Character.isSurrogate(unit)) {
                    throw new JsonException(start, "half a surrogate pair; expected \\uD800 to \\uDBFF followed by \\uDC00 to \\uDFFF");
                }
            }
            default -> {
                position = start;
                throw new JsonException(start, "unknown escape; expected one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u");
            }
        }
    }

    private char hex4() {
        int value = 0;
        for (int i = 0; i < 4; i++) {
            int next = peek();
            // Character.digit would take full-width digits too, but a byte cannot be one.
            int digit = next < 0 || next > 127 ? -1 : Character.digit(next, 16);
            if (digit < 0) {
                throw unexpected("a hexadecimal digit of a \\u escape");
            }
            value = value << 4 | digit;
            position++;
        }
        return (char) value;
    }

    /** One character outside the quotes and escapes: a byte of ASCII, or a well-formed sequence of two to four. */
    private int codePoint() {
        int start = position;
        int first = peek();
        position++;
        if (first < 0x80) {
            return first;
        }
        int following = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : 1;
        int value = first & 0x3F >> following;
        boolean good = first >= 0xC2 && first <= 0xF4;
        for (int i = 0; good && i < following; i++) {
            int next = peek();
            good = next >= 0x80 && next <= 0xBF;
            value = value << 6 | next & 0x3F;
            position++;
        }
        int smallest = following == 1 ? 0x80 : following == 2 ? 0x800 : 0x10000;
        if (!good || value < smallest || value > Character.MAX_CODE_POINT || value >= 0xD800 && value <= 0xDFFF) {
            throw new JsonException(start, "the bytes from 0x" + Integer.toHexString(first) + " on are not UTF-8");
        }
        return value;
    }

    private void skipSpace() {
        while (peek() == ' ' || peek() == '\n' || peek() == '\r' || peek() == '\t') {
            position++;
        }
    }

    private boolean take(char expected) {
        if (peek() != expected) {
            return false;
        }
        position++;
        return true;
    }

    /** The byte at the position, 0 to 255, or -1 at the end. */
    private int peek() {
        return position < text.length ? text[position] & 0xFF : -1;
    }

    private JsonException unexpected(String expected) {
        int next = peek();
        String found;
        if (next < 0) {
            found = "the end of the text";
        } else if (next > ' ' && next < 127) {
            found = "'" + (char) next + "'";
        } else {
            found = "byte 0x" + Integer.toHexString(next);
        }
        return new JsonException(position, "found " + found + ", expected " + expected);
    }

    private static String shortened(String text) {
        return text.length() <= 80 ? text : text.substring(0, 80) + "...";
    }
}
