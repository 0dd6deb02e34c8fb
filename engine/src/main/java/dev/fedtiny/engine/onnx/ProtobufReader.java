package dev.fedtiny.engine.onnx;

import dev.fedtiny.engine.io.ByteSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * A cursor over the fields of one message in the wire format of protocol buffers (protobuf.dev, "Encoding"). Reads through one window of
 * 64 KiB, whatever the file's size; every length is checked against the message that it is in before anything is allocated for it, and
 * values that are active count against a budget ({@link #MOST_VALUES}), so that a file costs its reader a constant and the text in it.
 */
final class ProtobufReader {
    /** Messages, strings and numbers of lists that are kept; tensors' data are not among them. */
    static final int MOST_VALUES = 1 << 18;
    /** Messages inside each other. */
    static final int MOST_DEPTH = 32;
    /** Bytes of one name. */
    static final int MOST_TEXT = 1 << 16;

    private static final int WINDOW_BYTES = 1 << 16;
    private static final int LONGEST_VARINT = 10;

    private final Window window;
    private final String message;
    private final int depth;
    private final long end;
    private long at;
    private long fieldStart;
    private int field;
    private Wire wire;

    /** How a field's value is written. */
    enum Wire {
        /** A number of one to ten bytes, seven bits each, the lowest first. */
        VARINT("a varint"),
        /** Eight bytes. */
        FIXED64("eight bytes"),
        /** A length and as many bytes: a string, a message or a list of numbers. */
        BYTES("a length and bytes"),
        /** Four bytes. */
        FIXED32("four bytes");

        private final String text;

        Wire(String text) {
            this.text = text;
        }
    }

    /** What all cursors over one file share. */
    private static final class Window {
        private final ByteSource source;
        private final ByteBuffer bytes;
        private long start;
        private int values;

        private Window(ByteSource source) {
            this.source = source;
            this.bytes = ByteBuffer.allocate((int) Math.min(WINDOW_BYTES, source.size())).order(ByteOrder.LITTLE_ENDIAN).limit(0);
        }

        /** The index in the window of a range that is at most as long as it. */
        private int place(long from, int count) throws IOException {
            if (from < start || from + count > start + bytes.limit()) {
                bytes.clear().limit((int) Math.min(WINDOW_BYTES, source.size() - from));
                start = from;
                source.read(from, bytes);
                if (bytes.hasRemaining()) {
                    long end = from + bytes.position();
                    bytes.limit(0);
                    throw new OnnxException(source.name(), end, "the file ends here; it was cut while being read");
                }
            }
            return (int) (from - start);
        }
    }

    private ProtobufReader(Window window, String message, int depth, long begin, long end) {
        this.window = window;
        this.message = message;
        this.depth = depth;
        this.at = begin;
        this.end = end;
    }

    /** A cursor over the message that a whole source is. */
    static ProtobufReader of(ByteSource source, String message) {
        return new ProtobufReader(new Window(source), message, 1, 0, source.size());
    }

    /** A cursor over the same message, before its first field or wherever a range of it begins. */
    ProtobufReader over(long begin, long endOfRange) {
        return new ProtobufReader(window, message, depth, begin, endOfRange);
    }

    /**
     * Goes on to the next field; its value has to be read or skipped before the next call.
     *
     * @return false at the end of the message
     */
    boolean next() throws IOException {
        if (at == end) {
            return false;
        }
        fieldStart = at;
        long tag = rawVarint("the tag of a field");
        long number = tag >>> 3;
        if (number < 1 || number > 0x1FFF_FFFF) {
            throw failure(fieldStart, "field number " + Long.toUnsignedString(number) + ", expected 1 to 536870911; this is damaged or "
                    + "no protocol buffer");
        }
        field = (int) number;
        wire = switch ((int) (tag & 7)) {
            case 0 -> Wire.VARINT;
            case 1 -> Wire.FIXED64;
            case 2 -> Wire.BYTES;
            case 5 -> Wire.FIXED32;
            case 3, 4 -> throw failure(fieldStart, "field " + field + " is a group, which ONNX has none of");
            default -> throw failure(fieldStart, "field " + field + " has wire type " + (tag & 7) + ", which there is not");
        };
        return true;
    }

    /** Number of the field that {@link #next} has come to. */
    int field() {
        return field;
    }

    /** How its value is written. */
    Wire wire() {
        return wire;
    }

    /** Place of the next byte in the file. */
    long position() {
        return at;
    }

    /** Where the message ends in the file. */
    long end() {
        return end;
    }

    /** Passes over the value. */
    void skip() throws IOException {
        switch (wire) {
            case VARINT -> rawVarint("a number");
            case FIXED64 -> advance(Long.BYTES);
            case FIXED32 -> advance(Integer.BYTES);
            case BYTES -> {
                long length = length();
                at += length;
            }
        }
    }

    /** The value as a number of up to 64 bits, in two's complement. */
    long varint() throws IOException {
        expect(Wire.VARINT);
        return rawVarint("a number");
    }

    /** The value as a float. */
    float fixed32() throws IOException {
        expect(Wire.FIXED32);
        return window.bytes.getFloat(window.place(advance(Float.BYTES), Float.BYTES));
    }

    /** The value as text, which counts against the budget. */
    String text() throws IOException {
        expect(Wire.BYTES);
        long start = at;
        long length = length();
        if (length > MOST_TEXT) {
            throw failure(start, "field " + field + " is text of " + length + " bytes, at most " + MOST_TEXT + " are read");
        }
        count();
        ByteBuffer bytes = ByteBuffer.allocate((int) length);
        readFully(at, bytes);
        at += length;
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(bytes.flip()).toString();
        } catch (CharacterCodingException e) {
            throw failure(start, "field " + field + " is text that is not UTF-8");
        }
    }

    /** The value as a message of its own, which counts against the budget. */
    ProtobufReader message(String name) throws IOException {
        expect(Wire.BYTES);
        if (depth == MOST_DEPTH) {
            throw failure(fieldStart, "messages nest deeper than " + MOST_DEPTH + " levels");
        }
        count();
        long length = length();
        ProtobufReader inner = new ProtobufReader(window, name, depth + 1, at, at + length);
        at += length;
        return inner;
    }

    /** The value as a range of the file: its numbers one after the other without tags, when a list is packed. */
    ProtobufReader packed() throws IOException {
        expect(Wire.BYTES);
        long length = length();
        ProtobufReader numbers = over(at, at + length);
        numbers.field = field;
        at += length;
        return numbers;
    }

    /** The next number of a packed list. */
    long packedVarint() throws IOException {
        return rawVarint("a number of a list");
    }

    /** The next four bytes of a packed list. */
    int packed32() throws IOException {
        return window.bytes.getInt(window.place(advance(Integer.BYTES), Integer.BYTES));
    }

    /** The next two bytes of a packed list. */
    short packed16() throws IOException {
        return window.bytes.getShort(window.place(advance(Short.BYTES), Short.BYTES));
    }

    /** The next eight bytes of a packed list. */
    long packed64() throws IOException {
        return window.bytes.getLong(window.place(advance(Long.BYTES), Long.BYTES));
    }

    /** Counts one more value that is kept. */
    void count() throws OnnxException {
        if (++window.values > MOST_VALUES) {
            throw failure(fieldStart, "more than " + MOST_VALUES + " messages, names and numbers outside of tensors; no network has so "
                    + "many");
        }
    }

    /** What is wrong at a place of this message. */
    OnnxException failure(long place, String problem) {
        return new OnnxException(window.source.name(), place, message + ": " + problem);
    }

    /** What is wrong with the field that {@link #next} has come to. */
    OnnxException failure(String problem) {
        return failure(fieldStart, problem);
    }

    /** Refuses a value that is written otherwise. */
    void expect(Wire expected) throws OnnxException {
        if (wire != expected) {
            throw failure(fieldStart, "field " + field + " is written as " + wire.text + ", expected " + expected.text);
        }
    }

    private long length() throws IOException {
        long start = at;
        long length = rawVarint("a length");
        if (length < 0 || length > end - at) {
            throw failure(start, "field " + field + " has " + Long.toUnsignedString(length) + " bytes, but its message ends after "
                    + (end - at) + "; the file is cut short or damaged");
        }
        return length;
    }

    /** Passes over bytes and answers where they begin. */
    private long advance(int count) throws OnnxException {
        if (count > end - at) {
            throw failure(at, "field " + field + " has " + count + " bytes, but its message ends after " + (end - at)
                    + "; the file is cut short or damaged");
        }
        at += count;
        return at - count;
    }

    private long rawVarint(String what) throws IOException {
        long start = at;
        long value = 0;
        for (int i = 0; i < LONGEST_VARINT; i++) {
            if (at == end) {
                throw failure(start, "the message ends inside " + what + "; the file is cut short or damaged");
            }
            int next = window.bytes.get(window.place(at, 1)) & 0xFF;
            at++;
            if (i == LONGEST_VARINT - 1 && next > 1) {
                break;
            }
            value |= (long) (next & 0x7F) << 7 * i;
            if (next < 0x80) {
                return value;
            }
        }
        throw failure(start, what + " is longer than 64 bits");
    }

    private void readFully(long from, ByteBuffer to) throws IOException {
        window.source.read(from, to);
        if (to.hasRemaining()) {
            throw failure(from, "the file ends here; it was cut while being read");
        }
    }
}
