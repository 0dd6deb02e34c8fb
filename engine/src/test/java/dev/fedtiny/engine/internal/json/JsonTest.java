package dev.fedtiny.engine.internal.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.internal.json.JsonValue.JsonArray;
import dev.fedtiny.engine.internal.json.JsonValue.JsonNull;
import dev.fedtiny.engine.internal.json.JsonValue.JsonNumber;
import dev.fedtiny.engine.internal.json.JsonValue.JsonString;
import dev.fedtiny.engine.runtime.RandomStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {
    @ParameterizedTest
    @ValueSource(strings = {"{}", "[]", "0", "-0", "1", "-12", "1.5", "1e5", "1E+05", "-1.25e-10", "\"\"", "true", "false", "null",
            "[1,2,3]", "{\"a\":1,\"b\":[{},{\"c\":null}]}", "\"\u007f\"", "123456789012345678901234567890", "\"\u00e4\u20ac\ud83d\ude00\"",
            "{\"\":0}", "[[[[[]]]]]"})
    void readsAndWritesBackTheSameText(String text) {
        JsonValue value = JsonReader.parse(text);
        assertEquals(text.replace("\u007f", "\\u007f"), JsonWriter.compact(value));
        assertEquals(value, JsonReader.parse(JsonWriter.indented(value)));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
            "``|0", "` `|1", "`[`|1", "`[1`|2", "`[1,]`|3", "`[,1]`|1", "`[1 2]`|3", "`[1]]`|3", "`{`|1", "`{\"a\"`|4", "`{\"a\":`|5",
            "`{\"a\":1`|6", "`{\"a\":1,}`|7", "`{a:1}`|1", "`{'a':1}`|1", "`{\"a\" 1}`|5", "`{\"a\":1 \"b\":2}`|7", "`{\"a\":1,\"a\":2}`|7",
            "`{\"a\":1,\"\\u0061\":2}`|7", "`01`|0", "`-`|0", "`+1`|0", "`.5`|0", "`1.`|0", "`1e`|0", "`1e+`|0", "`0x10`|1",
            "`1.2.3`|0", "`--1`|0", "`NaN`|0", "`Infinity`|0", "`-Infinity`|0", "`tru`|3", "`True`|0", "`nulll`|4", "`\"`|1", "`\"a`|2",
            "`\"\\x\"`|1", "`\"\\`|1", "`\"\\u12\"`|5", "`\"\\u12G4\"`|5", "`\"\\ud800\"`|1", "`\"\\ud800\\n\"`|1",
            "`\"\\ud800\\ud800\"`|1", "`\"\\udc00\"`|1", "`1 1`|2",
            "`// a`|0", "`[1] // a`|4", "`\"a\tb\"`|2", "`}`|0", "`:`|0", "`\"\\U0041\"`|1", "`[1}`|2", "`{]`|1", "`[\"a\":1]`|4"})
    void refusesWhatIsNotJsonAndSaysWhere(String text, int byteOffset) {
        JsonException failure = assertThrows(JsonException.class, () -> JsonReader.parse(text));
        assertEquals(byteOffset, failure.byteOffset(), failure.getMessage());
    }

    /** Overlong forms, surrogates, beyond U+10FFFF, lone and missing continuation bytes, byte order mark, bare control bytes. */
    @ParameterizedTest
    @ValueSource(strings = {"22c080 22", "22c1bf22", "22e0808022", "22eda08022", "22edbfbf22", "22f08080 8022", "22f490808022",
            "22f880808022", "228022", "22c322", "22e28222", "22f09f9822", "22ff22", "22c3", "efbbbf7b7d",
            "220022", "221f22", "22ffff22", "5b0c5d", "5bc2a05d"})
    void refusesBytesThatAreNotUtf8(String hex) {
        byte[] bytes = HexFormat.of().parseHex(hex.replace(" ", ""));
        assertThrows(JsonException.class, () -> JsonReader.parse(bytes, JsonLimits.DEFAULT));
    }

    @Test
    void resolvesEscapes() {
        assertEquals(new JsonString("\"\\/\b\f\n\r\tA\u00e9\u20ac\ud83d\ude00"),
                JsonReader.parse("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\\u00E9\\u20ac\\uD83D\\uDE00\""));
        assertEquals("\"\\u0000\\u001f\\u2028\\\\\\\"\"", JsonWriter.compact(JsonValue.of("\0\u001f\u2028\\\"")));
        assertThrows(IllegalArgumentException.class, () -> JsonWriter.compact(JsonValue.of("a\ud800")));
        assertThrows(IllegalArgumentException.class, () -> JsonWriter.compact(JsonValue.of("\udc00a")));
    }

    @Test
    void holdsItsLimits() {
        JsonLimits limits = new JsonLimits(40, 3, 5);
        assertEquals("[[[]]]", JsonWriter.compact(parse("[[[]]]", limits)));
        assertEquals(3, assertThrows(JsonException.class, () -> parse("[[[[]]]]", limits)).byteOffset());
        assertEquals(3, assertThrows(JsonException.class, () -> parse("[[[{}]]]", limits)).byteOffset());
        assertEquals(9, assertThrows(JsonException.class, () -> parse("[1,1,1,1,1]", limits)).byteOffset());
        assertThrows(JsonException.class, () -> parse(" ".repeat(40) + "1", limits));
        assertEquals(64, assertThrows(JsonException.class, () -> JsonReader.parse("[".repeat(1_000_000))).byteOffset());
        assertThrows(JsonException.class, () -> JsonReader.parse("{\"a\":".repeat(1_000_000)));
        assertThrows(IllegalArgumentException.class, () -> new JsonLimits(0, 1, 1));
    }

    private static JsonValue parse(String text, JsonLimits limits) {
        return JsonReader.parse(text.getBytes(StandardCharsets.UTF_8), limits);
    }

    @Test
    void numbersKeepTheirTextAndDoublesTheirBits() {
        RandomStream random = RandomStream.of(1, "json");
        for (int i = 0; i < 10_000; i++) {
            double value = Double.longBitsToDouble(random.nextLong());
            if (Double.isFinite(value)) {
                JsonNumber read = (JsonNumber) JsonReader.parse(JsonWriter.compact(JsonValue.of(value)));
                assertEquals(Double.doubleToRawLongBits(value), Double.doubleToRawLongBits(read.toDouble()));
            } else {
                assertThrows(IllegalArgumentException.class, () -> JsonValue.of(value));
                assertEquals(JsonNull.NULL, JsonValue.ofNullable(value));
            }
        }
        assertEquals("0.1", JsonWriter.compact(JsonValue.of(0.1)));
        assertEquals("1.00", JsonWriter.compact(JsonReader.parse("1.00")));
        assertEquals(Long.MIN_VALUE, new JsonNumber("-9223372036854775808").toLong().getAsLong());
        assertTrue(new JsonNumber("9223372036854775808").toLong().isEmpty());
        assertTrue(new JsonNumber("1.0").toLong().isEmpty());
        assertThrows(IllegalArgumentException.class, () -> new JsonNumber("1 "));
        assertThrows(IllegalArgumentException.class, () -> new JsonNumber(""));
    }

    @Test
    void objectsKeepOrderAndAnswerByKind() {
        JsonObject object = JsonObject.builder().put("z", 1).put("a", "text").put("m", 0.5).put("b", true)
                .put("list", JsonArray.ofStrings(List.of("x", "y"))).put("inner", JsonObject.ofStrings(Map.of("k", "v")))
                .put("none", JsonNull.NULL).build();
        assertEquals("{\"z\":1,\"a\":\"text\",\"m\":0.5,\"b\":true,\"list\":[\"x\",\"y\"],\"inner\":{\"k\":\"v\"},\"none\":null}",
                object.toString());
        assertEquals("""
                {
                  "z": 1,
                  "a": "text",
                  "m": 0.5,
                  "b": true,
                  "list": ["x", "y"],
                  "inner": {
                    "k": "v"
                  },
                  "none": null
                }""", JsonWriter.indented(object));
        JsonObject read = (JsonObject) JsonReader.parse("  " + object);
        assertEquals(object, read);
        assertEquals(object.hashCode(), read.hashCode());
        assertEquals(2, read.byteOffset());
        assertEquals(1, read.integer("z"));
        assertEquals("text", read.string("a"));
        assertEquals(0.5, read.number("m"));
        assertTrue(read.bool("b"));
        assertEquals(2, read.array("list").size());
        assertEquals("v", read.object("inner").string("k"));
        assertFalse(read.find("missing").isPresent());
        assertTrue(assertThrows(JsonException.class, () -> read.get("missing")).getMessage().contains("no member 'missing'"));
        assertTrue(assertThrows(JsonException.class, () -> read.string("z")).getMessage().contains("'z' is 1, expected a string"));
        assertTrue(assertThrows(JsonException.class, () -> read.integer("m")).getMessage().contains("0.5"));
        assertThrows(IllegalArgumentException.class, () -> JsonObject.builder().put("a", 1).put("a", 2));
        assertThrows(UnsupportedOperationException.class, () -> read.members().clear());
    }

    @Test
    void survivesRandomBytes() {
        String good = "{\"a\":[1,-2.5e3,true,null,\"\\u00e9\u00e9\"],\"b\":{\"c\":\"x\"}}";
        byte[] original = good.getBytes(StandardCharsets.UTF_8);
        RandomStream random = RandomStream.of(2, "json");
        for (int i = 0; i < 20_000; i++) {
            byte[] changed = original.clone();
            for (int flips = random.nextInt(3); flips >= 0; flips--) {
                changed[random.nextInt(changed.length)] = (byte) random.nextInt(256);
            }
            try {
                JsonValue value = JsonReader.parse(changed, JsonLimits.DEFAULT);
                assertEquals(value, JsonReader.parse(JsonWriter.compact(value)));
            } catch (JsonException e) {
                assertTrue(e.byteOffset() >= 0 && e.byteOffset() <= changed.length, e.getMessage());
            }
        }
    }
}
