package dev.fedtiny.engine.io;

import java.util.Arrays;

/**
 * The element types that safetensors define; the constants are named as in the files. All can be listed, and a file may hold any of them
 * beside the tensors that are read; {@link SafetensorsFile} says which it reads as numbers.
 */
public enum DataType {
    /** Float of 4 bits. */
    F4(4),
    /** Float of 6 bits, 2 of exponent. */
    F6_E2M3(6),
    /** Float of 6 bits, 3 of exponent. */
    F6_E3M2(6),
    /** One byte, 0 or 1. */
    BOOL(8),
    /** Unsigned 8-bit. */
    U8(8),
    /** Signed 8-bit. */
    I8(8),
    /** Float of 8 bits, 5 of exponent. */
    F8_E5M2(8),
    /** Float of 8 bits, 4 of exponent. */
    F8_E4M3(8),
    /** A power of two in 8 bits. */
    F8_E8M0(8),
    /** Float of 8 bits, 4 of exponent, without negative zero. */
    F8_E4M3FNUZ(8),
    /** Float of 8 bits, 5 of exponent, without negative zero. */
    F8_E5M2FNUZ(8),
    /** Unsigned 16-bit. */
    U16(16),
    /** Signed 16-bit. */
    I16(16),
    /** IEEE binary16. */
    F16(16),
    /** The upper half of a binary32. */
    BF16(16),
    /** Unsigned 32-bit. */
    U32(32),
    /** Signed 32-bit. */
    I32(32),
    /** IEEE binary32. */
    F32(32),
    /** Complex number of two binary32. */
    C64(64),
    /** Unsigned 64-bit. */
    U64(64),
    /** Signed 64-bit. */
    I64(64),
    /** IEEE binary64. */
    F64(64),
    /** A type that came after this release, by {@link TensorEntry#typeName}; how large its elements are is not known. */
    OTHER(0);

    private final int bits;

    DataType(int bits) {
        this.bits = bits;
    }

    /** {@return bits of an element; 0 for {@link #OTHER}} */
    public int bits() {
        return bits;
    }

    /** {@return bytes of an element of whole bytes; 0 for {@link #OTHER} and for types that fill less than a byte} */
    public int bytes() {
        return bits / 8;
    }

    /** The type of a name. */
    static DataType ofKey(String key) {
        return Arrays.stream(values()).filter(type -> type != OTHER && type.name().equals(key)).findFirst().orElse(OTHER);
    }
}
