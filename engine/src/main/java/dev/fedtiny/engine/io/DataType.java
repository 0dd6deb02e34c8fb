package dev.fedtiny.engine.io;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/** The element types of safetensors that fill whole bytes; the constants are named as in the files. */
public enum DataType {
    /** One byte, 0 or 1. */
    BOOL(1),
    /** Unsigned 8-bit. */
    U8(1),
    /** Signed 8-bit. */
    I8(1),
    /** Float of 8 bits, 5 of exponent; can be listed, not read as numbers. */
    F8_E5M2(1),
    /** Float of 8 bits, 4 of exponent; can be listed, not read as numbers. */
    F8_E4M3(1),
    /** Unsigned 16-bit. */
    U16(2),
    /** Signed 16-bit. */
    I16(2),
    /** IEEE binary16. */
    F16(2),
    /** The upper half of a binary32. */
    BF16(2),
    /** Unsigned 32-bit; can be listed, not read as numbers. */
    U32(4),
    /** Signed 32-bit. */
    I32(4),
    /** IEEE binary32. */
    F32(4),
    /** Unsigned 64-bit; can be listed, not read as numbers. */
    U64(8),
    /** Signed 64-bit. */
    I64(8),
    /** IEEE binary64. */
    F64(8);

    private final int bytes;

    DataType(int bytes) {
        this.bytes = bytes;
    }

    /** Bytes of an element. */
    public int bytes() {
        return bytes;
    }

    /** The type of a name, or empty when there is none. */
    static Optional<DataType> ofKey(String key) {
        return Arrays.stream(values()).filter(type -> type.name().equals(key)).findFirst();
    }

    static String known() {
        return Arrays.stream(values()).map(DataType::name).collect(Collectors.joining(", "));
    }
}
