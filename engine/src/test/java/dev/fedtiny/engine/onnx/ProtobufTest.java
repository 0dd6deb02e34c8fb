package dev.fedtiny.engine.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.internal.protobuf.ProtobufWriter;
import dev.fedtiny.engine.io.ByteSource;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The wire format, by the examples of its documentation and by bytes that lie. */
class ProtobufTest {
    private static ProtobufReader reader(String hex) {
        return ProtobufReader.of(ByteSource.of(HexFormat.of().parseHex(hex.replace(" ", "")), "bytes"), "message");
    }

    private static byte[] bytes(ProtobufWriter writer) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        writer.write(out);
        assertEquals(writer.size(), out.size());
        return out.toByteArray();
    }

    private static void readAll(ProtobufReader fields) throws IOException {
        while (fields.next()) {
            fields.skip();
        }
    }

    /** From protobuf.dev, "Encoding": 150 as field 1, "testing" as field 2, a message in field 3, a packed list in field 6. */
    @Test
    void documentedExamples() throws IOException {
        ProtobufReader number = reader("08 96 01");
        assertTrue(number.next());
        assertEquals(1, number.field());
        assertEquals(150, number.varint());
        assertFalse(number.next());
        ProtobufReader text = reader("12 07 74 65 73 74 69 6e 67");
        assertTrue(text.next());
        assertEquals("testing", text.text());
        ProtobufReader outer = reader("1a 03 08 96 01");
        assertTrue(outer.next());
        ProtobufReader inner = outer.message("inner");
        assertTrue(inner.next());
        assertEquals(150, inner.varint());
        assertFalse(outer.next());
        ProtobufReader packed = reader("32 06 03 8e 02 9e a7 05");
        assertTrue(packed.next());
        ProtobufReader numbers = packed.packed();
        List<Long> values = new ArrayList<>();
        while (numbers.position() < numbers.end()) {
            values.add(numbers.packedVarint());
        }
        assertEquals(List.of(3L, 270L, 86942L), values);
        assertArrayEquals(HexFormat.of().parseHex("3206038e029ea705"), bytes(new ProtobufWriter().numbers(6, List.of(3, 270, 86942))));
        assertArrayEquals(HexFormat.of().parseHex("1a03089601"), bytes(new ProtobufWriter().message(3,
                new ProtobufWriter().number(1, 150))));
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 127, 128, 300, Integer.MAX_VALUE, Long.MAX_VALUE, -1, -2, Long.MIN_VALUE})
    void numbersReadBack(long value) throws IOException {
        ProtobufReader fields = ProtobufReader.of(ByteSource.of(bytes(new ProtobufWriter().number(5, value).real(6, -1.5f)), "b"), "m");
        assertTrue(fields.next());
        assertEquals(value, fields.varint());
        assertTrue(fields.next());
        assertEquals(-1.5f, fields.fixed32());
        assertFalse(fields.next());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"08 | 1 | inside a number", "88 | 0 | inside the tag", "08 80 80 | 1 | inside a number",
        "08 ff ff ff ff ff ff ff ff ff 7f | 1 | longer than 64 bits", "08 ff ff ff ff ff ff ff ff ff 02 | 1 | longer than 64 bits",
        "12 05 61 | 1 | has 5 bytes, but its message ends after 1", "12 ff ff ff ff ff ff ff ff ff 01 61 | 1 | 18446744073709551615 bytes",
        "12 ff ff ff ff 07 61 | 1 | has 2147483647 bytes", "0d 00 00 | 1 | has 4 bytes, but its message ends after 2",
        "09 00 00 | 1 | has 8 bytes", "00 01 | 0 | field number 0", "0b | 0 | is a group", "0c | 0 | is a group", "0e | 0 | wire type 6",
        "f8 ff ff ff ff 01 00 | 0 | field number 8589934591", "08 01 08 | 3 | inside a number"})
    void bytesThatLie(String hex, long place, String message) {
        OnnxException failure = assertThrows(OnnxException.class, () -> readAll(reader(hex)));
        assertTrue(failure.getMessage().contains(message), failure.getMessage());
        assertEquals(place, failure.byteOffset(), failure.getMessage());
    }

    @Test
    void wrongKindsOfFieldsAreNamed() {
        OnnxException text = assertThrows(OnnxException.class, () -> {
            ProtobufReader fields = reader("08 01");
            fields.next();
            fields.text();
        });
        assertEquals("bytes, byte 0: message: field 1 is written as a varint, expected a length and bytes", text.getMessage());
        OnnxException malformed = assertThrows(OnnxException.class, () -> {
            ProtobufReader fields = reader("0a 02 c3 28");
            fields.next();
            fields.text();
        });
        assertTrue(malformed.getMessage().contains("not UTF-8"), malformed.getMessage());
    }

    @Test
    void depthTextAndNumberOfValuesAreLimited() throws IOException {
        ProtobufWriter nested = new ProtobufWriter();
        for (int i = 0; i < 100; i++) {
            nested = new ProtobufWriter().message(1, nested);
        }
        byte[] deep = bytes(nested);
        assertThrows(OnnxException.class, () -> {
            ProtobufReader fields = ProtobufReader.of(ByteSource.of(deep, "deep"), "m");
            while (fields.next()) {
                fields = fields.message("m");
            }
        });
        byte[] longText = bytes(new ProtobufWriter().bytes(1, new byte[ProtobufReader.MOST_TEXT + 1]));
        assertThrows(OnnxException.class, () -> {
            ProtobufReader fields = ProtobufReader.of(ByteSource.of(longText, "long"), "m");
            fields.next();
            fields.text();
        });
        byte[] many = new byte[2 * (ProtobufReader.MOST_VALUES + 1)];
        for (int i = 0; i < many.length; i += 2) {
            many[i] = 0x0a;
        }
        assertThrows(OnnxException.class, () -> {
            ProtobufReader fields = ProtobufReader.of(ByteSource.of(many, "many"), "m");
            while (fields.next()) {
                fields.message("m");
            }
        });
    }

    /** A list that is longer than the window, and floats that are asked for late. */
    @Test
    void longFieldsReadBack() throws IOException {
        float[] values = new float[50_000];
        for (int i = 0; i < values.length; i++) {
            values[i] = i * 0.25f;
        }
        byte[] bytes = bytes(new ProtobufWriter().text(1, "x").floats(2, values.length, () -> values).number(3, 7));
        ProtobufReader fields = ProtobufReader.of(ByteSource.of(bytes, "b"), "m");
        fields.next();
        fields.skip();
        fields.next();
        ProtobufReader floats = fields.packed();
        for (float value : values) {
            assertEquals(value, Float.intBitsToFloat(floats.packed32()));
        }
        fields.next();
        assertEquals(7, fields.varint());
    }
}
